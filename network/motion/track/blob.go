package track

import "math"

// Point is one spike or event that supports an object.
type Point struct {
	T    int64   // µs
	X, Y float32 // pixel
	On   bool
}

// place is where the point is after moving with velocity v for dt seconds.
func (p *Point) Place(v Vec, dt float64) Vec {
	return Vec{float64(p.X) + .5, float64(p.Y) + .5}.Plus(v.Times(dt))
}

// Blob is a thing that moves, as the points of one period show it.
type Blob struct {
	Box         Box
	Centroid    Vec
	Long, Thick float64 // standard deviations of the points along the axis of their largest spread and across it, px
	N, On       int     // points, and ON among them
	Velocity    Vec     // measured from flow; 0 when there is none
	Flow        bool    // Velocity is measured
	Rough       bool    // of spikes that tell the place only roughly
	Evidence    float64 // -log10 of the probability that noise alone makes it
	First, Last int64   // times of the points, µs
}

func (b *Blob) onFraction() float64 { return float64(b.On) / float64(max(b.N, 1)) }

// Gauge measures blobs. It keeps scratch memory and belongs to one goroutine.
type Gauge struct {
	Trim   float64 // share of the points beyond each side of the box; less of what is large
	Lead   float64 // how far the edges of the box are ahead of the points, s
	Noise  float64 // points of noise that there are for a square pixel
	Ground bool    // the ground moves, or its light changes: more strays, whatever the size
	xs, ys []float64
}

// Measure makes a blob of at least one point as it is at time end, µs. Each
// point is moved along the velocity v for the time that has passed since, so
// that the box has no smear. The centroid is that of the points; the box, which
// stands for the object, is ahead of them by Lead.
func (g *Gauge) Measure(points []Point, end int64, v Vec) Blob {
	b := Blob{N: len(points), First: math.MaxInt64, Last: math.MinInt64}
	g.xs, g.ys = g.xs[:0], g.ys[:0]
	var sum, squares Vec
	product := 0.
	for i := range points {
		p := &points[i]
		at := p.Place(v, g.age(p, end))
		g.xs, g.ys = append(g.xs, at.X), append(g.ys, at.Y)
		sum, squares = sum.Plus(at), squares.Plus(Vec{float64(at.X * at.X), float64(at.Y * at.Y)})
		product += float64(at.X * at.Y)
		b.First, b.Last = min(b.First, p.T), max(b.Last, p.T)
		if p.On {
			b.On++
		}
	}
	b.Long, b.Thick = axes(b.N, sum, squares, product)
	b.Centroid = sum.Times(1 / float64(b.N)).Minus(v.Times(g.Lead))
	cut := g.beyond(&b)
	b.Box.Min.X, b.Box.Max.X = extent(g.xs, cut)
	b.Box.Min.Y, b.Box.Max.Y = extent(g.ys, cut)
	return b
}

func (g *Gauge) age(p *Point, end int64) float64 { return Seconds(end-p.T) + g.Lead }

// beyond is how many points lie beyond each side of the box. The share falls with the
// size: what strays is not more for a large object, and a foot is no more than a few
// of its points, unless noise gives more points within such a size.
func (g *Gauge) beyond(b *Blob) int {
	trim := g.Trim
	switch {
	case g.Ground:
		trim = min(trim*trimGround, trimMost)
	case b.Long > trimLong:
		noise := float64(g.Noise * boxArea * b.Long * b.Thick)
		trim = max(trim*trimLong/b.Long, min(trim, noise/float64(b.N)))
	}
	return int(float64(float64(b.N) * trim))
}

// trimLong is the spread along the longer axis up to which the whole share is left out,
// px: that of some 24 px from end to end.
const trimLong = 7.

// boxArea is the area of a box that is evenly filled, as a multiple of the product of its spreads.
const boxArea = 12

// trimGround is by how much more is left out before a ground that moves or whose light changes, up to
// trimMost: spikes of the ground lie all around what they are taken for a part of.
const (
	trimGround = 2
	trimMost   = .25
)

// extent is the span of the given places without a number of them on each side.
// It reorders v. The points of an edge lie on both sides of it, so the pixels'
// own width is not added.
func extent(v []float64, cut int) (lo, hi float64) {
	lo = nth(v, cut)
	return lo, nth(v[cut:], len(v)-1-2*cut)
}

// nth is the k-th smallest value, from 0. It puts it in its place, the smaller ones
// before it and the larger ones behind it (Hoare's FIND).
func nth(v []float64, k int) float64 {
	for lo, hi := 0, len(v)-1; lo < hi; {
		pivot, i, j := v[lo+(hi-lo)/2], lo, hi
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		if j < k {
			lo = i
		}
		if i > k {
			hi = j
		}
	}
	return v[k]
}

// Seconds turns µs into s.
func Seconds(us int64) float64 { return float64(float64(us) * 1e-6) }
