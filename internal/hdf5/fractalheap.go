package hdf5

import "math/bits"

// fractalHeap holds links or attributes as messages (III.G). Its space is a
// doubling table: rows of width blocks; the blocks of the first two rows have
// the starting size, those of every further row twice that of the row before.
type fractalHeap struct {
	f                    *File
	path                 string
	idSize               int
	width, start         uint64 // blocks in a row; bytes of the smallest block
	maxDirect            uint64 // bytes; a larger block is an indirect block
	offsetSize, lenSize  int    // bytes of an object's offset and length in an id
	root                 uint64
	rootRows             uint64 // 0 when the root is a direct block
	checksummed          bool
	maxManaged, heapBits uint64
	blocks               map[uint64]cursor // those met so far, read and checked
}

// fractalHeap reads the header of a heap.
func (f *File) fractalHeap(path string, addr uint64) (*fractalHeap, error) {
	c := f.tail(path, addr)
	c.signature("FRHP")
	c.version("fractal heap", 0)
	h := &fractalHeap{f: f, path: path, blocks: map[uint64]cursor{}}
	h.idSize = int(c.u16())
	filtered := c.u16()
	h.checksummed = c.u8()&(1<<1) != 0
	h.maxManaged = uint64(c.u32())
	// Huge objects (next id, tree), free space (bytes, address), managed space
	// (bytes, allocated, allocation iterator, objects), huge and tiny objects
	// (bytes and number of each).
	c.skip(uint64(10*f.lengthSize + 2*f.offsetSize))
	h.width = uint64(c.u16())
	h.start, h.maxDirect = c.length(), c.length()
	h.heapBits = uint64(c.u16())
	c.skip(2) // rows that a root indirect block starts with
	h.root, h.rootRows = c.addr(), uint64(c.u16())
	if c.err == nil && filtered != 0 {
		c.fail(unsupported("filtered fractal heap"))
	}
	c.checksum("fractal heap")
	h.check(&c)
	return h, c.err
}

// check makes sure that the arithmetic of the doubling table cannot overflow.
func (h *fractalHeap) check(c *cursor) {
	power := func(n uint64) bool { return n != 0 && n&(n-1) == 0 }
	if c.err != nil {
		return
	}
	sane := power(h.width) && power(h.start) && power(h.maxDirect) && h.start <= h.maxDirect &&
		h.maxDirect <= 1<<32 && h.heapBits <= 64 && h.heapBits > 0 && h.rootRows <= h.rows(1<<62) && h.maxManaged > 0
	if !sane || h.width > 1<<10 {
		c.fail(malformed("fractal heap with rows of %d blocks of %d to %d bytes", h.width, h.start, h.maxDirect))
		return
	}
	h.offsetSize = int(h.heapBits+7) / 8
	h.lenSize = min((bits.Len64(h.maxDirect)-1+7)/8, bytesFor(h.maxManaged))
	if 1+h.offsetSize+h.lenSize > h.idSize {
		c.fail(malformed("fractal heap ids of %d bytes", h.idSize))
	}
}

// rows is the number of rows of an indirect block that covers size bytes.
func (h *fractalHeap) rows(size uint64) uint64 {
	return uint64(max(1, bits.Len64(size)-bits.Len64(h.start*h.width)+1))
}

// object returns the bytes of the object with an id.
func (h *fractalHeap) object(id *cursor) cursor {
	kind := id.u8()
	offset, n := id.uint(h.offsetSize), id.uint(h.lenSize)
	switch {
	case id.err != nil:
	case kind>>6 != 0:
		id.fail(unsupported("fractal heap id version %d", kind>>6))
	case kind>>4&3 != 0:
		id.fail(unsupported("huge or tiny object on a fractal heap"))
	case h.rootRows == 0:
		return h.direct(h.root, 0, h.start, offset, n)
	default:
		return h.indirect(h.root, 0, h.rootRows, offset, n)
	}
	return *id
}

// direct finds an object in the direct block that covers the heap's bytes
// from base on. Offsets count the block's own head.
func (h *fractalHeap) direct(addr, base, size, offset, n uint64) cursor {
	c, known := h.blocks[addr]
	if !known {
		c = h.f.region(h.path, addr, size)
		c.signature("FHDB")
		c.version("fractal heap block", 0)
		c.addr() // the header
		c.skip(uint64(h.offsetSize))
		c.load(c.size)
		if h.checksummed {
			h.verifyDirect(&c)
		}
		h.blocks[addr] = c
	}
	c.charge(64)
	if rel := offset - base; c.err == nil {
		if offset < base || rel < uint64(c.pos) || rel > size || n > size-rel {
			c.fail(malformed("object of %d bytes at %d of a fractal heap block of %d bytes from %d", n, offset, size, base))
			return c
		}
		c.pos = int(rel)
	}
	return c.sub(n)
}

// verifyDirect takes the checksum of a direct block, which stands in the
// middle of the block and counts as zero.
func (h *fractalHeap) verifyDirect(c *cursor) {
	at := c.pos
	stored := c.u32()
	if c.err != nil {
		return
	}
	clear(c.b[at : at+4])
	if sum := lookup3(c.b); sum != stored {
		c.pos = at
		c.fail(malformed("fractal heap block: checksum %08x, the bytes give %08x", stored, sum))
	}
}

// indirect looks an object up in the indirect block that covers the heap's
// bytes from base on and has the given number of rows.
func (h *fractalHeap) indirect(addr, base, rows, offset, n uint64) cursor {
	table := rows * h.width * uint64(h.f.offsetSize)
	children, known := h.blocks[addr]
	if !known {
		head := uint64(5 + h.f.offsetSize + h.offsetSize) // with the signature
		c := h.f.region(h.path, addr, head+table+4)
		c.signature("FHIB")
		c.version("fractal heap indirect block", 0)
		c.skip(head - 5)
		children = c.sub(table)
		c.checksum("fractal heap indirect block")
		children.err = c.err
		h.blocks[addr] = children
	}
	children.charge(64)
	row, col, start, size := h.locate(offset - base)
	if children.err == nil && (offset < base || row >= rows) {
		children.fail(malformed("object at %d beyond a fractal heap of %d rows", offset, rows))
	}
	children.skip((row*h.width + col) * uint64(h.f.offsetSize))
	child := children.addr()
	if children.err != nil {
		return children
	}
	if size <= h.maxDirect {
		return h.direct(child, base+start, size, offset, n)
	}
	// A child covers at most half of its parent, so this comes to an end.
	return h.indirect(child, base+start, h.rows(size), offset, n)
}

// locate reports which block of the doubling table covers an offset, where the
// block starts and its size.
func (h *fractalHeap) locate(offset uint64) (row, col, start, size uint64) {
	first := h.start * h.width // bytes of row 0, and of row 1
	if offset < first {
		col = offset / h.start
		return 0, col, col * h.start, h.start
	}
	high := uint64(1) << (bits.Len64(offset) - 1) // where the row starts
	row = uint64(bits.Len64(high) - bits.Len64(first) + 1)
	size = h.start << (row - 1)
	col = (offset - high) / size
	return row, col, high + col*size, size
}
