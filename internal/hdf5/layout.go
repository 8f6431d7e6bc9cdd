package hdf5

// layout is where a dataset's values are.
type layout struct {
	class   uint8
	compact []byte // values within the header
	addr    uint64 // of the values or of the chunk index
	size    uint64 // stored bytes of contiguous values, or of a filtered single chunk
	chunk   []uint64
	index   uint8  // kind of chunk index
	mask    uint32 // filters that a single chunk left out
	edges   bool   // chunks that reach beyond the shape are not filtered
	filters []filter
	fill    []byte // one value for what was never written; nil is zeros
}

// Layout classes.
const (
	layoutCompact    = 0
	layoutContiguous = 1
	layoutChunked    = 2
)

// Kinds of chunk index; the numbers from 1 on are the format's own.
const (
	indexBTree1     = 0 // layout version 3
	indexSingle     = 1
	indexImplicit   = 2
	indexFixedArray = 3
	indexExtensible = 4
	indexBTree2     = 5
)

// layout reads a data layout message of version 3 to 5 (IV.A.2.i). Version 5
// differs from 4 in the width of chunk sizes alone, which the indexes state.
func (c *cursor) layout() layout {
	version := c.u8()
	if c.err == nil && (version < 3 || version > 5) {
		c.fail(unsupported("data layout version %d", version))
	}
	l := layout{class: c.u8()}
	switch {
	case c.err != nil:
	case l.class == layoutCompact:
		l.compact = c.bytes(uint64(c.u16()))
	case l.class == layoutContiguous:
		l.addr, l.size = c.addr(), c.length()
	case l.class == layoutChunked && version == 3:
		rank := int(c.u8())
		l.addr = c.addr()
		l.chunk = c.chunkDims(rank, 4)
	case l.class == layoutChunked:
		l.chunked4(c)
	default:
		c.fail(unsupported("data layout class %d", l.class))
	}
	return l
}

// chunked4 reads the rest of a chunked layout of version 4 or 5.
func (l *layout) chunked4(c *cursor) {
	flags, rank := c.u8(), int(c.u8())
	l.edges = flags&1 != 0
	width := int(c.u8())
	if width < 1 || width > 8 {
		c.fail(malformed("chunk dimensions of %d bytes", width))
		return
	}
	l.chunk = c.chunkDims(rank, width)
	l.index = c.u8()
	switch {
	case c.err != nil:
	case l.index == indexSingle && flags&2 != 0:
		l.size, l.mask = c.length(), c.u32()
	case l.index == indexSingle || l.index == indexImplicit:
	case l.index == indexFixedArray:
		c.skip(1) // the parameters stand again in the index's own header
	case l.index == indexExtensible:
		c.skip(5)
	case l.index == indexBTree2:
		c.skip(6)
	default:
		c.fail(unsupported("chunk index of type %d", l.index))
	}
	l.addr = c.addr()
}

// chunkDims reads the dimensions of a chunk; the format counts the size of a
// value as the last of them.
func (c *cursor) chunkDims(rank, width int) []uint64 {
	if rank < 1 || rank > maxRank+1 {
		c.fail(malformed("chunks of %d dimensions", rank))
		return nil
	}
	dims := make([]uint64, rank)
	for i := range dims {
		dims[i] = c.uint(width)
		if c.err == nil && (dims[i] == 0 || dims[i] > 1<<40) {
			c.fail(malformed("chunk dimension %d", dims[i]))
		}
	}
	return dims
}

// fillValue reads a fill value message (IV.A.2.f); nil stands for zeros.
func (c *cursor) fillValue() []byte {
	version := c.u8()
	defined := true
	switch {
	case version == 1 || version == 2:
		c.skip(2) // when space is allocated and filled
		defined = c.u8() != 0 || version == 1
	case version == 3:
		defined = c.u8()&(1<<5) != 0
	case c.err == nil:
		c.fail(unsupported("fill value version %d", version))
	}
	if !defined || c.err != nil {
		return nil
	}
	return c.bytes(uint64(c.u32()))
}
