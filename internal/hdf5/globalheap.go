package hdf5

// heapString follows the reference of a variable-length string (IV.B): its
// length, and the object on a global heap that holds it.
func (f *File) heapString(a *Array, ref []byte) (string, error) {
	c := cursor{f: f, path: a.Path, at: a.at, b: ref, size: len(ref)}
	n := uint64(c.u32())
	addr, index := c.addr(), c.u32()
	if n == 0 || c.err != nil {
		return "", c.err
	}
	object, err := f.heapObject(a.Path, addr, index)
	if err != nil {
		return "", err
	}
	if n > uint64(len(object.b)) {
		object.fail(malformed("string of %d bytes in an object of %d", n, len(object.b)))
		return "", object.err
	}
	object.charge(n)
	return string(trim(object.b[:n], true)), object.err
}

// collection is a global heap collection: its bytes, and where among them
// each of its objects stands.
type collection struct {
	bytes   cursor
	objects map[uint32]span
}

// heapObject finds an object of a global heap collection (III.E). The
// collection is kept for the next string.
func (f *File) heapObject(path string, addr uint64, index uint32) (cursor, error) {
	if f.heaps == nil {
		f.heaps = map[uint64]collection{}
	}
	known, ok := f.heaps[addr]
	if !ok {
		var err error
		if known, err = f.collection(path, addr); err != nil {
			return cursor{}, err
		}
		f.heaps[addr] = known
	}
	c := known.bytes
	c.path = path
	s, ok := known.objects[index]
	if !ok {
		c.pos = 0
		c.fail(malformed("global heap collection without object %d", index))
		return c, c.err
	}
	c.pos = int(s.addr)
	object := c.sub(s.size)
	return object, object.err
}

// collection reads a global heap collection.
func (f *File) collection(path string, addr uint64) (collection, error) {
	c := f.tail(path, addr)
	c.signature("GCOL")
	c.version("global heap", 1)
	c.skip(3)
	size := c.length()
	if c.err == nil && (size < uint64(c.pos) || size > uint64(c.size)) {
		c.fail(malformed("global heap collection of %d bytes", size))
	}
	if c.err != nil {
		return collection{}, c.err
	}
	c.size = int(size)
	c.load(c.size)
	objects := map[uint32]span{}
	for c.err == nil && c.left() >= 8+f.lengthSize {
		index := uint32(c.u16())
		c.skip(6) // reference count, reserved
		n := c.length()
		if index == 0 { // free space up to the end
			break
		}
		c.charge(64)
		objects[index] = span{uint64(c.pos), n}
		c.skip(min(n, 1<<62)) // so that padding cannot wrap round
		c.skip(min(-n&7, uint64(c.left())))
	}
	return collection{c, objects}, c.err
}
