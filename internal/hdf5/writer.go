package hdf5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Writer builds a file in memory: put groups, datasets and attributes into
// its root, then call WriteTo. The bytes depend on the content alone.
//
// A file that is too long for memory is written from front to back: first
// [HeadSize] bytes to be filled in later, then the chunks of datasets, which
// the caller puts down itself and keeps account of in [Chunks], at last what
// Layout returns.
type Writer struct {
	root  GroupWriter
	level int
}

// HeadSize is how many bytes at the beginning of a file are known at its end.
const HeadSize = superblockSize

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
	tail, head, err := w.Layout(HeadSize)
	if err != nil {
		return 0, err
	}
	n, err := dst.Write(head)
	if err != nil {
		return int64(n), err
	}
	m, err := dst.Write(tail)
	return int64(n + m), err
}

// Layout is the end of a file of which at bytes are written, and its
// [HeadSize] first bytes. Errors name the path of what cannot be written.
func (w *Writer) Layout(at int64) (tail, head []byte, err error) {
	p := &printer{level: w.level, base: uint64(at), b: make([]byte, -at&7)}
	if err := w.root.check("/"); err != nil {
		return nil, nil, err
	}
	p.heap(w.root.texts(nil))
	root, err := p.group("/", &w.root)
	if err != nil {
		return nil, nil, err
	}
	return p.b, p.superblock(root), nil
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
			if err := errors.Join(m.value.check(where), checkAttrs(where, m.value.attrs)); err != nil {
				return err
			}
		}
	}
	return checkAttrs(path, g.attrs)
}

func checkAttrs(path string, attrs []member) error {
	for _, a := range attrs {
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
			for _, a := range m.value.attrs {
				list = append(list, a.value.texts...)
			}
		}
	}
	for _, a := range g.attrs {
		list = append(list, a.value.texts...)
	}
	return list
}

// printer is the growing file, from byte base on. Everything in it starts at a
// multiple of 8.
type printer struct {
	b     []byte
	base  uint64
	level int
	refs  [][]byte // of the strings on the global heap, in the order of texts
}

const superblockSize = 96

// place appends a structure and returns its address.
func (p *printer) place(b []byte) uint64 {
	addr := p.end()
	p.b = append(p.b, b...)
	p.b = append(p.b, make([]byte, -p.end()&7)...)
	return addr
}

// end is the length of the file so far.
func (p *printer) end() uint64 { return p.base + uint64(len(p.b)) }

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

// superblock is version 0 (II.A).
func (p *printer) superblock(root uint64) []byte {
	b := append([]byte(signature), 0, 0, 0, 0, 0, 8, 8, 0)
	b = u16(b, leafK, nodeK)
	b = u32(b, 0)
	b = u64(b, 0, undefined, p.end(), undefined)
	return u64(b, 0, root, 0, 0, 0) // the root's symbol table entry, nothing cached
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
		addr := p.end()
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
