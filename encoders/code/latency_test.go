package code

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// A value fires at (1-x)·10 ms, or at 2 ms·ln(x/(x-floor)), above the floor only.
func TestAValueAtTheFloorIsSilent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind string
		x    float32
		want []int64
	}{
		{"latency", 0, nil}, {"latency", .25, nil}, {"latency", math.Nextafter32(.25, 1), []int64{7499}}, {"latency", .5, []int64{5000}},
		{"log_latency", 0, nil}, {"log_latency", .25, nil}, {"log_latency", .5, []int64{1386}},
	} {
		config := config(c.kind)
		config.Floor = .25
		var out pipeline.Spikes
		build(t, config, 1).Append(0, []float32{c.x}, &out)
		if diff := cmp.Diff(c.want, out.T); diff != "" {
			t.Errorf("%s of %v: %s", c.kind, c.x, diff)
		}
	}
}
