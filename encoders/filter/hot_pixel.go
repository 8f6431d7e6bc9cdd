package filter

import (
	"cmp"
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// hotPixel learns over the whole stream which pixels fire far more than their
// surroundings and drops their events. A pixel is judged each time it has made
// another minEvents events: it is hot while its count exceeds ratio times one
// more than the median count of its neighbours. Counts of one stream compare
// as rates do, and because a moving object excites neighbours alike, it does
// not make pixels hot. A pixel that calms down becomes cold again.
type hotPixel struct {
	ratio     float64
	minEvents uint32
	size      Size

	count []uint32 // events so far by pixel, dropped ones included
	hot   []uint8  // 1 while a pixel is hot
}

func newHotPixel(c Config, s Size) filter {
	return &hotPixel{
		ratio: cmp.Or(c.Ratio, 10), minEvents: uint32(cmp.Or(c.MinEvents, 32)), size: s,
		count: make([]uint32, s.pixels()), hot: make([]uint8, s.pixels()),
	}
}

func (f *hotPixel) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		i := int(e.Y)*f.size.Width + int(e.X)
		f.count[i]++
		if f.count[i]%f.minEvents == 0 {
			f.judge(i, int(e.X), int(e.Y))
		}
		if f.hot[i] != 0 {
			continue
		}
		events[n] = e
		n++
	}
	return events[:n]
}

func (f *hotPixel) judge(i, x, y int) {
	limit := f.ratio * float64(1+f.median(x, y))
	f.hot[i] = uint8(one(float64(f.count[i]) > limit))
}

// median is the lower median of the counts of the pixel's neighbours, as many
// as lie on the sensor.
func (f *hotPixel) median(x, y int) uint32 {
	var counts [8]uint32
	around := counts[:0]
	for ny := max(y-1, 0); ny <= min(y+1, f.size.Height-1); ny++ {
		for nx := max(x-1, 0); nx <= min(x+1, f.size.Width-1); nx++ {
			if nx != x || ny != y {
				around = append(around, f.count[ny*f.size.Width+nx])
			}
		}
	}
	if len(around) == 0 {
		return 0
	}
	slices.Sort(around)
	return around[(len(around)-1)/2]
}

func (f *hotPixel) AppendState(b []byte) ([]byte, error) { return state.Append(b, f.fields) }

func (f *hotPixel) RestoreState(b []byte) error { return state.Restore(b, f.fields) }

func (f *hotPixel) fields(c *state.Codec) {
	state.Array(c, f.count)
	state.Array(c, f.hot)
}

var _ pipeline.Stateful = (*hotPixel)(nil)
