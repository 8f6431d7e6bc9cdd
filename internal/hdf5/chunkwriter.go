package hdf5

// Chunks is the account of a dataset of one axis whose chunks the caller
// writes itself.
type Chunks struct {
	typ     Type
	rows    int // of a chunk
	filters []byte
	list    []chunk
}

// NewChunks begins a dataset of values of a type, in chunks of so many rows.
// Each goes through the filters, in this order.
func NewChunks(t Type, rows int, filters ...Filter) *Chunks {
	c := &Chunks{typ: t, rows: rows}
	for _, f := range filters {
		c.filters = f.message(c.filters)
	}
	if len(filters) > 0 {
		c.filters = append([]byte{1, byte(len(filters)), 0, 0, 0, 0, 0, 0}, c.filters...)
	}
	return c
}

// Add takes the next chunk to account: where it stands, its stored bytes, and
// whether it went through the filters.
func (c *Chunks) Add(at int64, size int, filtered bool) {
	mask := uint32(0)
	if !filtered {
		mask = ^mask
	}
	c.list = append(c.list, chunk{uint64(len(c.list)), uint64(at), uint32(size), mask})
}

// Values are the dataset of n values; all chunks must have been added.
func (c *Chunks) Values(n int) Values { return Values{typ: c.typ, shape: []int{n}, n: n, chunks: c} }

// Filter is a filter of chunks that are written, for [NewChunks].
type Filter struct {
	id       uint16
	optional bool
	values   []uint32
}

// Shuffle is the filter that sorts the bytes of values of a size by position.
func Shuffle(size int) Filter { return Filter{id: filterShuffle, values: []uint32{uint32(size)}} }

// Deflate is the filter that packs chunks as zlib streams.
func Deflate(level int) Filter { return Filter{id: filterDeflate, values: []uint32{uint32(level)}} }

// ECF is the filter of Prophesee's event records; a chunk may do without it.
func ECF() Filter { return Filter{id: filterECF, optional: true} }

// message appends one filter to a filter pipeline message of version 1
// (IV.A.2.l).
func (f Filter) message(b []byte) []byte {
	flags := uint16(0)
	if f.optional {
		flags = 1
	}
	b = u16(b, f.id, 0, flags, uint16(len(f.values)))
	b = u32(b, f.values...)
	if len(f.values)%2 != 0 {
		b = u32(b, 0)
	}
	return b
}

// chunked writes the index of the chunks and the messages of the dataset.
func (p *printer) chunked(c *Chunks, h *header) {
	addr := undefined
	if len(c.list) > 0 {
		addr = p.chunkTree(c)
	}
	h.add(msgFill, []byte{2, 3, 2, 1, 0, 0, 0, 0}) // allocated chunk by chunk, zeros
	if c.filters != nil {
		h.add(msgFilters, c.filters)
	}
	layout := u64([]byte{3, layoutChunked, 2}, addr)
	h.add(msgLayout, u32(layout, uint32(c.rows), uint32(c.typ.Size)))
}

// chunkTree writes a version 1 B-tree of the chunks (III.A.1), level by level,
// and returns the address of its root. The nodes of a level stand one behind
// the other, so siblings know each other's address.
func (p *printer) chunkTree(c *Chunks) uint64 {
	const k, key = 32, 24 // half the children of a node: the library's default; bytes of a key
	const size = 24 + (2*k+1)*key + 2*k*8
	nodes := c.list
	for level := uint8(0); ; level++ {
		var parents []chunk
		for i := 0; i < len(nodes); i += 2 * k {
			part := nodes[i:min(i+2*k, len(nodes))]
			left, right := undefined, undefined
			if i > 0 {
				left = p.end() - size
			}
			if i+2*k < len(nodes) {
				right = p.end() + size
			}
			b := u16(append([]byte("TREE"), 1, level), uint16(len(part)))
			b = u64(b, left, right)
			for _, n := range part {
				b = u64(u32(b, n.size, n.mask), n.n*uint64(c.rows), 0, n.addr)
			}
			next := uint64(len(c.list)) // the key behind the last child
			if i+2*k < len(nodes) {
				next = nodes[i+2*k].n
			}
			b = u64(u32(b, 0, 0), next*uint64(c.rows), 0)
			b = append(b, make([]byte, size-len(b))...)
			first := part[0]
			first.addr = p.place(b)
			parents = append(parents, first)
		}
		if nodes = parents; len(nodes) == 1 {
			return nodes[0].addr
		}
	}
}
