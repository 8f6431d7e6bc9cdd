package hdf5

import "math/bits"

// grid is how a dataset is cut into chunks of equal shape. Chunks at the far
// edges reach beyond the dataset.
type grid struct {
	shape   []uint64 // of the dataset
	chunk   []uint64 // shape of a chunk
	cells   []uint64 // chunks along each axis
	within  uint64   // chunks that hold a part of the shape
	across  []uint64 // chunks along each axis, of the largest shape where that is bounded
	count   uint64   // chunks in all, likewise
	slowest int      // axis along which an index counts last: the one without a bound
	bytes   uint64   // of a chunk before any filter
	size    uint64   // bytes of a value
}

// chunk is one stored chunk.
type chunk struct {
	n    uint64 // its number, counted in row-major order
	addr uint64
	size uint32 // stored bytes
	mask uint32 // filters left out
}

func (a *Array) grid() (*grid, error) {
	dims := a.layout.chunk
	rank := len(a.Shape)
	if len(dims) != rank+1 || rank == 0 || dims[rank] != uint64(a.Type.Size) {
		return nil, a.fail(malformed("chunks of shape %v for values of %d bytes in the shape %v", dims, a.Type.Size, a.Shape))
	}
	g := &grid{chunk: dims[:rank], size: dims[rank], bytes: dims[rank], count: 1, within: 1}
	for i, d := range a.Shape {
		hi, lo := bits.Mul64(g.bytes, dims[i])
		if hi != 0 || lo > maxInflated {
			return nil, a.fail(overLimit("chunks of shape %v", dims))
		}
		g.bytes = lo
		g.shape = append(g.shape, uint64(d))
		g.cells = append(g.cells, (uint64(d)+dims[i]-1)/dims[i])
		g.within *= g.cells[i] // at most the number of values
		g.across = append(g.across, (g.extent(a, i)+dims[i]-1)/dims[i])
		if hi, g.count = bits.Mul64(g.count, g.across[i]); hi != 0 {
			return nil, a.fail(overLimit("shape %v in chunks of %v", a.most, dims))
		}
	}
	return g, nil
}

// extent is how many values an axis is indexed for: as far as it may grow,
// where there is a limit.
func (g *grid) extent(a *Array, axis int) uint64 {
	if most := a.most[axis]; most >= g.shape[axis] && most < 1<<62 {
		return most
	}
	g.slowest = axis
	return g.shape[axis]
}

// single reports whether one chunk is exactly the dataset.
func (g *grid) single() bool {
	for i, d := range g.shape {
		if d != g.chunk[i] {
			return false
		}
	}
	return true
}

// number turns the place of a chunk, counted in chunks along each axis, into
// its number. It is false for a chunk beyond the shape.
func (g *grid) number(place []uint64) (uint64, bool) {
	n := uint64(0)
	for i, p := range place {
		if p >= g.cells[i] {
			return 0, false
		}
		n = n*g.cells[i] + p
	}
	return n, true
}

// listed is the number of the chunk that stands at position n of an index: the
// axis without a bound varies slowest there, and the others reach as far as
// they may grow.
func (g *grid) listed(n uint64) (uint64, bool) {
	var space [maxRank]uint64
	place := space[:len(g.cells)]
	for i := len(place) - 1; i >= 0; i-- {
		if i != g.slowest {
			place[i] = n % g.across[i]
			n /= g.across[i]
		}
	}
	place[g.slowest] = n
	return g.number(place)
}

// offset is where chunk number n starts, by axis.
func (g *grid) offset(n uint64) (at [maxRank]uint64) {
	for i := len(g.chunk) - 1; i >= 0; i-- {
		at[i] = n % g.cells[i] * g.chunk[i]
		n /= g.cells[i]
	}
	return at
}

// partial reports whether chunk number n reaches beyond the dataset.
func (g *grid) partial(n uint64) bool {
	at := g.offset(n)
	for i := range g.chunk {
		if at[i]+g.chunk[i] > g.shape[i] {
			return true
		}
	}
	return false
}

// inside is how many values of chunk number n lie within a dataset of one axis.
func (g *grid) inside(n uint64) uint64 { return min(g.chunk[0], g.shape[0]-n*g.chunk[0]) }

// place copies chunk number n into the dataset.
func (g *grid) place(dst, src []byte, n uint64) { g.placeAt(dst, src, g.offset(n)) }

// placeAt copies a chunk into the dataset, row by row along the last axis.
func (g *grid) placeAt(dst, src []byte, offset [maxRank]uint64) {
	last := len(g.shape) - 1
	var extent, at [maxRank]uint64 // the part of the chunk within the dataset, and how far it is copied
	for i := range g.shape {
		extent[i] = min(g.chunk[i], g.shape[i]-offset[i])
	}
	row := extent[last] * g.size
	for {
		to, from := uint64(0), uint64(0)
		for i := range g.shape {
			to = to*g.shape[i] + offset[i] + at[i]
			from = from*g.chunk[i] + at[i]
		}
		copy(dst[to*g.size:to*g.size+row], src[from*g.size:from*g.size+row])
		i := last - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] < extent[i] {
				break
			}
			at[i] = 0
		}
		if i < 0 {
			return
		}
	}
}
