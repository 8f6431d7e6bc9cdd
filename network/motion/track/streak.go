package track

import "math"

// line reports whether a blob is a thin line without a flow, such as a drop of rain: it moves
// along itself, so its sides do not move, while an edge that moves across its length
// shows a flow.
func (b *Blob) line() bool {
	return !b.Flow && !b.Rough && b.Thick <= streakThick && b.Long >= streakShape*b.Thick
}

// streak reports whether a track has been such a line in half of the periods that showed it, and
// never had a flow.
func (k *Tracker) streak(t *Track) bool {
	return k.setup.Flow && t.flows == 0 && 2*t.thin >= max(t.hits, 1)
}

const (
	streakThick = .9 // px, standard deviation: some 3 px from side to side
	streakShape = 4. // times as long as thick
)

// axes are the standard deviations of points along the axis on which they spread most, and across
// it. They are given by their sums and the sums of their squares and products.
func axes(n int, sum, squares Vec, product float64) (long, thick float64) {
	mean := sum.Times(1 / float64(n))
	xx := squares.X/float64(n) - float64(mean.X*mean.X)
	yy := squares.Y/float64(n) - float64(mean.Y*mean.Y)
	xy := product/float64(n) - float64(mean.X*mean.Y)
	half, root := float64((xx+yy)/2), math.Sqrt(float64((xx-yy)*(xx-yy)/4)+float64(xy*xy))
	return math.Sqrt(half + root), math.Sqrt(max(half-root, 0))
}
