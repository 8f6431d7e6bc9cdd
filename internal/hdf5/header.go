package hdf5

// The header messages that this package reads (IV.A.2). Others do not change
// the meaning of values and are passed over.
const (
	msgDataspace    = 0x01
	msgLinkInfo     = 0x02
	msgDatatype     = 0x03
	msgFill         = 0x05
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgFilters      = 0x0b
	msgAttribute    = 0x0c
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
	msgAttrInfo     = 0x15
	lastKnownMsg    = 0x17
)

// Flags of a message.
const (
	flagShared      = 1 << 1 // the body stands elsewhere
	flagFailUnknown = 1 << 7 // who does not know the message must not read the object
)

// span is a piece of the file.
type span struct{ addr, size uint64 }

// headerReader walks the messages of one object header, first its own block,
// then the continuation blocks in the order they are named.
type headerReader struct {
	f       *File
	path    string
	version int
	ordered bool // version 2 messages carry a creation order
	queue   []span
	visit   func(kind uint16, body *cursor)
}

// eachMessage calls visit for every message of the object header at addr that
// this package knows. A failure of the body ends the walk and is returned.
func (f *File) eachMessage(path string, addr uint64, visit func(kind uint16, body *cursor)) error {
	h := headerReader{f: f, path: path, visit: visit}
	c := f.tail(path, addr)
	if c.load(min(4, c.size)); string(c.b[:min(4, len(c.b))]) == "OHDR" {
		h.first2(&c)
	} else {
		h.first1(&c)
	}
	for len(h.queue) > 0 && c.err == nil {
		next := h.queue[0]
		h.queue = h.queue[1:]
		c = h.continuation(next)
	}
	return c.err
}

// first1 reads a version 1 header (IV.A.1.a).
func (h *headerReader) first1(c *cursor) {
	h.version = 1
	c.version("object header", 1)
	c.skip(1 + 2 + 4) // reserved, number of messages, reference count
	size := uint64(c.u32())
	c.skip(4) // alignment
	block := c.sub(size)
	h.messages(&block)
	c.err = block.err
}

// first2 reads a version 2 header (IV.A.1.b).
func (h *headerReader) first2(c *cursor) {
	h.version = 2
	c.signature("OHDR")
	c.version("object header", 2)
	flags := c.u8()
	h.ordered = flags&(1<<2) != 0
	if flags&(1<<5) != 0 {
		c.skip(16) // times
	}
	if flags&(1<<4) != 0 {
		c.skip(4) // when attributes become dense
	}
	size := c.uint(1 << (flags & 3))
	block := c.sub(size)
	c.checksum("object header")
	if c.err == nil {
		h.messages(&block)
		c.err = block.err
	}
}

// continuation reads a further block of messages; version 2 frames it.
func (h *headerReader) continuation(s span) cursor {
	c := h.f.region(h.path, s.addr, s.size)
	c.charge(64 + s.size) // also ends cycles of continuations
	if h.version == 1 {
		h.messages(&c)
		return c
	}
	c.signature("OCHK")
	if s.size < 8 {
		c.fail(malformed("continuation block of %d bytes", s.size))
	}
	block := c.sub(s.size - 8)
	c.checksum("object header continuation")
	if c.err == nil {
		h.messages(&block)
		c.err = block.err
	}
	return c
}

// messages walks one block. What is left over when no message fits is a gap.
func (h *headerReader) messages(c *cursor) {
	prefix := 8
	if h.version == 2 {
		prefix = 4
		if h.ordered {
			prefix = 6
		}
	}
	for c.err == nil && c.left() >= prefix {
		kind, size, flags := h.prefix(c)
		body := c.sub(size)
		body.charge(64)
		if c.err == nil {
			h.message(kind, flags, &body)
			c.err = body.err
		}
	}
}

// prefix reads what stands before a message's body.
func (h *headerReader) prefix(c *cursor) (kind uint16, size uint64, flags uint8) {
	if h.version == 1 {
		kind, size, flags = c.u16(), uint64(c.u16()), c.u8()
		c.skip(3)
		return kind, size, flags
	}
	kind, size, flags = uint16(c.u8()), uint64(c.u16()), c.u8()
	if h.ordered {
		c.skip(2)
	}
	return kind, size, flags
}

// message follows a continuation and hands everything else to the visitor.
func (h *headerReader) message(kind uint16, flags uint8, body *cursor) {
	switch {
	case kind > lastKnownMsg:
		if flags&flagFailUnknown != 0 {
			body.fail(unsupported("header message %#x, which may not be passed over", kind))
		}
	case kind == msgContinuation:
		h.queue = append(h.queue, span{body.addr(), body.length()})
	case flags&flagShared != 0 && shareable(kind):
		body.fail(unsupported("shared header message %#x (committed datatype)", kind))
	default:
		h.visit(kind, body)
	}
}

func shareable(kind uint16) bool {
	switch kind {
	case msgDataspace, msgDatatype, msgFill, msgFilters, msgAttribute:
		return true
	}
	return false
}
