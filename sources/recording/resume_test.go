package recording

import (
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAResumedRecordingGoesOnWithTheBatchesThatWereLeft(t *testing.T) {
	t.Parallel()
	events := formattest.Events(20_000)
	events[3000].T += 500 // those after it run backwards, and take its time
	events[500].X = 60_000
	path := write(t, "a.csv", formattest.Info, events)
	c := config(path)
	c.Width, c.Height = formattest.Info.Width, formattest.Info.Height
	whole := open(t, c)
	all := play(t, whole)
	if len(all) < 5 || len(whole.Damage()) == 0 {
		t.Fatalf("%d batches, damage %v: too few to show anything", len(all), whole.Damage())
	}
	stride := 1
	if testing.Short() {
		stride = 8
	}
	for i := 0; i < len(all); i += stride {
		b := all[i]
		s := open(t, c)
		if err := s.Resume(t.Context(), b.End); err != nil {
			t.Fatal(err)
		}
		rest := play(t, s)
		if diff := cmp.Diff(all[i+1:], rest, cmpopts.IgnoreFields(pipeline.Batch{}, "Seq"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("after %d µs: %s", b.End, diff)
		}
		if diff := cmp.Diff(whole.Damage(), s.Damage()); diff != "" {
			t.Errorf("after %d µs: damage: %s", b.End, diff)
		}
	}
}

func TestNoBatchStartsBeforeTheTimeOfResuming(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", format.Info{Width: 64, Height: 64}, []pipeline.Event{{T: 10_500}, {T: 12_000}, {T: 12_001}, {T: 20_000}})
	s := open(t, config(path))
	if err := s.Resume(t.Context(), 12_001); err != nil {
		t.Fatal(err)
	}
	want := []pipeline.Batch{
		{Window: pipeline.Window{Start: 12_001, End: 20_000}, Events: []pipeline.Event{{T: 12_001}}},
		{Seq: 1, Window: pipeline.Window{Start: 20_000, End: 30_000}, Events: []pipeline.Event{{T: 20_000}}},
	}
	if diff := cmp.Diff(want, play(t, s)); diff != "" {
		t.Error(diff)
	}
}
