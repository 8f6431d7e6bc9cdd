package hdf5

import (
	"bytes"
	"slices"
)

// Dataset is a named array in a group. Its values are decoded when asked for.
type Dataset struct {
	attributes
	*Array
}

// load brings the stored bytes of all values together in a.raw.
func (a *Array) load() error {
	if a.raw != nil || a.layout == nil || a.n == 0 {
		return nil
	}
	l := a.layout
	need := uint64(a.n) * uint64(a.Type.Size)
	switch {
	case l.class == layoutCompact:
		if need > uint64(len(l.compact)) {
			return a.fail(malformed("%d bytes of values, the shape %v needs %d", len(l.compact), a.Shape, need))
		}
		a.raw = l.compact[:need]
	case l.class == layoutChunked:
		return a.loadChunks(need)
	case l.addr == undefined:
		return a.blank(need)
	default:
		if l.size < need {
			return a.fail(malformed("%d bytes of values, the shape %v needs %d", l.size, a.Shape, need))
		}
		c := a.f.region(a.Path, l.addr, need)
		a.raw = c.rest()
		return c.err
	}
	return nil
}

// blank makes room for the values and sets them to the fill value.
func (a *Array) blank(need uint64) error {
	if err := a.charge(need); err != nil {
		return err
	}
	if fill := a.layout.fill; len(fill) == a.Type.Size && a.Type.Class != Text {
		a.raw = bytes.Repeat(fill, a.n)
		return nil
	}
	a.raw = make([]byte, need)
	return nil
}

// loadChunks reads a chunked dataset of need bytes.
func (a *Array) loadChunks(need uint64) error {
	l := a.layout
	g, chunks, err := a.chunked()
	if err != nil {
		return err
	}
	stored := uint64(0)
	for _, c := range chunks {
		stored += uint64(c.size)
	}
	// What deflate cannot have produced is fill values: the file's size pays.
	a.deflated = len(l.filters) > 0 && need/deflateRatio <= stored
	u := unfilter{filters: l.filters, size: a.Type.Size}
	if len(l.filters) > 0 {
		if err := a.inflate(unfilterCost * g.bytes); err != nil {
			return err
		}
	}
	if g.single() && len(chunks) == 1 {
		a.raw, err = a.chunk(g, chunks[0], &u)
		return err
	}
	if err := a.blank(need); err != nil {
		return err
	}
	for _, c := range chunks {
		b, err := a.chunk(g, c, &u)
		if err != nil {
			return err
		}
		g.place(a.raw, b, c.n)
	}
	return nil
}

// chunked refuses what cannot be read and lists the chunks.
func (a *Array) chunked() (*grid, []chunk, error) {
	for _, f := range a.layout.filters {
		if !f.readable(&a.Type) {
			return nil, nil, a.fail(unsupported("filter %s for values of type %v", f.name(), a.Type))
		}
	}
	g, err := a.grid()
	if err != nil {
		return nil, nil, err
	}
	chunks, err := a.chunks(g)
	return g, chunks, err
}

// chunk is the values of one chunk, in the chunk's own order.
func (a *Array) chunk(g *grid, c chunk, u *unfilter) ([]byte, error) {
	region := a.f.region(a.Path, c.addr, uint64(c.size))
	b := region.rest()
	if region.err != nil {
		return nil, region.err
	}
	b, err := a.unpack(g, c, u, b)
	if err != nil {
		region.pos = 0
		region.fail(err)
	}
	return b, region.err
}

// plain reports whether a chunk is stored as it is.
func (a *Array) plain(g *grid, c chunk) bool {
	return len(a.layout.filters) == 0 || a.layout.edges && g.partial(c.n)
}

// unpack undoes the filters of a chunk's stored bytes.
func (a *Array) unpack(g *grid, c chunk, u *unfilter, b []byte) ([]byte, error) {
	if !a.plain(g, c) {
		if stored := uint64(len(b)); g.bytes > max(freeExpansion, deflateRatio*(stored+64)) {
			return nil, overLimit("a chunk of %d stored bytes cannot expand to %d", stored, g.bytes)
		}
		var err error
		if b, err = u.undo(b, c.mask, g.bytes); err != nil {
			return nil, err
		}
	}
	if n := uint64(len(b)); n < g.bytes && len(g.shape) == 1 && n >= g.inside(c.n)*g.size {
		b = slices.Grow(b, int(g.bytes-n))[:g.bytes] // ECF leaves out what lies beyond the shape
		clear(b[n:])
	}
	if uint64(len(b)) != g.bytes {
		return nil, malformed("a chunk of %d bytes instead of %d", len(b), g.bytes)
	}
	return b, nil
}
