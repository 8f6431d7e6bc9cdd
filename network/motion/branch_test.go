package motion

import (
	"math"
	"slices"
	"testing"
	"time"

	"ganglion/network/motion/track"
	"ganglion/pipeline"
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

// Links are shorter on a small sensor, whatever part of a sensor the layer shows and how large its pixels are.
func TestLinksAreShorterOnASmallSensor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		sensor [2]int
		view   pipeline.View
		want   float64
	}{
		{"all of it", [2]int{}, pipeline.View{}, .65},
		{"a region of a large one", [2]int{346, 260}, pipeline.View{XX: 1, YY: 1, X: 40}, 1},
		{"a region of a small one", [2]int{128, 128}, pipeline.View{XX: 1, YY: 1, X: 40}, 128. / 170},
		{"half of the pixels, turned", [2]int{256, 256}, pipeline.View{XY: 2, YX: -2, Y: 255}, 128. / 170},
	} {
		r, _ := claiming(t, track.Vec{}, 0)
		r.plane, r.sensor = newPlane(96, 64), c.sensor
		r.Place(c.view)
		if math.Abs(r.scale-c.want) > 1e-12 {
			t.Errorf("%s: links of %v, want %v", c.name, r.scale, c.want)
		}
		r.fast.noise, r.fast.link = track.NewNoise(96, 64, 10*time.Millisecond, 20*time.Millisecond, 1, 1e-9), 12
		if got := r.fast.reach(r.scale); math.Abs(got-max(12*c.want, cellSize)) > 1e-12 {
			t.Errorf("%s: cells link over %v px", c.name, got)
		}
	}
}
