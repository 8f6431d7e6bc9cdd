package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// modern builds files in the format of HDF5 1.8 and later, which the package
// reads but does not write.
type modern struct{ b []byte }

func (m *modern) place(b []byte) uint64 {
	addr := uint64(len(m.b))
	m.b = append(m.b, b...)
	return addr
}

// summed appends the checksum of b.
func summed(b []byte) []byte { return u32(b, lookup3(b)) }

func message(kind byte, body []byte) []byte {
	return append(u16([]byte{kind}, uint16(len(body)), 0)[:4], body...)
}

// objectHeader puts the first message into the header itself and the others
// into a continuation block.
func (m *modern) objectHeader(messages ...[]byte) uint64 {
	rest := []byte("OCHK")
	for _, msg := range messages[1:] {
		rest = append(rest, msg...)
	}
	rest = summed(rest)
	at := m.place(rest)
	first := append(messages[0], message(msgContinuation, u64(nil, at, uint64(len(rest))))...)
	return m.place(summed(append([]byte{'O', 'H', 'D', 'R', 2, 0, byte(len(first))}, first...)))
}

func linkMessage(name string, addr uint64) []byte {
	return u64(append([]byte{1, 0, byte(len(name))}, name...), addr)
}

// dataset is a one-dimensional array of n float32 with a given layout message.
func (m *modern) dataset(n int, layout []byte, more ...[]byte) uint64 {
	typ := (&Type{Class: Float, Size: 4}).typeMessage()
	return m.objectHeader(append([][]byte{
		message(msgDataspace, u64([]byte{2, 1, 0, 1}, uint64(n))),
		message(msgDatatype, typ),
		message(msgLayout, layout),
	}, more...)...)
}

// floats are n values from first on, as stored.
func floats(first, n int) []byte {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(first + i)
	}
	b, _ := binary.Append(nil, binary.LittleEndian, v)
	return b
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// chunked4 is a layout message of version 4 with chunks of n float32.
func chunked4(n byte, flags, index byte, params []byte, addr uint64) []byte {
	b := append([]byte{4, layoutChunked, flags, 2, 1, n, 4, index}, params...)
	return u64(b, addr)
}

func (m *modern) singleChunk() uint64 {
	packed := deflated(floats(0, 100))
	at := m.place(packed)
	filters := message(msgFilters, u16([]byte{2, 1}, filterDeflate, 0, 0))
	return m.dataset(100, chunked4(100, 2, indexSingle, u32(u64(nil, uint64(len(packed))), 0), at), filters)
}

// filtered is a chunk that went through all filters.
func (m *modern) filtered() uint64 {
	plain := floats(0, 64)
	shuffled := make([]byte, len(plain))
	for i, v := range plain {
		shuffled[i%4*64+i/4] = v
	}
	packed := deflated(shuffled)
	packed = u32(packed, fletcher32(packed))
	at := m.place(packed)
	filters := message(msgFilters, u16([]byte{2, 3}, filterShuffle, 0, 0, filterDeflate, 0, 0, filterFletcher32, 0, 0))
	return m.dataset(64, chunked4(64, 2, indexSingle, u32(u64(nil, uint64(len(packed))), 0), at), filters)
}

func (m *modern) implicitChunks() uint64 {
	return m.dataset(10, chunked4(4, 0, indexImplicit, nil, m.place(floats(0, 12))))
}

// fixedArray indexes n/3 chunks of 3 values; above 4 elements it has pages.
func (m *modern) fixedArray(n int) uint64 {
	chunks := (n + 2) / 3
	var elements []byte
	for i := range chunks {
		elements = u64(elements, m.place(floats(3*i, 3)))
	}
	header := uint64(len(m.b)) // it stands before its block
	m.b = append(m.b, make([]byte, 28)...)
	block := u64([]byte{'F', 'A', 'D', 'B', 0, 0}, header)
	if chunks <= 4 {
		block = summed(append(block, elements...))
	} else {
		block = summed(append(block, 0xff))
		for len(elements) > 0 {
			page := elements[:min(32, len(elements))]
			block = append(block, summed(bytes.Clone(page))...)
			elements = elements[len(page):]
		}
	}
	at := m.place(block)
	head := u64([]byte{'F', 'A', 'H', 'D', 0, 0, 8, 2}, uint64(chunks), at)
	copy(m.b[header:], summed(head))
	return m.dataset(n, chunked4(3, 0, indexFixedArray, []byte{2}, header))
}

