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
	parent  []int32  // union-find over active cells; none for the others
	active  []int32  // cells with spikes, row by row, once they are joined
	bits    []uint64 // by cell: which are active
	cluster []int32  // by root: number of the cluster
	size    []int32  // by root: spikes of the cluster
	owners  []owner  // by root: the tracks that claim spikes of the cluster
}

// none is the parent of a cell that is not active.
const none = -1

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
		cluster: make([]int32, n), size: make([]int32, n), owners: make([]owner, n), active: make([]int32, 0, n), bits: make([]uint64, (n+63)/64),
	}
	for i := range g.until {
		g.until[i], g.latest[i], g.parent[i] = never, never, none
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
		g.sum[c], g.parent[c] = sums{}, none
	}
	clear(g.bits)
	g.active = g.active[:0]
}

// add puts a spike into its cell. Spikes come from all over the sensor, so what can be done in
// the order of the cells is left to join.
func (g *grid) add(c int32, s *spike) {
	g.bits[c/64] |= 1 << (c % 64)
	u := &g.sum[c]
	u.n++
	u.place = u.place.Plus(track.Vec{X: float64(s.X), Y: float64(s.Y)})
}

// join links all pairs of active cells that stand close. From then on the parent of each is
// its root.
func (g *grid) join(link float64) {
	g.begin()
	reach := int(math.Ceil(link / cellSize)) // cells beyond it are further apart, wherever their spikes are
	for _, a := range g.active {
		ax, ay := int(a)%g.w, int(a)/g.w
		from, to, root := ax+1, min(ax+reach, g.w-1), g.find(a)
		for y := ay; y <= min(ay+reach, g.h-1); y++ {
			first, last := y*g.w+from, y*g.w+to
			for i := first / 64; i <= last/64; i++ {
				for word := g.word(i, first, last); word != 0; word &= word - 1 {
					b := int32(i*64 + bits.TrailingZeros64(word))
					if other := g.find(b); other != root && g.distance(a, b) <= link {
						g.parent[other] = root
					}
				}
			}
			from = max(ax-reach, 0)
		}
	}
	for _, c := range g.active {
		root := g.find(c)
		g.parent[c] = root
		g.size[root] += g.sum[c].n
	}
}

// begin lists the active cells, each a cluster of its own, and turns their sums into means.
func (g *grid) begin() {
	for i, word := range g.bits {
		for ; word != 0; word &= word - 1 {
			c := int32(i*64 + bits.TrailingZeros64(word))
			u := &g.sum[c]
			u.place = u.place.Times(1 / float64(u.n))
			g.active = append(g.active, c)
			g.parent[c], g.cluster[c], g.size[c], g.owners[c] = c, none, 0, owner{tracks: [2]int32{free, free}}
		}
	}
}

// word is the active ones among the i-th 64 cells, as far as they lie between two of a row.
func (g *grid) word(i, first, last int) uint64 {
	word := g.bits[i]
	if first -= i * 64; first > 0 {
		word &= ^uint64(0) << first
	}
	if last -= i * 64; last < 63 {
		word &= 1<<(last+1) - 1
	}
	return word
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

// root is the root of the cluster that a spike is in, or none: its cell is not active.
func (g *grid) root(s *spike) int32 {
	if c := g.cell(s); c >= 0 {
		return g.parent[c]
	}
	return none
}
