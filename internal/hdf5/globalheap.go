package hdf5

import "encoding/binary"

// heapString follows the reference of a variable-length string (IV.B): its
// length, and the object on a global heap that holds it.
func (f *File) heapString(a *Array, ref []byte) (string, error) {
	c := cursor{f: f, path: a.Path, at: a.at, b: ref}
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

// heapObject finds an object of a global heap collection (III.E). The places
// of a collection's objects are kept for the next string.
func (f *File) heapObject(path string, addr uint64, index uint32) (cursor, error) {
	if f.heaps == nil {
		f.heaps = map[uint64]map[uint32]span{}
	}
	objects, known := f.heaps[addr]
	if !known {
		var err error
		if objects, err = f.collection(path, addr); err != nil {
			return cursor{}, err
		}
		f.heaps[addr] = objects
	}
	c := f.tail(path, addr)
	s, ok := objects[index]
	if !ok {
		c.fail(malformed("global heap collection without object %d", index))
		return c, c.err
	}
	c = f.region(path, s.addr, s.size)
	return c, c.err
}

// collection lists the objects of a global heap collection.
func (f *File) collection(path string, addr uint64) (map[uint32]span, error) {
	c := f.tail(path, addr)
	c.signature("GCOL")
	c.version("global heap", 1)
	c.skip(3)
	size := c.length()
	head := uint64(c.pos)
	if c.err == nil && (size < head || size > uint64(len(c.b))) {
		c.fail(malformed("global heap collection of %d bytes", size))
	}
	if c.err != nil {
		return nil, c.err
	}
	c.b = c.b[:size]
	objects := map[uint32]span{}
	for c.err == nil && c.left() >= 8+f.lengthSize {
		index := uint32(binary.LittleEndian.Uint16(c.bytes(8)))
		n := c.length()
		if index == 0 { // free space up to the end
			break
		}
		c.charge(64)
		objects[index] = span{addr + uint64(c.pos), n}
		c.skip(min(n, 1<<62)) // so that padding cannot wrap round
		c.skip(min(-n&7, uint64(c.left())))
	}
	return objects, c.err
}
