package hdf5

// Types of version 2 B-trees (III.A.2) that index links and attributes by
// name, and where in their records the heap id stands.
const (
	indexLinks = 5 // hash, heap id
	indexAttrs = 8 // heap id, flags, creation order, hash
)

// denseIndex locates links or attributes that stand outside the object
// header: messages on a fractal heap, listed by a version 2 B-tree.
type denseIndex struct {
	heap, tree uint64
	present    bool
}

// linkInfo reads a link info message (IV.A.2.c).
func (c *cursor) linkInfo() denseIndex {
	c.version("link info message", 0)
	if flags := c.u8(); flags&1 != 0 {
		c.skip(8) // highest creation order
	}
	return c.denseIndex()
}

// attributeInfo reads an attribute info message (IV.A.2.v).
func (c *cursor) attributeInfo() denseIndex {
	c.version("attribute info message", 0)
	if flags := c.u8(); flags&1 != 0 {
		c.skip(2) // highest creation order
	}
	return c.denseIndex()
}

func (c *cursor) denseIndex() denseIndex {
	d := denseIndex{heap: c.addr(), tree: c.addr()}
	d.present = c.err == nil && d.heap != undefined && d.tree != undefined
	return d
}

// each calls visit with every message of the index.
func (d denseIndex) each(f *File, path string, kind uint8, visit func(c *cursor)) error {
	if !d.present {
		return nil
	}
	h, err := f.fractalHeap(path, d.heap)
	if err != nil {
		return err
	}
	return f.eachRecord(path, d.tree, kind, func(record *cursor) {
		if kind == indexLinks {
			record.skip(4)
		}
		id := record.sub(uint64(h.idSize))
		body := h.object(&id)
		record.fail2(body.err)
		if record.err == nil {
			visit(&body)
			record.fail2(body.err)
		}
	})
}
