package hdf5

import "math/bits"

// extensible is an extensible array (VII.D), the index of a dataset with one
// axis without a bound: one element per chunk. The first elements stand in the
// index block. Those behind them stand in data blocks, which belong to
// secondary blocks: secondary block k has 2^(k/2) data blocks of
// first * 2^((k+1)/2) elements. The data blocks of the first secondary blocks
// are listed in the index block itself.
type extensible struct {
	*chunkIndex
	client   uint8
	width    uint64 // bytes of an element
	bits     uint8  // of the number of an element
	inIndex  uint64 // elements in the index block
	first    uint64 // elements of the smallest data block
	pointers uint64 // data blocks of the smallest secondary block that stands alone
	page     uint64 // elements of a page; a larger data block is cut into pages
	used     uint64 // elements up to the last one ever set
}

// extensibleArray reads the header of an extensible array and what it leads to.
func (x *chunkIndex) extensibleArray(addr uint64) error {
	c := x.f.tail(x.path, addr)
	c.signature("EAHD")
	c.version("extensible array", 0)
	e := extensible{chunkIndex: x, client: c.u8(), width: uint64(c.u8()), bits: c.u8()}
	e.inIndex, e.first, e.pointers = uint64(c.u8()), uint64(c.u8()), uint64(c.u8())
	pageBits := c.u8()
	c.skip(uint64(4 * x.f.lengthSize)) // secondary blocks and data blocks: number, bytes
	e.used = c.length()
	c.length() // elements that there is room for
	block := c.addr()
	c.checksum("extensible array")
	power := func(n uint64) bool { return n != 0 && n&(n-1) == 0 }
	switch {
	case c.err != nil || block == undefined:
	case e.client > 1 || (e.client == 1) != x.filtered || !x.elementsFit(e.client, int(e.width)):
		c.fail(malformed("extensible array of type %d with elements of %d bytes", e.client, e.width))
	case !power(e.first) || !power(e.pointers) || e.bits > 62 || pageBits > 32 || int(e.bits) < bits.Len64(e.first)-1:
		c.fail(malformed("extensible array of %d bits with blocks of %d elements and %d blocks", e.bits, e.first, e.pointers))
	default:
		e.page = 1 << pageBits
		c.fail2(e.index(block))
	}
	return c.err
}

// head takes what stands before the elements of a block.
func (e *extensible) head(addr uint64, signature string) cursor {
	c := e.f.tail(e.path, addr)
	c.signature(signature)
	c.version("extensible array block", 0)
	if k := c.u8(); c.err == nil && k != e.client {
		c.fail(malformed("extensible array block of type %d instead of %d", k, e.client))
	}
	c.addr() // the header
	return c
}

// index reads the index block and the blocks that it lists.
func (e *extensible) index(addr uint64) error {
	c := e.head(addr, "EAIB")
	elements := c.sub(e.inIndex * e.width)
	k, direct := 0, 2*(e.pointers-1) // data blocks listed here
	alone := 2 * (bits.Len64(e.pointers) - 1)
	all := 1 + int(e.bits) - (bits.Len64(e.first) - 1)
	blocks := c.sub(direct * uint64(e.f.offsetSize))
	secondary := c.sub(uint64(max(0, all-alone) * e.f.offsetSize))
	c.checksum("extensible array index block")
	if c.err != nil {
		return c.err
	}
	c.fail2(e.elements(&elements, 0, e.inIndex))
	at := uint64(0)
	for ; k < alone && c.err == nil && e.inIndex+at < e.used; k++ {
		for range e.blocks(k) {
			c.fail2(e.block(blocks.addr(), at, e.blockSize(k), nil, 0))
			at += e.blockSize(k)
		}
	}
	for ; k < all && c.err == nil && e.inIndex+at < e.used; k++ {
		c.fail2(e.secondary(secondary.addr(), at, k))
		at += e.blocks(k) * e.blockSize(k)
	}
	return c.err
}

func (e *extensible) blocks(k int) uint64    { return 1 << (k / 2) }
func (e *extensible) blockSize(k int) uint64 { return e.first << ((k + 1) / 2) }

// secondary reads secondary block k, whose elements begin at a position. Its
// data blocks are cut into pages where they are larger than one; then it has a
// bit for each page that was ever written.
func (e *extensible) secondary(addr, at uint64, k int) error {
	if addr == undefined {
		return nil
	}
	c := e.head(addr, "EASB")
	c.skip(uint64(e.bits+7) / 8) // its position; for some blocks the library writes another one
	n, size := e.blocks(k), e.blockSize(k)
	if c.err == nil && n > uint64(c.left()) {
		c.fail(malformed("extensible array block with %d blocks", n))
		return c.err
	}
	var written bitmap
	if size > e.page {
		written = c.bytes(n * ((size/e.page + 7) / 8))
	}
	blocks := c.sub(n * uint64(e.f.offsetSize))
	c.checksum("extensible array secondary block")
	for i := uint64(0); i < n && c.err == nil && e.inIndex+at < e.used; i++ {
		c.fail2(e.block(blocks.addr(), at, size, written, i*(size/e.page)))
		at += size
	}
	return c.err
}

// bitmap has its first bit in the highest of its first byte.
type bitmap []byte

func (b bitmap) has(i uint64) bool { return i/8 < uint64(len(b)) && b[i/8]&(0x80>>(i%8)) != 0 }

// block reads a data block of n elements from a position on. Without pages,
// written is nil; else its bits from bit on stand for the pages of the block.
func (e *extensible) block(addr, at, n uint64, written bitmap, bit uint64) error {
	if addr == undefined {
		return nil
	}
	c := e.head(addr, "EADB")
	c.skip(uint64(e.bits+7) / 8)
	if written == nil {
		if c.err == nil && n > uint64(c.left()) {
			c.fail(malformed("extensible array block of %d elements", n))
			return c.err
		}
		elements := c.sub(n * e.width)
		c.checksum("extensible array data block")
		c.fail2(e.elements(&elements, e.inIndex+at, n))
		return c.err
	}
	c.checksum("extensible array data block")
	for p := uint64(0); p < n/e.page && c.err == nil && e.inIndex+at < e.used; p++ {
		body := c.sub(e.page*e.width + 4)
		if c.err == nil && written.has(bit+p) {
			elements := body.sub(e.page * e.width)
			body.checksum("extensible array page")
			c.fail2(body.err)
			c.fail2(e.elements(&elements, e.inIndex+at, e.page))
		}
		at += e.page
	}
	return c.err
}
