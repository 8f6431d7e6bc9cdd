package recording

import (
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

func TestEventsOutsideTheSensorCanBeMovedToItsEdge(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", format.Info{Width: 64, Height: 64}, []pipeline.Event{
		{T: 1, X: 63, Y: 63}, {T: 2, X: 64}, {T: 3, Y: 64}, {T: 4, X: 70, Y: 70},
	})
	c := config(path)
	c.Outliers = clampOutliers
	s := open(t, c)
	got := play(t, s)
	want := []pipeline.Event{{T: 1, X: 63, Y: 63}, {T: 2, X: 63}, {T: 3, Y: 63}, {T: 4, X: 63, Y: 63}}
	if diff := cmp.Diff(want, got[0].Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]uint64{"out_of_range_x": 2, "out_of_range_y": 2}, formattest.DamageCounts(s.Damage())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTimeCanCountFromTheFirstEvent(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", format.Info{Width: 64, Height: 64}, []pipeline.Event{{T: 10_500, X: 1}, {T: 10_400, X: 2}, {T: 21_000, X: 3}})
	c := config(path)
	c.FromZero, c.Start = true, time.Millisecond
	got := play(t, open(t, c))
	want := []pipeline.Batch{{Window: pipeline.Window{Start: 10_000, End: 20_000}, Events: []pipeline.Event{{T: 10_500, X: 3}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	c.Start = 0
	got = play(t, open(t, c))
	if diff := cmp.Diff([]pipeline.Event{{T: 0, X: 1}, {T: 0, X: 2}}, got[0].Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
