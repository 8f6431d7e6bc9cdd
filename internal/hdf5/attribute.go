package hdf5

// attribute is a named value in an object's header. What makes it unreadable,
// such as a compound type, is kept until somebody asks for it.
type attribute struct {
	name  string
	array *Array
	err   error
}

// attributes are those of one object.
type attributes struct {
	path string
	at   int64 // file offset of the object header
	list []attribute
}

// AttrNames are the names of the attributes in the order of the file.
func (a *attributes) AttrNames() []string {
	names := make([]string, len(a.list))
	for i, at := range a.list {
		names[i] = at.name
	}
	return names
}

// Attr is the attribute of that name, or [ErrNotFound].
func (a *attributes) Attr(name string) (*Array, error) {
	for _, at := range a.list {
		if at.name == name {
			return at.array, at.err
		}
	}
	return nil, &Error{Path: a.path + "@" + name, Offset: a.at, Err: ErrNotFound}
}

// attribute reads an attribute message (IV.A.2.m). It fails for what breaks
// the message; an unsupported type only fails the attribute.
func (c *cursor) attribute() attribute {
	version := c.u8()
	if c.err == nil && (version < 1 || version > 3) {
		c.fail(unsupported("attribute message version %d", version))
	}
	flags := c.u8()
	nameSize, typeSize, spaceSize := uint64(c.u16()), uint64(c.u16()), uint64(c.u16())
	if version == 3 {
		c.skip(1) // character set
	}
	padded := func(n uint64) uint64 {
		if version == 1 {
			return (n + 7) &^ 7
		}
		return n
	}
	name := c.sub(padded(nameSize))
	at := attribute{name: name.text()}
	typ, space := c.sub(padded(typeSize)), c.sub(padded(spaceSize))
	c.fail2(name.err)
	c.charge(128 + nameSize)
	if c.err != nil {
		return at
	}
	if version > 1 && flags != 0 {
		typ.fail(unsupported("attribute with a shared type or shape"))
	}
	at.array, at.err = c.attributeValue(at.name, &typ, &space)
	return at
}

func (c *cursor) attributeValue(name string, typ, space *cursor) (*Array, error) {
	path := c.path + "@" + name
	typ.path, space.path = path, path
	t := typ.datatype()
	s := space.dataspace()
	if typ.err != nil {
		return nil, typ.err
	}
	if space.err != nil {
		return nil, space.err
	}
	array, err := newArray(c.f, path, c.at+int64(c.pos), t, &s)
	if err != nil {
		return nil, err
	}
	value := c.sub(uint64(c.left()))
	value.path = path
	array.raw = value.bytes(s.n * uint64(t.Size))
	return array, value.err
}
