package hdf5

import "bytes"

// Dataset is a named array in a group. Its values are decoded when asked for.
type Dataset struct {
	attributes
	*Array
}

// Filters names the filters that the values went through, in that order.
func (d *Dataset) Filters() []string {
	var names []string
	for _, f := range d.layout.filters {
		names = append(names, f.name())
	}
	return names
}

// load brings the stored bytes of all values together in a.raw.
func (a *Array) load() error {
	if a.whole != nil {
		err := a.whole.load()
		a.raw, a.deflated = a.whole.raw, a.whole.deflated
		return err
	}
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
		a.raw = c.b
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
	for _, f := range l.filters {
		if !f.known() {
			return a.fail(unsupported("filter %s", f.name()))
		}
	}
	g, err := a.grid()
	if err != nil {
		return err
	}
	chunks, err := a.chunks(g)
	if err != nil {
		return err
	}
	stored := uint64(0)
	for _, c := range chunks {
		stored += uint64(c.size)
	}
	// What deflate cannot have produced is fill values: the file's size pays.
	a.deflated = len(l.filters) > 0 && need/deflateRatio <= stored
	if g.single() && len(chunks) == 1 {
		a.raw, err = a.chunk(g, chunks[0])
		return err
	}
	if err := a.blank(need); err != nil {
		return err
	}
	for _, c := range chunks {
		b, err := a.chunk(g, c)
		if err != nil {
			return err
		}
		g.place(a.raw, b, g.offset(c.n))
	}
	return nil
}

// chunk is the values of one chunk, in the chunk's own order.
func (a *Array) chunk(g *grid, c chunk) ([]byte, error) {
	l := a.layout
	stored := uint64(c.size)
	plain := len(l.filters) == 0 || l.edges && g.partial(c.n)
	if plain && stored != g.bytes {
		return nil, a.fail(malformed("chunk of %d bytes instead of %d", stored, g.bytes))
	}
	region := a.f.region(a.Path, c.addr, stored)
	if region.err != nil || plain {
		return region.b, region.err
	}
	if g.bytes/deflateRatio > stored+64 {
		region.fail(overLimit("a chunk of %d stored bytes cannot expand to %d", stored, g.bytes))
		return nil, region.err
	}
	if err := a.inflate(g.bytes); err != nil {
		return nil, err
	}
	b, err := unfilter(region.b, l.filters, c.mask, g.bytes, a.Type.Size)
	if err == nil && uint64(len(b)) != g.bytes {
		err = malformed("a chunk expands to %d bytes instead of %d", len(b), g.bytes)
	}
	if err != nil {
		region.fail(err)
		return nil, region.err
	}
	return b, nil
}