// extensibleArray indexes n/3 chunks of 3 values: one in the index block, data
// blocks of 2, 4, 4, 4 elements from it (two secondary blocks' worth), then
// secondary blocks, whose data blocks of more than 4 elements have pages.
func (m *modern) extensibleArray(n int) uint64 {
	const first, pointers, page = 2, 2, 4
	var elements [][]byte
	for i := range (n + 2) / 3 {
		elements = append(elements, u64(nil, m.place(floats(3*i, 3))))
	}
	used := uint64(len(elements))
	take := func(k int) (b []byte) {
		for range k {
			if len(elements) == 0 {
				b = u64(b, undefined)
				continue
			}
			b, elements = append(b, elements[0]...), elements[1:]
		}
		return b
	}
	header := uint64(len(m.b))
	m.b = append(m.b, make([]byte, 72)...)
	head := func(signature string) []byte { return u64(append([]byte(signature), 0, 0), header) }
	at := uint32(0)
	block := func(size int) uint64 {
		if len(elements) == 0 {
			return undefined
		}
		b := u32(head("EADB"), at)
		at += uint32(size)
		if size <= page {
			return m.place(summed(append(b, take(size)...)))
		}
		b = summed(b)
		for range size / page {
			b = append(b, summed(take(page))...)
		}
		return m.place(b)
	}
	index := append(head("EAIB"), take(1)...)
	index = u64(index, block(first), block(2*first))
	for k := 2; k < 26; k++ { // as many as 26 bits have, from blocks of 2 elements on
		if len(elements) == 0 {
			index = u64(index, undefined)
			continue
		}
		b := u32(head("EASB"), at)
		size := first << ((k + 1) / 2)
		if size > page {
			for range 1 << (k / 2) {
				b = append(b, 0xff)
			}
		}
		for range 1 << (k / 2) {
			b = u64(b, block(size))
		}
		index = u64(index, m.place(summed(b)))
	}
	indexAt := m.place(summed(index))
	b := append([]byte("EAHD"), 0, 0, 8, 26, 1, first, pointers, 2)
	b = u64(b, 0, 0, 0, 0, used, used, indexAt)
	copy(m.b[header:], summed(b))
	return m.dataset(n, chunked4(3, 0, indexExtensible, []byte{26, 1, pointers, first, 2}, header))
}

// chunkTree indexes n/3 chunks of 3 values by a version 2 B-tree.
func (m *modern) chunkTree(n int) uint64 {
	var records [][]byte
	for i := range (n + 2) / 3 {
		records = append(records, u64(nil, m.place(floats(3*i, 3)), uint64(i)))
	}
	tree := m.tree2Of(10, 16, records, 1)
	return m.dataset(n, chunked4(3, 0, indexBTree2, u16(u32(nil, 512), 0), tree))
}

