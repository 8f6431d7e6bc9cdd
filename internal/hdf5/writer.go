package hdf5

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Writer builds a file in memory: put groups, datasets and attributes into
// its root, then call WriteTo. The bytes depend on the content alone.
type Writer struct {
	root  GroupWriter
	level int
}

// NewWriter starts an empty file. level is that of deflate, 1 to 9, for
// arrays that get smaller by it; 0 writes all arrays as they are.
func NewWriter(level int) *Writer { return &Writer{level: level} }

// Root is the group "/".
func (w *Writer) Root() *GroupWriter { return &w.root }

// GroupWriter is a group to be written.
type GroupWriter struct {
	attrs   []member
	members []member
}

// member is a named value or group.
type member struct {
	name  string
	group *GroupWriter
	value Values
}

// Group adds a group. A bad or repeated name is reported by WriteTo.
func (g *GroupWriter) Group(name string) *GroupWriter {
	sub := &GroupWriter{}
	g.members = append(g.members, member{name: name, group: sub})
	return sub
}

// Put adds a dataset; the values are read by WriteTo, not before.
func (g *GroupWriter) Put(name string, v Values) {
	g.members = append(g.members, member{name: name, value: v})
}

// Attr adds an attribute of the group, at most 64 KiB large.
func (g *GroupWriter) Attr(name string, v Values) {
	g.attrs = append(g.attrs, member{name: name, value: v})
}

// WriteTo writes the file. Errors name the path of what cannot be written.
func (w *Writer) WriteTo(dst io.Writer) (int64, error) {
	p := &printer{level: w.level, b: make([]byte, superblockSize)}
	if err := w.root.check("/"); err != nil {
		return 0, err
	}
	p.heap(w.root.texts(nil))
	root, err := p.group("/", &w.root)
	if err != nil {
		return 0, err
	}
	p.superblock(root)
	n, err := dst.Write(p.b)
	return int64(n), err
}

// check sorts the members by name and finds names that HDF5 does not allow.
func (g *GroupWriter) check(path string) error {
	slices.SortStableFunc(g.members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	for i, m := range g.members {
		where := strings.TrimSuffix(path, "/") + "/" + m.name
		switch {
		case m.name == "" || m.name == "." || m.name == ".." || strings.ContainsAny(m.name, "/\x00") || len(m.name) > maxLinkNameLen:
			return fmt.Errorf("hdf5: %s: %q is not a name for a member", path, m.name)
		case i > 0 && g.members[i-1].name == m.name:
			return fmt.Errorf("hdf5: %s: written twice", where)
		case m.group != nil:
			if err := m.group.check(where); err != nil {
				return err
			}
		default:
			if err := m.value.check(where); err != nil {
				return err
			}
		}
	}
	for _, a := range g.attrs {
		if err := a.value.check(path + "@" + a.name); err != nil {
			return err
		}
	}
	return nil
}

// texts gathers all strings in the order in which group writes them.
func (g *GroupWriter) texts(list []string) []string {
	for _, m := range g.members {
		if m.group != nil {
			list = m.group.texts(list)
		} else {
			list = append(list, m.value.texts...)
		}
	}
	for _, a := range g.attrs {
		list = append(list, a.value.texts...)
	}
	return list
}

// printer is the growing file. Everything in it starts at a multiple of 8.
type printer struct {
	b     []byte
	level int
	refs  [][]byte // of the strings on the global heap, in the order of texts
}

const superblockSize = 96

// place appends a structure and returns its address.
func (p *printer) place(b []byte) uint64 {
	addr := uint64(len(p.b))
	p.b = append(p.b, b...)
	p.b = pad8(p.b)
	return addr
}

func pad8(b []byte) []byte { return append(b, make([]byte, -len(b)&7)...) }

func u16(b []byte, v ...uint16) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint16(b, x)
	}
	return b
}

func u32(b []byte, v ...uint32) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return b
}

func u64(b []byte, v ...uint64) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	return b
}

// superblock fills in version 0 (II.A) at the start of the file.
func (p *printer) superblock(root uint64) {
	b := append([]byte(signature), 0, 0, 0, 0, 0, 8, 8, 0)
	b = u16(b, leafK, nodeK)
	b = u32(b, 0)
	b = u64(b, 0, undefined, uint64(len(p.b)), undefined)
	b = u64(b, 0, root, 0, 0, 0) // the root's symbol table entry, nothing cached
	copy(p.b, b)
}

// heap writes the strings as global heap collections (III.E) and keeps a
// reference to each (IV.B).
func (p *printer) heap(texts []string) {
	const most = 1 << 15 // objects of one collection; their index has 16 bits
	for batch := range slices.Chunk(texts, most) {
		size := 16 + 16 // head, free space
		for _, s := range batch {
			size += 16 + (len(s)+7)&^7
		}
		size = max(size, 4096)
		addr := uint64(len(p.b))
		b := append([]byte("GCOL"), 1, 0, 0, 0)
		b = u64(b, uint64(size))
		for i, s := range batch {
			b = u16(b, uint16(i+1), 1)
			b = u64(u32(b, 0), uint64(len(s)))
			b = pad8(append(b, s...))
			p.refs = append(p.refs, u32(u64(u32(nil, uint32(len(s))), addr), uint32(i+1)))
		}
		free := size - len(b)
		b = u64(u32(u16(b, 0, 0), 0), uint64(free))
		p.place(append(b, make([]byte, size-len(b))...))
	}
}
