package hdf5

import "math/bits"

// tree2 walks a version 2 B-tree (III.A.2).
type tree2 struct {
	f          *File
	path       string
	kind       uint8
	recordSize int
	nodeSize   uint64
	levels     []tree2Level // by height above the leaves
	visit      func(record *cursor)
}

// tree2Level reports how wide the counters in a pointer to a node of one height are.
type tree2Level struct {
	countSize int    // bytes of a node's number of records
	totalSize int    // bytes of the number of records below a node; 0 for a leaf
	most      uint64 // records that a whole subtree of this height can hold
}

// eachRecord calls visit for every record of the tree in its order.
func (f *File) eachRecord(path string, addr uint64, kind uint8, visit func(record *cursor)) error {
	c := f.tail(path, addr)
	c.signature("BTHD")
	c.version("version 2 B-tree", 0)
	if k := c.u8(); c.err == nil && k != kind {
		c.fail(malformed("version 2 B-tree of type %d instead of %d", k, kind))
	}
	t := tree2{f: f, path: path, kind: kind, visit: visit}
	t.nodeSize, t.recordSize = uint64(c.u32()), int(c.u16())
	depth := int(c.u16())
	c.skip(2) // when to split and merge
	root, records := c.addr(), uint64(c.u16())
	c.length() // records in all
	c.checksum("version 2 B-tree")
	if c.err == nil && root != undefined && t.measure(&c, depth) {
		c.fail2(t.node(root, records, depth))
	}
	return c.err
}

// measure works out the width of the counters, as H5B2_hdr_init does.
func (t *tree2) measure(c *cursor, depth int) bool {
	const overhead = 10 // signature, version, type, checksum
	if depth > 16 || t.recordSize < 5 || t.nodeSize < overhead+uint64(t.recordSize) {
		c.fail(malformed("version 2 B-tree of depth %d, nodes of %d and records of %d bytes", depth, t.nodeSize, t.recordSize))
		return false
	}
	records := (t.nodeSize - overhead) / uint64(t.recordSize)
	count := bytesFor(records)
	t.levels = []tree2Level{{countSize: count, most: records}}
	for i := 1; i <= depth; i++ {
		below := t.levels[i-1]
		pointer := uint64(t.f.offsetSize + count + below.totalSize)
		if t.nodeSize < overhead+pointer {
			c.fail(malformed("version 2 B-tree nodes of %d bytes", t.nodeSize))
			return false
		}
		records = (t.nodeSize - overhead - pointer) / (uint64(t.recordSize) + pointer)
		hi, most := bits.Mul64(records+1, below.most)
		if hi != 0 || most+records < most {
			c.fail(malformed("version 2 B-tree of depth %d", depth))
			return false
		}
		most += records
		t.levels = append(t.levels, tree2Level{count, bytesFor(most), most})
	}
	return true
}

// bytesFor is the number of bytes that hold values up to n.
func bytesFor(n uint64) int { return (max(bits.Len64(n), 1) + 7) / 8 }

// node reads a leaf (height 0) or internal node with n records. The height
// sinks by one at each step, so there is no way round.
func (t *tree2) node(addr, n uint64, height int) error {
	c := t.f.region(t.path, addr, t.nodeSize)
	c.charge(64 + n*uint64(t.recordSize))
	c.signature([...]string{"BTLF", "BTIN"}[min(height, 1)])
	c.version("version 2 B-tree node", 0)
	if k := c.u8(); c.err == nil && k != t.kind {
		c.fail(malformed("version 2 B-tree node of type %d instead of %d", k, t.kind))
	}
	records := c.sub(n * uint64(t.recordSize))
	children := c.sub(t.pointers(n, height))
	c.checksum("version 2 B-tree node")
	for i := uint64(0); c.err == nil && i < n; i++ {
		if height > 0 {
			c.fail2(t.child(&children, height-1))
		}
		record := records.sub(uint64(t.recordSize))
		if c.err == nil {
			t.visit(&record)
			c.fail2(record.err)
		}
	}
	if height > 0 && c.err == nil {
		c.fail2(t.child(&children, height-1))
	}
	return c.err
}

// pointers is how many bytes the pointers of a node take.
func (t *tree2) pointers(n uint64, height int) uint64 {
	if height == 0 {
		return 0
	}
	below := t.levels[height-1]
	return (n + 1) * uint64(t.f.offsetSize+below.countSize+below.totalSize)
}

// child follows the next pointer.
func (t *tree2) child(pointers *cursor, height int) error {
	l := t.levels[height]
	addr, n := pointers.addr(), pointers.uint(l.countSize)
	pointers.skip(uint64(l.totalSize))
	if pointers.err != nil {
		return pointers.err
	}
	return t.node(addr, n, height)
}
