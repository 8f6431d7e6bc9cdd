package network

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// TestARouteHoldsWhatIsOnItsWay feeds a long train at once and in pieces, and
// wants the same arrivals and no more spikes held at one time than are on their
// way then.
func TestARouteHoldsWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	const spikes, latency = 50_000, 20 // a spike each µs
	var train, want pipeline.Spikes
	for at := range int64(spikes) {
		train.Append(at, uint32(at%7))
		want.AppendGraded(at+latency, uint32(at%7), 1)
	}
	for _, pieces := range []int64{1, 100} {
		l := &route{latency: []int64{latency}, size: 7}
		got, most := pipeline.Spikes{}, 0
		for i := range pieces {
			from, to := i*spikes/pieces, (i+1)*spikes/pieces
			l.out.Reset()
			part := pipeline.Spikes{T: train.T[from:to], Offsets: train.Offsets[from : to+1], IDs: train.IDs}
			if err := l.feed(&part, 0); err != nil {
				t.Fatal(err)
			}
			l.collect(to)
			for run := range l.out.T {
				appendRun(&got, &l.out, run)
			}
			most = max(most, cap(l.flying))
		}
		l.out.Reset()
		l.collect(spikes + latency)
		for run := range l.out.T {
			appendRun(&got, &l.out, run)
		}
		// So many values take their time to compare by reflection.
		if !slices.Equal(want.T, got.T) || !slices.Equal(want.Offsets, got.Offsets) || !slices.Equal(want.IDs, got.IDs) ||
			!slices.Equal(want.Values, got.Values) {
			t.Errorf("in %d pieces: %s", pieces, cmp.Diff(want, got))
		}
		if most > 4*latency {
			t.Errorf("in %d pieces: room for %d spikes, %d are on their way", pieces, most, latency)
		}
	}
}