// denseGroup keeps n links on a fractal heap of the given rows of two blocks
// (0: the root is a direct block), indexed by a B-tree of depth 0 or 1.
func (m *modern) denseGroup(target uint64, n, rows, depth int) uint64 {
	const blockSize, head = 512, 4 + 1 + 8 + 4 + 4
	blocks := make([][]byte, max(1, 2*rows))
	for i := range blocks {
		blocks[i] = u32(u64([]byte{'F', 'H', 'D', 'B', 0}, 0), uint32(i*blockSize), 0)
	}
	var ids [][]byte
	for i := range n {
		link := linkMessage(fmt.Sprintf("link %02d", i), target)
		k := i % len(blocks)
		id := u16(u32([]byte{0}, uint32(k*blockSize+len(blocks[k]))), uint16(len(link)))
		ids = append(ids, append(u32(nil, uint32(i)), id...))
		blocks[k] = append(blocks[k], link...)
	}
	var addrs []byte
	for _, b := range blocks {
		b = append(b, make([]byte, blockSize-len(b))...)
		binary.LittleEndian.PutUint32(b[head-4:], lookup3(b))
		addrs = u64(addrs, m.place(b))
	}
	root := binary.LittleEndian.Uint64(addrs)
	if rows > 0 {
		root = m.place(summed(append(u32(u64([]byte{'F', 'H', 'I', 'B', 0}, 0), 0), addrs...)))
	}
	heap := u32([]byte{'F', 'R', 'H', 'P', 0, 7, 0, 0, 0, 2}, 4096)
	heap = append(heap, make([]byte, 12*8)...)
	heap = u64(u16(heap, 2), blockSize, 65536)
	heap = u16(u64(u16(heap, 32, 2), root), uint16(rows))
	heapAt := m.place(summed(heap))
	info := u64([]byte{0, 0}, heapAt, m.tree2(ids, depth))
	return m.objectHeader(message(msgLinkInfo, info), message(0, nil))
}

// tree2 is a version 2 B-tree of link records.
func (m *modern) tree2(records [][]byte, depth int) uint64 {
	return m.tree2Of(indexLinks, 11, records, depth)
}

// tree2Of is a version 2 B-tree of a type with records of a size; at depth 1
// its root has two leaves.
func (m *modern) tree2Of(kind byte, size uint16, records [][]byte, depth int) uint64 {
	const nodeSize = 512
	leaf := func(records [][]byte) uint64 {
		b := append([]byte{'B', 'T', 'L', 'F', 0, kind}, bytes.Join(records, nil)...)
		b = summed(b)
		return m.place(append(b, make([]byte, nodeSize-len(b))...))
	}
	n := len(records)
	root := uint64(0)
	if depth == 0 {
		root = leaf(records)
	} else {
		half := n / 2
		left, right := leaf(records[:half]), leaf(records[half+1:])
		b := append([]byte{'B', 'T', 'I', 'N', 0, kind}, records[half]...)
		b = append(u64(b, left), byte(half))
		b = summed(append(u64(b, right), byte(n-half-1)))
		root = m.place(append(b, make([]byte, nodeSize-len(b))...))
		n = 1
	}
	head := u32([]byte{'B', 'T', 'H', 'D', 0, kind}, nodeSize)
	head = append(u16(head, size, uint16(depth)), 100, 40)
	head = u64(u16(u64(head, root), uint16(n)), uint64(len(records)))
	return m.place(summed(head))
}

// modernSample has one of everything.
func modernSample() []byte {
	m := &modern{b: make([]byte, 48)}
	compact := m.dataset(3, append(u16([]byte{4, layoutCompact}, 12), floats(7, 3)...))
	links := []struct {
		name string
		addr uint64
	}{
		{"compact", compact},
		{"contiguous", m.dataset(5, u64([]byte{3, layoutContiguous}, m.place(floats(1, 5)), 20))},
		{"single", m.singleChunk()},
		{"filtered", m.filtered()},
		{"implicit", m.implicitChunks()},
		{"fixed", m.fixedArray(10)},
		{"paged", m.fixedArray(26)},
		{"extensible", m.extensibleArray(140)},
		{"tree", m.chunkTree(100)},
		{"dense", m.denseGroup(compact, 9, 0, 0)},
		{"denser", m.denseGroup(compact, 37, 2, 1)},
	}
	messages := [][]byte{message(msgLinkInfo, u64([]byte{0, 0}, undefined, undefined))}
	for _, l := range links {
		messages = append(messages, message(msgLink, linkMessage(l.name, l.addr)))
	}
	root := m.objectHeader(messages...)
	head := append([]byte(signature), 3, 8, 8, 0)
	head = u64(head, 0, undefined, uint64(len(m.b)), root)
	copy(m.b, summed(head))
	return m.b
}

