package motion

import (
	"math"
	"slices"
)

// blob is a thing that moves, as one period shows it.
type blob struct {
	x0, y0, x1, y1 float64 // box of the spikes, moved to the end of the period, px
	cx, cy         float64 // centroid of the spikes, moved likewise
	n, on          int     // spikes, ON among them
	vx, vy         float64 // flow, px/s
	flow           bool    // the flow is known
	first, last    int64   // spike times, µs
}

func (b *blob) onFraction() float64 { return float64(b.on) / float64(max(b.n, 1)) }

// fitFlow fits one velocity to the spikes' normal flows, twice: the second
// time without the flows that disagree with the first fit. It fails when too
// few flows agree with each other.
func fitFlow(spikes []spike, idx []int32) (vx, vy float64, ok bool) {
	var f velocityFit
	for _, i := range idx {
		if nx, ny, v, known := spikes[i].normal(); known {
			f.add(nx, ny, v)
		}
	}
	vx, vy, ok = f.velocity()
	for range 2 {
		if !ok {
			return 0, 0, false
		}
		tolerance := .4*math.Hypot(vx, vy) + 10
		var g velocityFit
		for _, i := range idx {
			if nx, ny, v, known := spikes[i].normal(); known && math.Abs(nx*vx+ny*vy-v) < tolerance {
				g.add(nx, ny, v)
			}
		}
		if 2*g.n < f.n {
			return 0, 0, false
		}
		vx, vy, ok = g.velocity()
	}
	return vx, vy, ok
}

// normal is the spike's unit normal and speed along it, px/s.
func (s *spike) normal() (nx, ny, speed float64, known bool) {
	g := math.Hypot(float64(s.gx), float64(s.gy))
	if g == 0 {
		return 0, 0, 0, false
	}
	return float64(s.gx) / g, float64(s.gy) / g, 1 / g, true
}

// measure makes the blob of some spikes at time end, moving each along the
// velocity (vx, vy) for the time that has passed since plus the latency.
func (r *Readout) measure(idx []int32, end int64, vx, vy float64) blob {
	b := blob{n: len(idx), first: math.MaxInt64, last: math.MinInt64}
	r.xs, r.ys = r.xs[:0], r.ys[:0]
	for _, i := range idx {
		s := &r.spikes[i]
		dt := float64(end-s.t)*1e-6 + r.latency
		x, y := float64(s.x)+.5+vx*dt, float64(s.y)+.5+vy*dt
		r.xs, r.ys = append(r.xs, x), append(r.ys, y)
		b.cx += x
		b.cy += y
		b.first, b.last = min(b.first, s.t), max(b.last, s.t)
		if s.on {
			b.on++
		}
	}
	b.cx /= float64(b.n)
	b.cy /= float64(b.n)
	b.x0, b.x1 = extent(r.xs, r.cfg.Cluster.Trim)
	b.y0, b.y1 = extent(r.ys, r.cfg.Cluster.Trim)
	return b
}

// extent is the span of the given places without a share trim of them on each
// side. It sorts v. The spikes of an edge lie on both sides of it, so the
// pixels' own width is not added.
func extent(v []float64, trim float64) (lo, hi float64) {
	slices.Sort(v)
	cut := int(float64(len(v)) * trim)
	return v[cut], v[len(v)-1-cut]
}

// grid joins active cells into clusters.
type grid struct {
	w, h   int
	until  []int64 // by cell: active before this time, µs
	count  []int32 // spikes in the current period's memory, 0 when not active
	sx, sy []float64
	dx, dy []float64 // sum of unit normals
	parent []int32   // union-find over cells
	active []int32   // cells with spikes, in order of first spike
}

func newGrid(w, h int) *grid {
	n := w * h
	return &grid{
		w: w, h: h, until: make([]int64, n), count: make([]int32, n), parent: make([]int32, n),
		sx: make([]float64, n), sy: make([]float64, n), dx: make([]float64, n), dy: make([]float64, n),
	}
}

// cell is the index of the cell that holds a pixel, or -1 beyond the last
// whole cell.
func (g *grid) cell(x, y float32) int32 {
	cx, cy := int(x)/cellSize, int(y)/cellSize
	if cx >= g.w || cy >= g.h {
		return -1
	}
	return int32(cy*g.w + cx)
}

// reset forgets the last period's sums.
func (g *grid) reset() {
	for _, c := range g.active {
		g.count[c], g.sx[c], g.sy[c], g.dx[c], g.dy[c] = 0, 0, 0, 0, 0
	}
	g.active = g.active[:0]
}

func (g *grid) add(c int32, s *spike) {
	if g.count[c] == 0 {
		g.active = append(g.active, c)
		g.parent[c] = c
	}
	g.count[c]++
	g.sx[c] += float64(s.x)
	g.sy[c] += float64(s.y)
	if nx, ny, _, known := s.normal(); known {
		g.dx[c] += nx
		g.dy[c] += ny
	}
}

// join links all pairs of active cells that belong together.
func (g *grid) join(link, angle float64) {
	reach := int(math.Ceil(link/cellSize)) + 1
	cosine := math.Cos(angle)
	for _, a := range g.active {
		ax, ay := int(a)%g.w, int(a)/g.w
		for y := ay; y <= min(ay+reach, g.h-1); y++ {
			for x := max(ax-reach, 0); x <= min(ax+reach, g.w-1); x++ {
				if b := int32(y*g.w + x); b > a && g.count[b] > 0 && g.linked(a, b, link, cosine) {
					g.parent[g.find(b)] = g.find(a)
				}
			}
		}
	}
}

func (g *grid) linked(a, b int32, link, cosine float64) bool {
	na, nb := float64(g.count[a]), float64(g.count[b])
	if math.Hypot(g.sx[a]/na-g.sx[b]/nb, g.sy[a]/na-g.sy[b]/nb) > link {
		return false
	}
	la, lb := math.Hypot(g.dx[a], g.dy[a]), math.Hypot(g.dx[b], g.dy[b])
	if la == 0 || lb == 0 {
		return true // unknown direction links
	}
	return g.dx[a]*g.dx[b]+g.dy[a]*g.dy[b] >= cosine*la*lb
}

func (g *grid) find(c int32) int32 {
	for g.parent[c] != c {
		g.parent[c] = g.parent[g.parent[c]]
		c = g.parent[c]
	}
	return c
}
