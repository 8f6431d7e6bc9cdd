package hdf5

const signature = "\x89HDF\r\n\x1a\n"

// superblock finds and reads the superblock (II.A) and returns the address of
// the root group's object header. It stands at byte 0 or, behind a user
// block, at 512, 1024, 2048 and so on.
func (f *File) superblock() (uint64, error) {
	head := make([]byte, len(signature))
	for at := int64(0); string(head) != signature; at = max(512, 2*at) {
		if at > f.size-int64(len(head)) {
			return 0, &Error{Path: "/", Err: malformed("no HDF5 signature")}
		}
		if err := f.readAt(head, at); err != nil {
			return 0, &Error{Path: "/", Offset: at, Err: err}
		}
		f.base = at
	}
	f.offsetSize, f.lengthSize = 8, 8
	c := f.tail("/", 0)
	c.skip(uint64(len(signature)))
	switch v := c.u8(); v {
	case 0, 1:
		return f.superblock0(&c, v)
	case 2, 3:
		return f.superblock2(&c)
	default:
		c.fail(unsupported("superblock version %d", v))
		return 0, c.err
	}
}

// superblock0 reads versions 0 and 1 from the byte behind the version (II.A).
func (f *File) superblock0(c *cursor, version uint8) (uint64, error) {
	c.skip(4) // versions of free space, root group, a reserved byte, shared headers
	f.sizes(c)
	c.skip(1 + 2 + 2 + 4) // reserved, K of leaves, K of nodes, flags
	if version == 1 {
		c.skip(4) // K of chunk indexes, reserved
	}
	base := c.addr()
	c.addr() // free space
	end := c.addr()
	c.addr() // driver information
	f.extent(c, base, end)
	c.addr() // link name of the root group's symbol table entry
	root := c.addr()
	return root, c.err
}

// superblock2 reads versions 2 and 3, which end with a checksum (II.A).
func (f *File) superblock2(c *cursor) (uint64, error) {
	f.sizes(c)
	c.skip(1) // flags
	base := c.addr()
	c.addr() // superblock extension
	end := c.addr()
	root := c.addr()
	c.checksum("superblock")
	f.extent(c, base, end)
	return root, c.err
}

func (f *File) sizes(c *cursor) {
	offset, length := c.u8(), c.u8()
	for _, n := range []uint8{offset, length} {
		if n != 2 && n != 4 && n != 8 {
			c.fail(unsupported("addresses of %d and lengths of %d bytes", offset, length))
			return
		}
	}
	f.offsetSize, f.lengthSize = int(offset), int(length)
}

// extent checks the base and end addresses against what is there. The stored
// base may be 0 for a file whose user block was added later.
func (f *File) extent(c *cursor, base, end uint64) {
	if c.err != nil {
		return
	}
	if base != 0 && base != uint64(f.base) {
		c.fail(malformed("base address %d, but the superblock is at %d", base, f.base))
		return
	}
	if have := uint64(f.size); end == undefined || end > have || end+uint64(f.base)-base > have {
		c.fail(malformed("the file says it ends at %d, but has %d bytes", end, have))
	}
}
