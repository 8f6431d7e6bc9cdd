package pipeline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

func TestShapeSizeIsTheProductOfItsAxes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		shape pipeline.Shape
		want  int
	}{{pipeline.Shape{2, 3, 4}, 24}, {pipeline.Shape{7}, 7}, {pipeline.Shape{5, 0}, 0}, {nil, 1}} {
		if got := c.shape.Size(); got != c.want {
			t.Errorf("%v: %d, want %d", c.shape, got, c.want)
		}
	}
}

func TestSpikesOfOneTimeShareARun(t *testing.T) {
	t.Parallel()
	var s pipeline.Spikes
	s.Append(10, 1)
	s.Append(10, 1)
	s.Append(10, 5)
	s.Append(12, 0)
	want := pipeline.Spikes{T: []int64{10, 12}, Offsets: []uint32{0, 3, 4}, IDs: []uint32{1, 1, 5, 0}}
	if d := cmp.Diff(want, s); d != "" {
		t.Error(d)
	}
	if s.Len() != 4 || s.Runs() != 2 {
		t.Errorf("%d spikes in %d runs", s.Len(), s.Runs())
	}
	if d := cmp.Diff([]uint32{1, 1, 5}, s.Run(0)); d != "" {
		t.Error(d)
	}
	if err := s.Check(6); err != nil {
		t.Error(err)
	}
}

func TestGradedSpikesKeepAValueEach(t *testing.T) {
	t.Parallel()
	var s pipeline.Spikes
	s.AppendGraded(1, 2, .5)
	s.AppendGraded(3, 0, 2)
	if d := cmp.Diff([]float32{.5, 2}, s.Values); d != "" {
		t.Error(d)
	}
	if err := s.Check(3); err != nil {
		t.Error(err)
	}
}

func TestAResetTrainIsEmptyAndReusesItsMemory(t *testing.T) {
	var s pipeline.Spikes
	fill := func() {
		s.Reset()
		for i := range uint32(100) {
			s.AppendGraded(int64(i/3), i%3, 1)
		}
	}
	fill()
	if n := testing.AllocsPerRun(10, fill); n != 0 {
		t.Errorf("%v allocations", n)
	}
	s.Reset()
	if err := s.Check(1); s.Len() != 0 || s.Runs() != 0 || err != nil {
		t.Errorf("after Reset: %+v, %v", s, err)
	}
}

func TestCheckNamesTheFirstBreachOfTheOrder(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]pipeline.Spikes{
		"1 ids without a run":               {IDs: []uint32{1}},
		"offsets do not span":               {T: []int64{1}, Offsets: []uint32{0}, IDs: []uint32{1}},
		"1 values for 2 ids":                {T: []int64{1}, Offsets: []uint32{0, 2}, IDs: []uint32{1, 2}, Values: []float32{1}},
		"run 1 at 5 µs does not follow 5":   {T: []int64{5, 5}, Offsets: []uint32{0, 1, 2}, IDs: []uint32{1, 2}},
		"run 1 at 4 µs does not follow 5":   {T: []int64{5, 4}, Offsets: []uint32{0, 1, 2}, IDs: []uint32{1, 2}},
		"run 1 at 6 µs is empty":            {T: []int64{5, 6, 7}, Offsets: []uint32{0, 1, 1, 2}, IDs: []uint32{1, 2}},
		"id 9 at 1 µs is outside a layer":   {T: []int64{1}, Offsets: []uint32{0, 1}, IDs: []uint32{9}},
		"id 1 at 1 µs follows 2":            {T: []int64{1}, Offsets: []uint32{0, 2}, IDs: []uint32{2, 1}},
		"run 0 at 5 µs is empty":            {T: []int64{5, 6}, Offsets: []uint32{0, 0, 2}, IDs: []uint32{1, 2}},
		"offsets do not span 1 runs of 3 ":  {T: []int64{5}, Offsets: []uint32{1, 3}, IDs: []uint32{1, 2, 3}},
		"offsets do not span 2 runs of 1 i": {T: []int64{5, 6}, Offsets: []uint32{0, 1, 2}, IDs: []uint32{1}},
	} {
		if err := s.Check(9); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestAWindowIsHalfOpen(t *testing.T) {
	t.Parallel()
	w := pipeline.Window{Start: 10, End: 20}
	for at, want := range map[int64]bool{9: false, 10: true, 19: true, 20: false} {
		if w.Contains(at) != want {
			t.Errorf("%d: %v", at, !want)
		}
	}
}

func TestAResetBatchIsEmptyAndKeepsItsMemory(t *testing.T) {
	t.Parallel()
	b := pipeline.Batch{
		Seq: 3, Window: pipeline.Window{Start: 1, End: 2}, FrameIndex: 7,
		Events: make([]pipeline.Event, 5), PCM: make([]float32, 5),
	}
	b.Reset()
	if b.Seq != 0 || b.Window != (pipeline.Window{}) || b.FrameIndex != 0 || len(b.Events)+len(b.PCM) != 0 {
		t.Errorf("after Reset: %+v", b)
	}
	if cap(b.Events) != 5 || cap(b.PCM) != 5 {
		t.Error("the memory is gone")
	}
}
