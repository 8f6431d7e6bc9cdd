package hdf5

import "fmt"

// Half the number of entries of a symbol table node and of children of a
// B-tree node: the library's defaults, stored in the superblock.
const (
	leafK = 4
	nodeK = 16
)

// group writes the members, then the group itself: a local heap with the
// names, a version 1 B-tree over symbol table nodes, an object header.
func (p *printer) group(path string, g *GroupWriter) (uint64, error) {
	addrs := make([]uint64, len(g.members))
	for i, m := range g.members {
		var err error
		where := path + "/" + m.name
		if m.group != nil {
			addrs[i], err = p.group(where, m.group)
		} else {
			addrs[i], err = p.dataset(where, m.value)
		}
		if err != nil {
			return 0, err
		}
	}
	names := make([]byte, 8) // the empty name, below all others
	offsets := make([]uint64, len(g.members))
	for i, m := range g.members {
		offsets[i] = uint64(len(names))
		names = pad8(append(append(names, m.name...), 0))
	}
	data := p.place(names)
	heap := append([]byte("HEAP"), 0, 0, 0, 0)
	heap = u64(heap, uint64(len(names)), 1, data) // 1: no free block
	heapAddr := p.place(heap)
	h := header{}
	h.add(msgSymbolTable, u64(nil, p.symbolTree(offsets, addrs), heapAddr))
	if err := p.attributes(path, g.attrs, &h); err != nil {
		return 0, err
	}
	return p.place(h.bytes()), nil
}

func (p *printer) attributes(path string, attrs []member, h *header) error {
	for _, a := range attrs {
		b, err := p.attribute(path, a)
		if err != nil {
			return err
		}
		h.add(msgAttribute, b)
	}
	return nil
}

// subtree is a written node and the heap offset of the last name in it.
type subtree struct{ addr, last uint64 }

// symbolTree writes the symbol table nodes and, level by level, the B-tree,
// and returns the address of its root.
func (p *printer) symbolTree(names, headers []uint64) uint64 {
	nodes := p.leaves(names, headers)
	for level := uint8(0); ; level++ {
		if nodes = p.treeLevel(level, nodes); len(nodes) == 1 {
			return nodes[0].addr
		}
	}
}

// leaves writes symbol table nodes (III.B), full but for the last.
func (p *printer) leaves(names, headers []uint64) []subtree {
	var nodes []subtree
	for len(names) > 0 {
		n := min(len(names), 2*leafK)
		b := u16(append([]byte("SNOD"), 1, 0), uint16(n))
		for i := range n {
			b = u64(b, names[i], headers[i], 0, 0, 0)
		}
		b = append(b, make([]byte, (2*leafK-n)*40)...)
		nodes = append(nodes, subtree{p.place(b), names[n-1]})
		names, headers = names[n:], headers[n:]
	}
	return nodes
}

// treeLevel writes the B-tree nodes of one level (III.A.1), at least one. They
// stand one behind the other, so siblings know each other's address.
func (p *printer) treeLevel(level uint8, children []subtree) []subtree {
	const size = 24 + (2*nodeK+1)*8 + 2*nodeK*8
	var nodes []subtree
	first := uint64(0) // key below the first child: the empty name
	for i := 0; i == 0 || i < len(children); i += 2 * nodeK {
		part := children[i:min(i+2*nodeK, len(children))]
		left, right := undefined, undefined
		if i > 0 {
			left = p.end() - size
		}
		if i+2*nodeK < len(children) {
			right = p.end() + size
		}
		b := u16(append([]byte("TREE"), 0, level), uint16(len(part)))
		b = u64(b, left, right, first)
		for _, n := range part {
			b = u64(b, n.addr, n.last)
			first = n.last
		}
		b = append(b, make([]byte, size-len(b))...)
		nodes = append(nodes, subtree{p.place(b), first})
	}
	return nodes
}

// header is a version 1 object header in the making.
type header struct {
	body []byte
	n    uint16
}

func (h *header) add(kind uint16, b []byte) {
	b = pad8(b)
	h.body = u16(h.body, kind, uint16(len(b)))
	h.body = append(h.body, 0, 0, 0, 0)
	h.body = append(h.body, b...)
	h.n++
}

// bytes is the finished header (IV.A.1.a).
func (h *header) bytes() []byte {
	b := u16([]byte{1, 0}, h.n)
	b = u32(b, 1, uint32(len(h.body)), 0)
	return append(b, h.body...)
}

// attribute builds an attribute message of version 1 (IV.A.2.m).
func (p *printer) attribute(path string, a member) ([]byte, error) {
	typ, space := a.value.typ.typeMessage(), a.value.spaceMessage()
	name := append([]byte(a.name), 0)
	b := u16([]byte{1, 0}, uint16(len(name)), uint16(len(typ)), uint16(len(space)))
	b = append(b, pad8(name)...)
	b = append(b, pad8(typ)...)
	b = append(b, pad8(space)...)
	b = append(b, p.raw(a.value)...)
	if len(b) > 65000 || len(a.name) > 60000 {
		return nil, fmt.Errorf("hdf5: %s@%s: attribute of %d bytes, at most 65000", path, a.name, len(b))
	}
	return b, nil
}
