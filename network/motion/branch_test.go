package motion

import (
	"slices"
	"testing"

	"ganglion/network/motion/track"
)

// A period with too many spikes is dropped, and nothing else with it, also where spikes of
// before were forgotten meanwhile.
func TestABurstDropsItsPeriodAlone(t *testing.T) {
	t.Parallel()
	b := branch{memory: 100, most: 3}
	times := func() (list []int64) {
		for i := range b.spikes {
			list = append(list, b.spikes[i].T)
		}
		return list
	}
	put := func(times ...int64) {
		for _, at := range times {
			b.add(spike{Point: track.Point{T: at}})
		}
	}
	begin := func() { b.taken, b.begin = 0, len(b.spikes) } // as turn does, without noise
	put(10, 20)
	begin()
	put(30, 40)
	b.forget(120) // 10 is too old, 20 is not yet
	if got := times(); !slices.Equal(got, []int64{20, 30, 40}) || b.begin != 1 {
		t.Errorf("%v, the period begins at %d", got, b.begin)
	}
	put(50, 60)
	if got := times(); !slices.Equal(got, []int64{20}) || b.dropped != 4 {
		t.Errorf("%v, %d dropped", got, b.dropped)
	}
	put(70)
	if got := times(); !slices.Equal(got, []int64{20}) || b.dropped != 5 {
		t.Errorf("%v, %d dropped", got, b.dropped)
	}
	b.forget(1000)
	if len(b.spikes) != 0 || b.begin != 0 {
		t.Errorf("%d spikes, the period begins at %d", len(b.spikes), b.begin)
	}
}
