package hdf5

import "math"

// dataspace is the shape of an array.
type dataspace struct {
	dims []uint64
	most []uint64 // how far the array may grow; undefined is without limit
	null bool     // no value at all, h5py's Empty
	n    uint64   // number of values
}

// dataspace reads a dataspace message (IV.A.2.b). The number of values fits
// 62 bits.
func (c *cursor) dataspace() dataspace {
	version, rank, flags := c.u8(), c.u8(), c.u8()
	kind := c.u8()
	switch {
	case c.err == nil && version == 1:
		c.skip(4)
		kind = 1
	case c.err == nil && version != 2:
		c.fail(unsupported("dataspace version %d", version))
	}
	if rank > maxRank {
		c.fail(overLimit("%d dimensions, at most %d", rank, maxRank))
		rank = 0
	}
	s := dataspace{dims: make([]uint64, 0, rank), null: kind == 2, n: 1}
	for range rank {
		s.dims = append(s.dims, c.length())
	}
	s.most = s.dims
	if flags&1 != 0 {
		s.most = make([]uint64, rank)
		for i := range s.most {
			s.most[i] = c.length()
		}
	}
	s.count(c)
	return s
}

func (s *dataspace) count(c *cursor) {
	if s.null {
		s.n = 0
		return
	}
	empty := false
	for _, d := range s.dims {
		if d == 0 {
			empty = true
			continue
		}
		if d > math.MaxInt64/4/s.n {
			c.fail(overLimit("shape %v", s.dims))
			return
		}
		s.n *= d
	}
	if empty {
		s.n = 0
	}
}

// shape is the dims as ints.
func (s *dataspace) shape() []int {
	shape := make([]int, len(s.dims))
	for i, d := range s.dims {
		shape[i] = int(d)
	}
	return shape
}