func TestTheModernFormatIsRead(t *testing.T) {
	t.Parallel()
	f := open(t, modernSample())
	got := map[string][2]int{} // length and last value
	var dense, denser int
	for path, e := range dump(f.Root(), func(path string, err error) { t.Error(path, err) }) {
		switch {
		case strings.HasPrefix(path, "/dense/"):
			dense++
		case strings.HasPrefix(path, "/denser/"):
			denser++
		default:
			var last float64
			_, _ = fmt.Sscan(e.Values[len(e.Values)-1], &last)
			got[path] = [2]int{len(e.Values), int(last)}
		}
	}
	want := map[string][2]int{
		"/compact": {3, 9}, "/contiguous": {5, 5}, "/single": {100, 99}, "/filtered": {64, 63},
		"/implicit": {10, 9}, "/fixed": {10, 9}, "/paged": {26, 25},
		"/extensible": {140, 139}, "/tree": {100, 99},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if dense != 9 || denser != 37 {
		t.Errorf("%d and %d dense links, want 9 and 37", dense, denser)
	}
}

// Every checksummed structure notices a changed byte in its middle.
func TestEveryChecksumIsVerified(t *testing.T) {
	t.Parallel()
	sample := modernSample()
	for _, s := range []struct {
		name, signature string
		middle          int
	}{
		{"superblock", signature, 11}, {"object header", "OHDR", 9}, {"continuation", "OCHK", 20},
		{"fractal heap", "FRHP", 20}, {"fractal heap block", "FHDB", 100}, {"indirect block", "FHIB", 9},
		{"B-tree", "BTHD", 14}, {"B-tree leaf", "BTLF", 8}, {"B-tree node", "BTIN", 8},
		{"fixed array", "FAHD", 6}, {"fixed array block", "FADB", 9},
		{"extensible array", "EAHD", 6}, {"index block", "EAIB", 9}, {"secondary block", "EASB", 9}, {"data block", "EADB", 9},
	} {
		t.Run(s.name, func(t *testing.T) {
			b := bytes.Clone(sample)
			b[bytes.Index(b, []byte(s.signature))+s.middle] ^= 4
			if err := readAllOf(b); err == nil || !strings.Contains(err.Error(), "checksum") {
				t.Errorf("got %v, want a wrong checksum", err)
			}
		})
	}
}

func TestAChunkWithAWrongChecksumIsRefused(t *testing.T) {
	t.Parallel()
	b := modernSample()
	d, err := open(t, b).Root().Dataset("filtered")
	if err != nil {
		t.Fatal(err)
	}
	b[int(d.layout.addr+d.layout.size)-1] ^= 1
	if err := readAllOf(b); err == nil || !strings.Contains(err.Error(), "fletcher32: checksum") {
		t.Errorf("got %v", err)
	}
}

// Forty groups, each with two links to the next, are a tree of 2^40 groups to
// who walks it.
func TestATreeOfSharedGroupsEndsAtTheAllowance(t *testing.T) {
	m := &modern{b: make([]byte, 48)}
	next := m.objectHeader(message(msgLinkInfo, u64([]byte{0, 0}, undefined, undefined)), message(0, nil))
	for range 40 {
		next = m.objectHeader(message(msgLinkInfo, u64([]byte{0, 0}, undefined, undefined)),
			message(msgLink, linkMessage("a", next)), message(msgLink, linkMessage("b", next)))
	}
	copy(m.b, summed(u64(append([]byte(signature), 3, 8, 8, 0), 0, undefined, uint64(len(m.b)), next)))
	var err error
	cost := allocated(func() { err = readAllOf(m.b) })
	if !errors.Is(err, errLimit) {
		t.Errorf("got %v", err)
	}
	if limit := uint64(4*len(m.b) + slack); cost > limit {
		t.Errorf("cost %d bytes, limit %d", cost, limit)
	}
}
