package runner

import (
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"ganglion/pipeline"
)

// cuts is a source that cuts events wherever it likes.
type cuts struct{ batches []pipeline.Batch }

func (c *cuts) Open(context.Context) (pipeline.StreamInfo, error) { return pipeline.StreamInfo{}, nil }
func (c *cuts) Close() error                                      { return nil }
func (c *cuts) Read(_ context.Context, b *pipeline.Batch) error {
	if len(c.batches) == 0 {
		return io.EOF
	}
	next := c.batches[0]
	c.batches = c.batches[1:]
	b.Window, b.FrameIndex = next.Window, next.FrameIndex
	b.Events, b.PCM = append(b.Events, next.Events...), append(b.PCM, next.PCM...)
	b.Gyro = append(b.Gyro, next.Gyro...)
	return nil
}

// ragged makes windows that end anywhere, some far apart, each with events.
func ragged(r *rand.Rand, n int) (batches []pipeline.Batch, events []pipeline.Event) {
	at := r.Int64N(5000)
	for range n {
		if r.IntN(5) == 0 {
			at += r.Int64N(9000)
		}
		w := pipeline.Window{Start: at, End: at + 1 + r.Int64N(4000)}
		b := pipeline.Batch{Window: w}
		for t := w.Start; t < w.End; t += 1 + r.Int64N(900) {
			b.Events = append(b.Events, pipeline.Event{T: t, X: uint16(len(events))})
			events = append(events, b.Events[len(b.Events)-1])
			b.Gyro = append(b.Gyro, pipeline.AngularRate{T: int64(len(events)), At: t})
		}
		batches, at = append(batches, b), w.End
	}
	return batches, events
}

func TestWindowsAreCutAtMultiplesOfTheStepAndLoseNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		batches, want := ragged(r, 1+r.IntN(40))
		f := &fitter{source: &cuts{batches}, step: 1000}
		var got []pipeline.Event
		end, turn := int64(-1), int64(0)
		for {
			var b pipeline.Batch
			if err := f.read(t.Context(), &b); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if b.Start%1000 != 0 || b.End%1000 != 0 || b.Start >= b.End || b.Start < end {
				t.Fatalf("window %v after %d", b.Window, end)
			}
			for _, g := range b.Gyro {
				if turn++; g.T != turn || !b.Contains(g.At) {
					t.Fatalf("sample %d of the gyroscope, at %d, in %v after sample %d", g.T, g.At, b.Window, turn-1)
				}
			}
			for _, e := range b.Events {
				if !b.Contains(e.T) {
					t.Fatalf("an event at %d in %v", e.T, b.Window)
				}
			}
			got, end = append(got, b.Events...), b.End
		}
		if !slices.Equal(got, want) || turn != int64(len(want)) {
			t.Fatalf("%d events of %d, or in another order", len(got), len(want))
		}
	}
}

func TestSoundIsCutWithItsWindows(t *testing.T) {
	t.Parallel()
	const rate = 16000
	info := pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: rate, Channels: 2}
	var batches []pipeline.Batch
	frame := int64(0)
	for start := int64(0); start < 50_000; start += 2500 {
		b := pipeline.Batch{Window: pipeline.Window{Start: start, End: start + 2500}, FrameIndex: frame}
		for ; frame < info.FrameAt(b.End); frame++ {
			b.PCM = append(b.PCM, float32(frame), -float32(frame))
		}
		batches = append(batches, b)
	}
	f := &fitter{source: &cuts{batches}, info: info, step: 1000}
	next := int64(0)
	for {
		var b pipeline.Batch
		if err := f.read(t.Context(), &b); err == io.EOF {
			break
		}
		if b.Start%1000 != 0 || b.End%1000 != 0 || b.FrameIndex != next || b.FrameIndex != info.FrameAt(b.Start) {
			t.Fatalf("window %v begins with frame %d, want %d", b.Window, b.FrameIndex, next)
		}
		for i := 0; i < len(b.PCM); i += 2 {
			if b.PCM[i] != float32(next) {
				t.Fatalf("frame %v where %d belongs", b.PCM[i], next)
			}
			next++
		}
	}
	if next != frame {
		t.Errorf("%d frames of %d", next, frame)
	}
}

func TestWindowsThatFitAreHandedOnAsTheyAre(t *testing.T) {
	batches := []pipeline.Batch{{Window: pipeline.Window{Start: 0, End: 10_000}}, {Window: pipeline.Window{Start: 30_000, End: 40_000}}}
	for i := range batches {
		for j := range int64(100) {
			batches[i].Events = append(batches[i].Events, pipeline.Event{T: batches[i].Start + 100*j})
		}
	}
	source := &cuts{slices.Repeat(batches, 1)}
	f := &fitter{source: source, step: 1000}
	var b pipeline.Batch
	for i := range batches {
		b.Reset()
		if err := f.read(t.Context(), &b); err != nil || b.Window != batches[i].Window || len(b.Events) != 100 {
			t.Fatalf("%v, %d events, %v", b.Window, len(b.Events), err)
		}
	}
	again := []pipeline.Batch{{}}
	at := int64(40_000)
	if n := testing.AllocsPerRun(20, func() {
		again[0] = batches[0]
		again[0].Window = pipeline.Window{Start: at, End: at + 10_000}
		at += 10_000
		source.batches = again
		b.Reset()
		if err := f.read(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a window", n)
	}
}

// stepped is a network of a step.
type stepped struct{ pipeline.Network }

func (stepped) WindowStep() int64 { return 1000 }

func TestAStepIsThatOfTheNetwork(t *testing.T) {
	t.Parallel()
	f := newFitter(&cuts{[]pipeline.Batch{{Window: pipeline.Window{Start: 0, End: 2500}}}}, pipeline.StreamInfo{}, stepped{})
	var b pipeline.Batch
	if err := f.read(t.Context(), &b); err != nil || b.End != 2000 {
		t.Errorf("%v, %v: the window does not end with a step", b.Window, err)
	}
}

// TestCutWindowsReuseTheirMemory: windows that end within a step leave a rest,
// which must not eat away what they are read into.
func TestCutWindowsReuseTheirMemory(t *testing.T) {
	one := []pipeline.Batch{{Window: pipeline.Window{Start: 0, End: 2500}, Events: make([]pipeline.Event, 100), PCM: make([]float32, 40)}}
	source := &cuts{}
	f := &fitter{source: source, info: pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: 16000, Channels: 1}, step: 1000}
	var b pipeline.Batch
	window := func() {
		for i := range one[0].Events {
			one[0].Events[i].T = one[0].Start + int64(25*i)
		}
		source.batches = one[:1]
		b.Reset()
		if err := f.read(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		one[0].Start, one[0].End, one[0].FrameIndex = one[0].End, one[0].End+2500, one[0].FrameIndex+40
	}
	for range 10 {
		window()
	}
	if n := testing.AllocsPerRun(1000, window); n != 0 {
		t.Errorf("%v allocations a window", n)
	}
}
