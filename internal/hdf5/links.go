package hdf5

import "bytes"

// symbolTable appends the links of an old-style group (III.B to III.D, IV.A.2.r).
func (c *cursor) symbolTable(links []link) []link {
	tree, heapAddr := c.addr(), c.addr()
	names := c.localHeap(heapAddr)
	if c.err != nil {
		return links
	}
	t := symbolTree{c.f, c.path, names, links}
	c.fail2(t.node(tree, -1))
	return t.links
}

// fail2 takes over an error that is already located, or none.
func (c *cursor) fail2(err error) {
	if err != nil {
		c.fail(err)
	}
}

// localHeap returns the names of a group, each ending with a NUL (III.D).
func (c *cursor) localHeap(addr uint64) []byte {
	h := c.f.tail(c.path, addr)
	h.signature("HEAP")
	h.version("local heap", 0)
	h.skip(3)
	size := h.length()
	h.length() // free list
	data := h.addr()
	if h.err != nil {
		c.fail(h.err)
		return nil
	}
	region := c.f.region(c.path, data, size)
	names := region.rest()
	c.fail2(region.err)
	return names
}

// symbolTree gathers links from a version 1 B-tree of symbol table nodes.
type symbolTree struct {
	f     *File
	path  string
	names []byte
	links []link
}

// node reads a node of the B-tree (III.A.1). level is what the parent
// demands, -1 for the root; it sinks by one, so there is no way round.
func (t *symbolTree) node(addr uint64, level int) error {
	c := t.f.tail(t.path, addr)
	entries, lvl := c.treeNode(0, level)
	for i := 0; i < entries && c.err == nil; i++ {
		c.length() // key: the first name of the child
		child := c.addr()
		if c.err != nil {
			break
		}
		if lvl > 0 {
			c.fail2(t.node(child, lvl-1))
		} else {
			c.fail2(t.leaf(child))
		}
	}
	return c.err
}

// treeNode reads the head of a version 1 B-tree node (III.A.1).
func (c *cursor) treeNode(kind uint8, level int) (entries, lvl int) {
	c.signature("TREE")
	if k := c.u8(); c.err == nil && k != kind {
		c.fail(malformed("B-tree node of type %d instead of %d", k, kind))
	}
	lvl, entries = int(c.u8()), int(c.u16())
	if c.err == nil && level >= 0 && lvl != level {
		c.fail(malformed("B-tree node of level %d instead of %d", lvl, level))
	}
	c.addr() // left sibling
	c.addr() // right sibling
	c.charge(64)
	return entries, lvl
}

// leaf reads a symbol table node (III.B, III.C).
func (t *symbolTree) leaf(addr uint64) error {
	c := t.f.tail(t.path, addr)
	c.signature("SNOD")
	c.version("symbol table node", 1)
	c.skip(1)
	n := int(c.u16())
	for i := 0; i < n && c.err == nil; i++ {
		at := c.at + int64(c.pos)
		name, header := c.length(), c.addr()
		cache := c.u32()
		c.skip(4 + 16)
		l := link{name: t.name(&c, name), addr: header, at: at}
		if cache == 2 {
			l.kind = softLink
		}
		c.charge(64)
		t.links = append(t.links, l)
	}
	return c.err
}

// name looks a name up in the local heap.
func (t *symbolTree) name(c *cursor, at uint64) string {
	if c.err != nil {
		return ""
	}
	if at >= uint64(len(t.names)) {
		c.fail(malformed("link name at %d of a heap of %d bytes", at, len(t.names)))
		return ""
	}
	n := bytes.IndexByte(t.names[at:], 0)
	if n < 0 {
		c.fail(malformed("link name without an end"))
		return ""
	}
	return c.linkName(t.names[at : at+uint64(n)])
}

// linkName checks a name and makes it a string.
func (c *cursor) linkName(b []byte) string {
	switch {
	case len(b) == 0 || bytes.IndexByte(b, '/') >= 0 || string(b) == "." || string(b) == "..":
		c.fail(malformed("link name %q", b))
	case len(b) > maxLinkNameLen:
		c.fail(overLimit("link name of %d bytes", len(b)))
	}
	c.charge(2 * uint64(len(b))) // the name and the member's path
	if c.err != nil {
		return ""
	}
	return string(b)
}

// link reads a link message (IV.A.2.g), in a header or on a fractal heap.
func (c *cursor) link() link {
	l := link{at: c.at}
	c.version("link message", 1)
	flags := c.u8()
	if flags&(1<<3) != 0 {
		l.kind = linkKind(c.u8())
	}
	if flags&(1<<2) != 0 {
		c.skip(8) // creation order
	}
	if flags&(1<<4) != 0 {
		c.skip(1) // character set: names are bytes here
	}
	n := c.uint(1 << (flags & 3))
	name := c.bytes(n)
	if c.err == nil {
		l.name = c.linkName(name)
	}
	if l.kind == hardLink {
		l.addr = c.addr()
	}
	c.charge(64)
	return l
}
