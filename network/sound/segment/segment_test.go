package segment_test

import (
	"math"
	"testing"
	"time"

	"ganglion/network/sound/segment"
	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
)

var layers = []pipeline.Layer{{Name: "input", Shape: pipeline.Shape{8}}, {Name: "out", Shape: pipeline.Shape{8}}}

// bursts is an activity with a spike every period µs within each of the
// stretches, in the last layer, and a lone one every 50 ms.
func bursts(period int64, stretches ...pipeline.Window) pipeline.Activity {
	a := pipeline.Activity{Window: pipeline.Window{End: 2_000_000}, Input: &pipeline.Spikes{}, Layers: make([]pipeline.LayerActivity, 2)}
	s := &a.Layers[1].Spikes
	for t := int64(0); t < a.End; t++ {
		in := t%50_000 == 0
		for _, w := range stretches {
			in = in || w.Contains(t) && (t-w.Start)%period == 0
		}
		if in {
			s.Append(t, uint32(t%8))
			a.Input.Append(t, 0)
		}
	}
	return a
}

func config() segment.Config {
	c := segment.NewDefaultConfig()
	c.Label, c.On, c.Off, c.Tau = "vowel", 800, 400, 10*time.Millisecond
	return c
}

func find(t *testing.T, c segment.Config, a pipeline.Activity) []pipeline.Detection {
	t.Helper()
	r, err := segment.New(c, layers)
	if err != nil {
		t.Fatal(err)
	}
	return r.Flush(r.Read(&a, nil))
}

// TestSegmentsBeginAndEndWhereTheEquationSays: at 2,000 spikes/s the rate
// rises as 2000(1-exp(-t/tau)) and falls as 2000 exp(-t/tau).
func TestSegmentsBeginAndEndWhereTheEquationSays(t *testing.T) {
	t.Parallel()
	got := find(t, config(), bursts(500, pipeline.Window{Start: 301_000, End: 501_000}, pipeline.Window{Start: 1_210_000, End: 1_530_000}))
	if len(got) != 2 {
		t.Fatalf("%d segments, want 2: %+v", len(got), got)
	}
	for i, w := range []pipeline.Window{{Start: 301_000, End: 501_000}, {Start: 1_210_000, End: 1_530_000}} {
		start := w.Start + int64(-10_000*math.Log(1-800.0/2000))
		end := w.End + int64(10_000*math.Log(2000.0/400))
		d := got[i]
		if d.Kind != pipeline.Segment || d.Label != "vowel" || d.T != d.TEnd+50_000 {
			t.Errorf("%+v", d)
		}
		if max(start-d.TStart, d.TStart-start) > 1500 || max(end-d.TEnd, d.TEnd-end) > 1500 { // a spike lifts the rate by 100/s
			t.Errorf("from %d to %d µs, want %d to %d", d.TStart, d.TEnd, start, end)
		}
		if d.Score < .55 || d.Score > .65 { // 1 - 800/2000, and the spikes' ripple
			t.Errorf("score %g", d.Score)
		}
	}
}

func TestShortGapsAreBridgedAndShortSegmentsLeftOut(t *testing.T) {
	t.Parallel()
	gap := bursts(500, pipeline.Window{Start: 301_000, End: 401_000}, pipeline.Window{Start: 451_000, End: 601_000})
	if got := find(t, config(), gap); len(got) != 1 {
		t.Errorf("%d segments, want one that bridges the gap of 50 ms", len(got))
	}
	c := config()
	c.Hangover = 0
	if got := find(t, c, gap); len(got) != 2 {
		t.Errorf("%d segments without a hangover, want 2", len(got))
	}
	c.Shortest = 130 * time.Millisecond
	if got := find(t, c, gap); len(got) != 1 || got[0].TStart < 451_000 {
		t.Errorf("%+v, want only the long segment", got)
	}
}

func TestTheReadoutKeepsItsContract(t *testing.T) {
	t.Parallel()
	pipelinetest.Readout(t, pipelinetest.ReadoutCase{
		New:      func() (pipeline.Readout, error) { return segment.New(config(), layers) },
		Activity: bursts(500, pipeline.Window{Start: 301_000, End: 501_000}, pipeline.Window{Start: 1_950_000, End: 2_000_000}),
	})
}

func TestWrongUseIsNamed(t *testing.T) {
	t.Parallel()
	c := config()
	c.Layer = "absent"
	if _, err := segment.New(c, layers); err == nil || err.Error() != `layer: the network has no layer "absent"` {
		t.Error(err)
	}
	if c.Off = c.On + 1; c.Validate() == nil {
		t.Error("off above on is accepted")
	}
	if err := segment.Component().Check(); err != nil {
		t.Error(err)
	}
	r, err := segment.New(config(), layers)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := r.AppendState(nil)
	for i := range b {
		if r.RestoreState(b[:i]) == nil {
			t.Errorf("%d of %d bytes are accepted", i, len(b))
		}
	}
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	r, err := segment.New(config(), layers)
	if err != nil {
		t.Fatal(err)
	}
	a := bursts(500, pipeline.Window{Start: 301_000, End: 501_000})
	s := &a.Layers[1].Spikes
	var found []pipeline.Detection
	read := func() {
		found = r.Read(&a, found[:0])
		for i := range s.T {
			s.T[i] += a.End
		}
		a.Start, a.End = a.End, 2*a.End-a.Start
	}
	read()
	if n := testing.AllocsPerRun(5, read); n != 0 || len(found) != 1 {
		t.Errorf("%v allocations, %d segments", n, len(found))
	}
}
