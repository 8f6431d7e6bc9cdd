package hdf5

// chunks lists the stored chunks of a dataset.
func (a *Array) chunks(g *grid) ([]chunk, error) {
	x := chunkIndex{f: a.f, path: a.Path, grid: g, filtered: len(a.layout.filters) > 0}
	l := a.layout
	if l.addr == undefined {
		return nil, nil
	}
	var err error
	switch l.index {
	case indexSingle:
		size := l.size
		if !x.filtered {
			size = g.bytes
		}
		if g.count != 1 {
			return nil, a.fail(malformed("a single chunk of shape %v for the shape %v", g.chunk, g.shape))
		}
		x.list = []chunk{{g.offset(0), l.addr, size, l.mask}}
	case indexImplicit:
		err = x.implicit(l.addr)
	case indexFixedArray:
		err = x.fixedArray(l.addr)
	default:
		err = x.tree(l.addr, -1)
	}
	return x.list, err
}

type chunkIndex struct {
	f        *File
	path     string
	grid     *grid
	filtered bool
	list     []chunk
}

// add takes a chunk over; no more than the shape has, so that a repeated chunk
// cannot cost more than the shape allows.
func (x *chunkIndex) add(c *cursor, ch chunk) {
	if c.err == nil && uint64(len(x.list)) >= x.grid.within {
		c.fail(malformed("more than %d chunks", x.grid.within))
	}
	if c.err == nil {
		x.list = append(x.list, ch)
	}
}

// tree reads a node of a version 1 B-tree of chunks (III.A.1). The level
// sinks by one at each step, so there is no way round.
func (x *chunkIndex) tree(addr uint64, level int) error {
	c := x.f.tail(x.path, addr)
	entries, lvl := c.treeNode(1, level)
	for i := 0; i < entries && c.err == nil; i++ {
		size, mask := uint64(c.u32()), c.u32()
		c.charge(64 + 8*uint64(len(x.grid.shape)))
		offset := make([]uint64, len(x.grid.shape))
		for j := range offset {
			offset[j] = c.uint(8)
		}
		c.skip(8) // offset within a value
		child := c.addr()
		switch {
		case c.err != nil:
		case lvl > 0:
			c.fail2(x.tree(child, lvl-1))
		case !x.grid.holds(offset):
			c.fail(malformed("chunk at %v of the shape %v", offset, x.grid.shape))
		case !x.filtered && size != x.grid.bytes:
			c.fail(malformed("chunk of %d bytes instead of %d", size, x.grid.bytes))
		default:
			x.add(&c, chunk{offset, child, size, mask})
		}
	}
	return c.err
}

// implicit lists chunks that stand one behind the other (VII.B).
func (x *chunkIndex) implicit(addr uint64) error {
	c := x.f.tail(x.path, addr)
	if x.filtered {
		c.fail(malformed("implicit chunk index with filters"))
	}
	for n := uint64(0); n < x.grid.count && c.err == nil; n++ {
		c.charge(64 + 8*uint64(len(x.grid.shape)))
		if offset := x.grid.offset(n); x.grid.holds(offset) {
			x.add(&c, chunk{offset, addr + n*x.grid.bytes, x.grid.bytes, 0})
		}
		c.skip(x.grid.bytes)
	}
	return c.err
}

// fixedArray reads a fixed array (VII.C): one element per chunk in row-major
// order, in one block or in pages.
func (x *chunkIndex) fixedArray(addr uint64) error {
	c := x.f.tail(x.path, addr)
	c.signature("FAHD")
	c.version("fixed array", 0)
	client := c.u8()
	width := int(c.u8())
	pageBits := c.u8()
	count := c.length()
	block := c.addr()
	c.checksum("fixed array")
	sizeWidth := width - x.f.offsetSize - 4
	switch {
	case c.err != nil:
	case client > 1 || (client == 1) != x.filtered || pageBits > 32 || count != x.grid.count || count > uint64(len(c.b)):
		c.fail(malformed("fixed array of type %d with %d elements for %d chunks", client, count, x.grid.count))
	case client == 0 && width != x.f.offsetSize || client == 1 && (sizeWidth < 1 || sizeWidth > 8):
		c.fail(malformed("fixed array elements of %d bytes", width))
	case block != undefined:
		c.fail2(x.arrayBlock(block, client, uint64(width), count, 1<<pageBits))
	}
	return c.err
}

// arrayBlock reads the data block of a fixed array.
func (x *chunkIndex) arrayBlock(addr uint64, client uint8, width, count, page uint64) error {
	c := x.f.tail(x.path, addr)
	c.signature("FADB")
	c.version("fixed array block", 0)
	if k := c.u8(); c.err == nil && k != client {
		c.fail(malformed("fixed array block of type %d instead of %d", k, client))
	}
	c.addr() // the header
	if count <= page {
		elements := c.sub(count * width)
		c.checksum("fixed array block")
		c.fail2(x.elements(&elements, 0, count))
		return c.err
	}
	pages := (count + page - 1) / page
	used := c.bytes((pages + 7) / 8)
	c.checksum("fixed array block")
	for p := uint64(0); p < pages && c.err == nil; p++ {
		n := min(page, count-p*page)
		body := c.sub(n*width + 4)
		if c.err != nil || used[p/8]&(0x80>>(p%8)) == 0 {
			continue // a page that was never written
		}
		elements := body.sub(n * width)
		body.checksum("fixed array page")
		c.fail2(body.err)
		c.fail2(x.elements(&elements, p*page, n))
	}
	return c.err
}

// elements reads n elements, the first being that of chunk number first.
func (x *chunkIndex) elements(c *cursor, first, n uint64) error {
	for i := uint64(0); i < n && c.err == nil; i++ {
		ch := chunk{addr: c.addr(), size: x.grid.bytes}
		if x.filtered {
			width := len(c.b)/int(n) - x.f.offsetSize - 4
			ch.size, ch.mask = c.uint(width), c.u32()
		}
		c.charge(64 + 8*uint64(len(x.grid.shape)))
		ch.offset = x.grid.offset(first + i)
		if ch.addr != undefined && x.grid.holds(ch.offset) {
			x.add(c, ch)
		}
	}
	return c.err
}
