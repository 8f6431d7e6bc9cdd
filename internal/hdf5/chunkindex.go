package hdf5

// chunks lists the stored chunks of a dataset.
func (a *Array) chunks(g *grid) ([]chunk, error) {
	x := chunkIndex{f: a.f, path: a.Path, grid: g, filtered: len(a.layout.filters) > 0}
	l := a.layout
	if l.addr == undefined || g.within == 0 {
		return nil, nil
	}
	var err error
	switch l.index {
	case indexSingle:
		err = x.single(a)
	case indexImplicit:
		err = x.implicit(l.addr)
	case indexFixedArray:
		err = x.fixedArray(l.addr)
	case indexExtensible:
		err = x.extensibleArray(l.addr)
	case indexBTree2:
		err = x.tree2(l.addr)
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

// add takes over the chunk at a position of an index, unless it was never
// written or lies beyond the shape.
func (x *chunkIndex) add(c *cursor, position uint64, ch chunk) {
	c.charge(chunkCost)
	if n, ok := x.grid.listed(position); ok && c.err == nil && ch.addr != undefined {
		ch.n = n
		x.take(c, ch)
	}
}

// chunkCost is what a chunk takes in a list that grows, bytes.
const chunkCost = 64

// take appends a chunk; no more than the shape has, so that a repeated chunk
// cannot cost more than the shape allows.
func (x *chunkIndex) take(c *cursor, ch chunk) {
	if c.err == nil && uint64(len(x.list)) >= x.grid.within {
		c.fail(malformed("more than %d chunks", x.grid.within))
	}
	if c.err == nil {
		x.list = append(x.list, ch)
	}
}

// stored takes the size of a stored chunk, of the given width in the index.
func (c *cursor) stored(width int) uint32 {
	size := c.uint(width)
	if c.err == nil && size > maxStored {
		c.fail(overLimit("a chunk of %d stored bytes", size))
	}
	return uint32(size)
}

// single is the one chunk that is the whole dataset.
func (x *chunkIndex) single(a *Array) error {
	l, size := a.layout, a.layout.size
	if !x.filtered {
		size = x.grid.bytes
	}
	if x.grid.count != 1 || size > maxStored {
		return a.fail(malformed("a single chunk of shape %v and %d bytes for the shape %v", x.grid.chunk, size, x.grid.shape))
	}
	x.list = []chunk{{0, l.addr, uint32(size), l.mask}}
	return nil
}

// tree reads a node of a version 1 B-tree of chunks (III.A.1). The level
// sinks by one at each step, so there is no way round.
func (x *chunkIndex) tree(addr uint64, level int) error {
	c := x.f.tail(x.path, addr)
	entries, lvl := c.treeNode(1, level)
	var space [maxRank]uint64
	place := space[:len(x.grid.cells)]
	for i := 0; i < entries && c.err == nil; i++ {
		ch := chunk{size: c.stored(4), mask: c.u32()}
		aligned := true
		for j, width := range x.grid.chunk {
			offset := c.uint(8)
			place[j] = offset / width
			aligned = aligned && offset%width == 0
		}
		c.skip(8) // offset within a value
		ch.addr = c.addr()
		c.charge(chunkCost)
		n, within := x.grid.number(place)
		switch {
		case c.err != nil:
		case lvl > 0:
			c.fail2(x.tree(ch.addr, lvl-1))
		case !within || !aligned:
			c.fail(malformed("chunk number %v of the shape %v", place, x.grid.shape))
		default:
			ch.n = n
			x.take(&c, ch)
		}
	}
	return c.err
}

// tree2 reads a version 2 B-tree of chunks (III.A.2, records of type 10 and,
// with filters, 11).
func (x *chunkIndex) tree2(addr uint64) error {
	kind, fixed := uint8(10), x.f.offsetSize+8*len(x.grid.cells)
	if x.filtered {
		kind, fixed = 11, fixed+4
	}
	var space [maxRank]uint64
	place := space[:len(x.grid.cells)]
	return x.f.eachRecord(x.path, addr, kind, func(c *cursor) {
		ch := chunk{addr: c.addr(), size: uint32(x.grid.bytes)}
		width := len(c.b) - fixed
		if x.filtered {
			ch.size, ch.mask = c.sizeAndMask(width)
		} else if width != 0 {
			c.fail(malformed("chunk records of %d bytes instead of %d", len(c.b), fixed))
		}
		for j := range place {
			place[j] = c.uint(8)
		}
		c.charge(chunkCost)
		if n, ok := x.grid.number(place); ok {
			ch.n = n
			x.take(c, ch)
		}
	})
}

// sizeAndMask takes what an index keeps of a filtered chunk beside its address.
func (c *cursor) sizeAndMask(width int) (size, mask uint32) {
	if c.err == nil && (width < 1 || width > 8) {
		c.fail(malformed("chunk sizes of %d bytes", width))
		return 0, 0
	}
	return c.stored(width), c.u32()
}

// implicit lists chunks that stand one behind the other (VII.B).
func (x *chunkIndex) implicit(addr uint64) error {
	c := x.f.tail(x.path, addr)
	if x.filtered {
		c.fail(malformed("implicit chunk index with filters"))
	}
	for n := uint64(0); n < x.grid.count && c.err == nil; n++ {
		x.add(&c, n, chunk{addr: addr + n*x.grid.bytes, size: uint32(x.grid.bytes)})
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
	switch {
	case c.err != nil:
	case client > 1 || (client == 1) != x.filtered || pageBits > 32 || count != x.grid.count || count > uint64(c.size):
		c.fail(malformed("fixed array of type %d with %d elements for %d chunks", client, count, x.grid.count))
	case !x.elementsFit(client, width):
		c.fail(malformed("fixed array elements of %d bytes", width))
	case block != undefined:
		c.fail2(x.arrayBlock(block, client, uint64(width), count, 1<<pageBits))
	}
	return c.err
}

// elementsFit reports whether elements of a width can hold what the client of
// an array keeps: an address, and with filters (1) a size and a mask.
func (x *chunkIndex) elementsFit(client uint8, width int) bool {
	sizeWidth := width - x.f.offsetSize - 4
	return client == 0 && width == x.f.offsetSize || client == 1 && sizeWidth >= 1 && sizeWidth <= 8
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

// elements reads n elements, the first being that of position first.
func (x *chunkIndex) elements(c *cursor, first, n uint64) error {
	for i := uint64(0); i < n && c.err == nil; i++ {
		ch := chunk{addr: c.addr(), size: uint32(x.grid.bytes)}
		if x.filtered {
			ch.size, ch.mask = c.sizeAndMask(len(c.b)/int(n) - x.f.offsetSize - 4)
		}
		x.add(c, first+i, ch)
	}
	return c.err
}
