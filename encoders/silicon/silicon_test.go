package silicon

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
)

var chip = pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 128, Height: 4}

func TestAnAddressBecomesItsNeuron(t *testing.T) {
	t.Parallel()
	e, err := New(Config{Mask: []int{5}}, chip)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pipeline.Shape{8, 2, 64}, e.Shape()); diff != "" {
		t.Error(diff)
	}
	b := pipeline.Batch{Window: pipeline.Window{Start: 100, End: 200}, Events: []pipeline.Event{
		{T: 110, X: 2*63 + 1, Y: 3, P: 0}, // channel 63: band 0, right ear, cell 3
		{T: 110, X: 0, Y: 0, P: 0},        // channel 0: band 63, left ear, cell 0
		{T: 105, X: 2 * 62, Y: 1, P: 1},   // late; band 1, left ear, cell 1 of the second filters
		{T: 120, X: 2 * 5, Y: 0},          // masked
	}}
	var s pipeline.Spikes
	filtered, err := e.Encode(&b, &s)
	if err != nil || filtered != 1 {
		t.Error(filtered, err)
	}
	if diff := cmp.Diff(map[int64][]uint32{110: {63, (3*2 + 1) * 64, (5 * 2 * 64) + 1}}, runs(&s)); diff != "" {
		t.Error(diff)
	}
}

func runs(s *pipeline.Spikes) map[int64][]uint32 {
	all := map[int64][]uint32{}
	for i, t := range s.T {
		all[t] = s.Run(i)
	}
	return all
}

// stream is events of all channels, ears, cells and filters.
func stream(n int) []pipeline.Event {
	all := make([]pipeline.Event, n)
	for i := range all {
		all[i] = pipeline.Event{T: int64(i) * 37 / 3, X: uint16(i * 29 % 128), Y: uint16(i % 4), P: uint8(i / 64 % 2)}
	}
	return all
}

func TestTheEncoderKeepsItsContract(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
	pipelinetest.Encoder(t, pipelinetest.EncoderCase{
		New:    func() (pipeline.Encoder, error) { return New(Config{Mask: []int{7}}, chip) },
		Window: pipeline.Window{End: 40_000}, Events: stream(3000),
	})
}

func TestWhatIsNoCochleaIsRefused(t *testing.T) {
	t.Parallel()
	for _, info := range []pipeline.StreamInfo{{Modality: pipeline.AudioStream}, {Modality: pipeline.EventStream},
		{Modality: pipeline.EventStream, Width: 127, Height: 4}} {
		if _, err := New(Config{}, info); err == nil {
			t.Errorf("%+v is accepted", info)
		}
	}
	if _, err := New(Config{Mask: []int{64}}, chip); err == nil {
		t.Error("channel 64 of 64 is masked")
	}
	e, err := New(Config{}, chip)
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range []pipeline.Event{{X: 128}, {Y: 8}, {T: 10}} {
		if _, err := e.Encode(&pipeline.Batch{Window: pipeline.Window{End: 10}, Events: []pipeline.Event{ev}}, new(pipeline.Spikes)); err == nil {
			t.Errorf("%+v is accepted", ev)
		}
	}
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	e, err := New(Config{}, chip)
	if err != nil {
		t.Fatal(err)
	}
	b := pipeline.Batch{Window: pipeline.Window{End: 40_000}, Events: stream(3000)}
	var s pipeline.Spikes
	encode := func() {
		s.Reset()
		if _, err := e.Encode(&b, &s); err != nil {
			t.Fatal(err)
		}
		e.begun = false
	}
	encode()
	if n := testing.AllocsPerRun(10, encode); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
