package hdf5

import (
	"encoding/binary"
	"errors"
)

// undefined is HDF5's "no address": all bits one.
const undefined = ^uint64(0)

// window is how much of the file a cursor reads at first, bytes. Most
// structures are smaller.
const window = 512

// cursor reads one structure of the file, value by value. The first failure
// sticks: from then on every read gives zero, and err tells why and where.
type cursor struct {
	f    *File
	path string // of the object that the structure belongs to
	at   int64  // file offset of the structure
	size int    // bytes that the structure may take
	b    []byte // those of them that were read so far
	pos  int
	err  error

	depth int // of the compound type being read
}

// region is a cursor over n bytes at an address.
func (f *File) region(path string, addr, n uint64) cursor {
	c := f.tail(path, addr)
	if c.err == nil && n > uint64(c.size) {
		c.fail(malformed("%d bytes at address %d reach beyond the end of the file", n, addr))
		return c
	}
	if c.err == nil {
		c.size = int(n)
	}
	return c
}

// tail is a cursor from an address to the end of the file.
func (f *File) tail(path string, addr uint64) cursor {
	c := cursor{f: f, path: path, at: f.base}
	if addr == undefined {
		c.fail(malformed("undefined address"))
		return c
	}
	if addr >= uint64(f.size-f.base) {
		c.fail(malformed("address %d is beyond the end of the file", addr))
		return c
	}
	c.at = f.base + int64(addr)
	c.size = int(f.size - c.at)
	return c
}

// load reads the structure's first n bytes, and some more: a structure that is
// read through in small pieces costs a few reads.
func (c *cursor) load(n int) {
	have := len(c.b)
	if n <= have || c.err != nil {
		return
	}
	b := make([]byte, min(c.size, max(n, window, 4*have)))
	copy(b, c.b)
	c.charge(uint64(len(b)))
	if c.err == nil {
		c.fail2(c.f.readAt(b[have:], c.at+int64(have)))
	}
	if c.err == nil {
		c.b = b
	}
}

// sub takes the next n bytes as a cursor of their own.
func (c *cursor) sub(n uint64) cursor {
	s := *c
	s.at, s.pos = c.at+int64(c.pos), 0
	s.b = c.bytes(n)
	s.size, s.err = len(s.b), c.err
	return s
}

// fail records the first error at the current position.
func (c *cursor) fail(err error) {
	if c.err != nil {
		return
	}
	var located *Error
	if errors.As(err, &located) {
		c.err = err
		return
	}
	c.err = &Error{Path: c.path, Offset: c.at + int64(c.pos), Err: err}
}

func (c *cursor) left() int { return c.size - c.pos }

// skip passes over the next n bytes.
func (c *cursor) skip(n uint64) {
	if c.err == nil && n > uint64(c.left()) {
		c.fail(malformed("%d bytes wanted, %d left", n, c.left()))
	}
	if c.err == nil {
		c.pos += int(n)
	}
}

// bytes takes the next n bytes; nil after a failure.
func (c *cursor) bytes(n uint64) []byte {
	from := c.pos
	c.skip(n)
	c.load(c.pos)
	if c.err != nil {
		c.pos = from
		return nil
	}
	return c.b[from:c.pos:c.pos]
}

// rest takes all bytes that are left.
func (c *cursor) rest() []byte { return c.bytes(uint64(c.left())) }

// uint takes a little-endian unsigned integer of n bytes, n at most 8.
func (c *cursor) uint(n int) uint64 {
	var v [8]byte
	copy(v[:], c.bytes(uint64(n)))
	return binary.LittleEndian.Uint64(v[:])
}

func (c *cursor) u8() uint8   { return uint8(c.uint(1)) }
func (c *cursor) u16() uint16 { return uint16(c.uint(2)) }
func (c *cursor) u32() uint32 { return uint32(c.uint(4)) }

// addr takes an address; all ones gives undefined for any width.
func (c *cursor) addr() uint64 {
	v := c.uint(c.f.offsetSize)
	if v == undefined>>(64-8*c.f.offsetSize) {
		return undefined
	}
	return v
}

// length takes a length.
func (c *cursor) length() uint64 { return c.uint(c.f.lengthSize) }

// signature takes and checks the four letters that begin a structure.
func (c *cursor) signature(want string) {
	start := c.pos
	if got := c.bytes(uint64(len(want))); c.err == nil && string(got) != want {
		c.pos = start
		c.fail(malformed("signature %q instead of %q", got, want))
	}
}

// version takes and checks a version byte.
func (c *cursor) version(what string, want uint8) {
	if v := c.u8(); c.err == nil && v != want {
		c.pos--
		c.fail(unsupported("%s version %d", what, v))
	}
}

// checksum takes the checksum of everything before it in the structure.
func (c *cursor) checksum(what string) {
	c.load(c.pos)
	if c.err != nil {
		return
	}
	sum := lookup3(c.b[:c.pos])
	if stored := c.u32(); c.err == nil && stored != sum {
		c.pos -= 4
		c.fail(malformed("%s: checksum %08x, the bytes give %08x", what, stored, sum))
	}
}

// charge counts n bytes against the file's allowance.
func (c *cursor) charge(n uint64) {
	if c.err == nil && !c.f.charge(n) {
		c.fail(errAllowance)
	}
}
