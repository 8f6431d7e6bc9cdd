package hdf5

// object is what the header of a group or dataset says.
type object struct {
	f    *File
	path string
	addr uint64

	attrs []attribute

	isType  bool // a datatype that others refer to
	isGroup bool
	links   []link

	array *Array // nil for a group
}

// objectCost is what it takes in memory to open an object, its messages apart.
const objectCost = 768

// object reads the header at addr, the list of links included.
func (f *File) object(path string, addr uint64) (*object, error) {
	o := &object{f: f, path: path, addr: addr}
	p := parts{at: f.base + int64(addr)}
	if !f.charge(objectCost + 4*uint64(len(path))) {
		return nil, &Error{Path: path, Offset: p.at, Err: errAllowance}
	}
	if err := f.eachMessage(path, addr, func(kind uint16, c *cursor) { p.take(o, kind, c) }); err != nil {
		return nil, err
	}
	if err := p.dense(o); err != nil {
		return nil, err
	}
	if p.layout != nil {
		return o, p.dataset(o)
	}
	o.isType = p.typ != nil
	return o, nil
}

// parts are the messages that only make sense together.
type parts struct {
	at       int64
	space    *dataspace
	typ      *Type
	layout   *layout
	fill     []byte
	filters  []filter
	links    denseIndex
	attrs    denseIndex
	external bool
}

// take reads one message into o or p.
func (p *parts) take(o *object, kind uint16, c *cursor) {
	switch kind {
	case msgDataspace:
		s := c.dataspace()
		p.space = &s
	case msgDatatype:
		t := c.datatype()
		p.typ = &t
	case msgFill:
		p.fill = c.fillValue()
	case msgLayout:
		l := c.layout()
		p.layout = &l
	case msgFilters:
		p.filters = c.filters()
	case msgExternal:
		p.external = true
	case msgAttribute:
		o.attrs = append(o.attrs, c.attribute())
	case msgAttrInfo:
		p.attrs = c.attributeInfo()
	case msgSymbolTable:
		o.isGroup = true
		o.links = c.symbolTable(o.links)
	case msgLinkInfo:
		o.isGroup = true
		p.links = c.linkInfo()
	case msgLink:
		o.isGroup = true
		o.links = append(o.links, c.link())
	}
}

// dense reads the links and attributes that stand outside the header.
func (p *parts) dense(o *object) error {
	err := p.links.each(o.f, o.path, indexLinks, func(c *cursor) { o.links = append(o.links, c.link()) })
	if err != nil {
		return err
	}
	return p.attrs.each(o.f, o.path, indexAttrs, func(c *cursor) { o.attrs = append(o.attrs, c.attribute()) })
}

// dataset puts the array together.
func (p *parts) dataset(o *object) error {
	fail := func(err error) error { return &Error{Path: o.path, Offset: p.at, Err: err} }
	switch {
	case o.isGroup:
		return fail(malformed("both a group and a dataset"))
	case p.space == nil || p.typ == nil:
		return fail(malformed("dataset without a shape or a type"))
	case p.external:
		return fail(unsupported("values in an external file"))
	}
	p.layout.filters, p.layout.fill = p.filters, p.fill
	array, err := newArray(o.f, o.path, p.at, *p.typ, p.space)
	if err != nil {
		return err
	}
	o.array, array.layout = array, p.layout
	return nil
}
