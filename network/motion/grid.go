package motion

import (
	"math"
	"math/bits"

	"ganglion/network/motion/track"
)

// grid joins active cells into clusters.
type grid struct {
	w, h    int
	until   []int64 // by cell: active before this time, µs
	latest  []int64 // by cell: the latest until of it and its neighbours, µs
	sum     []sums
	parent  []int32  // union-find over cells
	active  []int32  // cells with spikes, in order of first spike
	bits    []uint64 // by row, in words of 64 columns: the active cells
	words   int      // of a row
	cluster []int32  // by root: number of the cluster
	owners  []owner  // by root: the tracks that claim spikes of the cluster
}

// owner is which tracks claim spikes of a cluster.
type owner struct {
	claimed int32    // spikes that any track claims
	tracks  [2]int32 // the first two that claim some, or free
}

// sums is what a cell holds in a period.
type sums struct {
	n     int32     // spikes
	place track.Vec // sum of places; their mean once the cells are joined
}

func newGrid(w, h int) *grid {
	n := w * h
	g := &grid{
		w: w, h: h, until: make([]int64, n), latest: make([]int64, n), sum: make([]sums, n), parent: make([]int32, n),
		cluster: make([]int32, n), owners: make([]owner, n), active: make([]int32, 0, n), words: (w + 63) / 64,
	}
	g.bits = make([]uint64, h*g.words)
	for i := range g.until {
		g.until[i], g.latest[i] = never, never
	}
	return g
}

// cell is the index of the cell that holds a spike, or -1 beyond the last
// whole cell.
func (g *grid) cell(s *spike) int32 {
	x, y := int(s.X)/cellSize, int(s.Y)/cellSize
	if x >= g.w || y >= g.h {
		return -1
	}
	return int32(y*g.w + x)
}

// activate makes a cell active before a time that is no earlier than the last.
func (g *grid) activate(c int32, until int64) {
	g.until[c] = until
	cx, cy := int(c)%g.w, int(c)/g.w
	for y := max(cy-1, 0); y <= min(cy+1, g.h-1); y++ {
		for x := max(cx-1, 0); x <= min(cx+1, g.w-1); x++ {
			g.latest[y*g.w+x] = max(g.latest[y*g.w+x], until)
		}
	}
}

// restored finds the latest of neighbours again.
func (g *grid) restored() {
	for i := range g.latest {
		g.latest[i] = never
	}
	for c, until := range g.until {
		g.activate(int32(c), until)
	}
}

// reset forgets the last period's sums.
func (g *grid) reset() {
	for _, c := range g.active {
		g.sum[c] = sums{}
		g.bits[int(c)/g.w*g.words+int(c)%g.w/64] = 0
	}
	g.active = g.active[:0]
}

func (g *grid) add(c int32, s *spike) {
	u := &g.sum[c]
	if u.n == 0 {
		g.active = append(g.active, c)
		g.bits[int(c)/g.w*g.words+int(c)%g.w/64] |= 1 << (int(c) % g.w % 64)
		g.parent[c] = c
		g.cluster[c] = -1
		g.owners[c] = owner{tracks: [2]int32{free, free}}
	}
	u.n++
	u.place = u.place.Plus(track.Vec{X: float64(s.X), Y: float64(s.Y)})
}

// join links all pairs of active cells that stand close.
func (g *grid) join(link float64) {
	reach := int(math.Ceil(link/cellSize)) + 1
	for _, a := range g.active {
		u := &g.sum[a]
		u.place = u.place.Times(1 / float64(u.n))
	}
	for _, a := range g.active {
		ax, ay := int(a)%g.w, int(a)/g.w
		from := ax + 1
		for y := ay; y <= min(ay+reach, g.h-1); y++ {
			for x := g.next(from, y); x <= min(ax+reach, g.w-1); x = g.next(x+1, y) {
				if b := int32(y*g.w + x); g.distance(a, b) <= link {
					g.parent[g.find(b)] = g.find(a)
				}
			}
			from = max(ax-reach, 0)
		}
	}
}

// next is the column of the first active cell of a row from column x on, or beyond the
// last one.
func (g *grid) next(x, y int) int {
	for ; x < g.w; x = x&^63 + 64 {
		if word := g.bits[y*g.words+x/64] >> (x % 64); word != 0 {
			return x + bits.TrailingZeros64(word)
		}
	}
	return x
}

// distance is how far the spikes of two cells are apart on average.
func (g *grid) distance(a, b int32) float64 {
	return g.sum[a].place.Minus(g.sum[b].place).Norm()
}

// find is the root of a cell's cluster.
func (g *grid) find(c int32) int32 {
	for g.parent[c] != c {
		g.parent[c] = g.parent[g.parent[c]]
		c = g.parent[c]
	}
	return c
}
