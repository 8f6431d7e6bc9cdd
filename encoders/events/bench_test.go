package events

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"testing"

	"ganglion/encoders/filter"
	"ganglion/internal/shareddata"
	"ganglion/pipeline"
)

// camera makes windows of 1 ms of uniformly spread events, the worst case for
// sorting. On a grid all events of a window have its start as their time.
func camera(width, height, perWindow int, grid bool) []pipeline.Batch {
	rng := rand.New(rand.NewPCG(1, 2))
	batches := make([]pipeline.Batch, 64)
	for i := range batches {
		b := &batches[i]
		b.Window = pipeline.Window{Start: int64(i) * 1000, End: int64(i+1) * 1000}
		for j := range perWindow {
			t := b.Start
			if !grid {
				t += int64(j * 1000 / perWindow)
			}
			b.Events = append(b.Events, pipeline.Event{
				T: t, X: uint16(rng.IntN(width)), Y: uint16(rng.IntN(height)), P: uint8(rng.IntN(2)),
			})
		}
	}
	return batches
}

// recording cuts a real recording, in the form that other decoders left as a
// NumPy array of 16-byte records, into windows of 1 ms.
func recording(b *testing.B, name string) []pipeline.Batch {
	data, err := os.ReadFile(shareddata.Path(b, "events", name))
	if err != nil {
		b.Fatal(err)
	}
	data = data[10+int(binary.LittleEndian.Uint16(data[8:])):]
	var batches []pipeline.Batch
	for ; len(data) >= 16; data = data[16:] {
		e := pipeline.Event{
			T: int64(binary.LittleEndian.Uint64(data)),
			X: binary.LittleEndian.Uint16(data[8:]), Y: binary.LittleEndian.Uint16(data[10:]), P: data[12],
		}
		if n := len(batches); n == 0 || !batches[n-1].Contains(e.T) {
			start := e.T - e.T%1000
			batches = append(batches, pipeline.Batch{Window: pipeline.Window{Start: start, End: start + 1000}})
		}
		last := &batches[len(batches)-1]
		last.Events = append(last.Events, e)
	}
	return batches
}

func BenchmarkEncode(b *testing.B) {
	exact := Config{Polarity: "split", Downsample: 1}
	coarse := Config{Polarity: "merge", Downsample: 4}
	stcf := Config{Polarity: "split", Downsample: 1, Filters: []filter.Config{{Type: "stcf"}}}
	real := func(b *testing.B) []pipeline.Batch { return recording(b, "evt3/dense.npy") }
	random := func(perWindow int, grid bool) func(*testing.B) []pipeline.Batch {
		return func(*testing.B) []pipeline.Batch { return camera(1280, 720, perWindow, grid) }
	}
	for _, bench := range []struct {
		name   string
		input  func(*testing.B) []pipeline.Batch
		config Config
	}{
		{"recording, exact times", real, exact},
		{"recording, merged by 4", real, coarse},
		{"recording, stcf", real, stcf},
		{"random 500 a ms, exact times", random(500, false), exact},
		{"random 500 a ms, 1 ms grid", random(500, true), exact},
		{"random 5000 a ms, 1 ms grid", random(5000, true), exact},
	} {
		b.Run(bench.name, func(b *testing.B) {
			e, err := New(bench.config, pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 1280, Height: 720})
			if err != nil {
				b.Fatal(err)
			}
			batches := bench.input(b)
			var out pipeline.Spikes
			i, events := 0, 0
			for b.Loop() {
				batch := &batches[i%len(batches)]
				out.Reset()
				if _, err := e.Encode(batch, &out); err != nil {
					b.Fatal(err)
				}
				i, events = i+1, events+len(batch.Events)
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
