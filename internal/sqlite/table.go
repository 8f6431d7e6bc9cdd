package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Kinds of B-tree pages of tables.
const (
	interiorPage = 0x05
	leafPage     = 0x0D
)

// maxDepth bounds the levels of a B-tree: pages of 512 bytes that hold two
// children each would reach 2^40 leaves.
const maxDepth = 40

// Table reads the rows of a table in the order of their keys.
type Table struct {
	// Columns are the names of the columns, as the table was made with.
	Columns []string

	db      *DB
	stack   []level
	free    []level // memory of levels that were left
	row     Row
	buf     []byte // a row that lies on several pages
	visited int64
	offset  int64
}

// level is a page on the way from the root to the row that is read.
type level struct {
	page  []byte
	base  int // of the page's own header: 100 on the first page
	cells int
	next  int   // cell to be read
	right int64 // the page behind the last cell of an interior page; 0 when it was visited
	at    int64 // number of the page
}

// Row is a row of a table. It is valid until the next call of Next.
type Row struct {
	ID     int64
	Values []Value
}

// Value is a value of a row: an integer, a float, text or bytes. A column that
// is an alias of the key holds NULL.
type Value struct {
	Kind  Kind
	Int   int64
	Float float64
	Bytes []byte
}

// Kind is the storage class of a value.
type Kind uint8

// The storage classes.
const (
	Null Kind = iota
	Integer
	Real
	Text
	Blob
)

func (db *DB) table(root int64, columns []string) *Table {
	t := &Table{Columns: columns, db: db}
	t.stack = append(t.stack, level{right: root})
	return t
}

// Column is the place of a column, or -1.
func (t *Table) Column(name string) int {
	for i, c := range t.Columns {
		if c == name {
			return i
		}
	}
	return -1
}

// Offset is where in the file the last row began, bytes.
func (t *Table) Offset() int64 { return t.offset }

// Next returns the next row, or io.EOF. After damage the next call continues
// behind it.
func (t *Table) Next() (*Row, error) {
	for len(t.stack) > 0 {
		l := &t.stack[len(t.stack)-1]
		if l.next >= l.cells {
			right := l.right
			l.right = 0
			if right == 0 {
				t.pop()
				continue
			}
			if err := t.push(right); err != nil {
				return nil, err
			}
			continue
		}
		cell := int(binary.BigEndian.Uint16(l.page[t.pointer(l):]))
		l.next++
		if l.interior() {
			if cell+4 > t.db.usable {
				return nil, t.damaged(l.at, "a cell outside the page")
			}
			if err := t.push(int64(binary.BigEndian.Uint32(l.page[cell:]))); err != nil {
				return nil, err
			}
			continue
		}
		t.offset = (l.at-1)*int64(t.db.page) + int64(cell)
		return t.cell(l, cell)
	}
	return nil, io.EOF
}

func (l *level) interior() bool { return l.page[l.base] == interiorPage }

// pointer is the place of the pointer to the next cell.
func (t *Table) pointer(l *level) int {
	head := 8
	if l.interior() {
		head = 12
	}
	return l.base + head + 2*l.next
}

func (t *Table) damaged(page int64, format string, args ...any) error {
	return fmt.Errorf("%w: page %d: %s", ErrDamaged, page, fmt.Sprintf(format, args...))
}

func (t *Table) pop() {
	last := len(t.stack) - 1
	t.free = append(t.free, t.stack[last])
	t.stack = t.stack[:last]
}

// push goes down to a page.
func (t *Table) push(number int64) error {
	if len(t.stack) >= maxDepth {
		return t.damaged(number, "deeper than %d levels", maxDepth)
	}
	if t.visited++; t.visited > t.db.pages {
		t.stack = t.stack[:0]
		return t.damaged(number, "pages refer to each other in a circle")
	}
	var l level
	if n := len(t.free); n > 0 {
		l, t.free = t.free[n-1], t.free[:n-1]
	}
	if l.page == nil {
		l.page = make([]byte, t.db.page)
	}
	l = level{page: l.page, at: number}
	if err := t.db.read(number, l.page); err != nil {
		return err
	}
	if number == 1 {
		l.base = headerSize
	}
	l.cells = int(binary.BigEndian.Uint16(l.page[l.base+3:]))
	head := 8
	switch l.page[l.base] {
	case leafPage:
	case interiorPage:
		head, l.right = 12, int64(binary.BigEndian.Uint32(l.page[l.base+8:]))
	default:
		return t.damaged(number, "kind %#x is not a page of a table", l.page[l.base])
	}
	if l.base+head+2*l.cells > t.db.usable {
		return t.damaged(number, "%d cells", l.cells)
	}
	t.stack = append(t.stack, l)
	return nil
}

// read reads a page, the last of which may be cut off.
func (db *DB) read(number int64, page []byte) error {
	if number < 1 || number > db.pages {
		return fmt.Errorf("%w: page %d of %d", ErrDamaged, number, db.pages)
	}
	n, err := db.src.ReadAt(page, (number-1)*int64(db.page))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if n < len(page) {
		return fmt.Errorf("%w: page %d ends after %d bytes", ErrDamaged, number, n)
	}
	return nil
}

// cell reads a row: the length of its content, its key, and the content, of
// which a page holds the beginning.
func (t *Table) cell(l *level, at int) (*Row, error) {
	if at >= t.db.usable {
		return nil, t.damaged(l.at, "a cell outside the page")
	}
	b := l.page[at:t.db.usable]
	size, n := varint(b)
	id, m := varint(b[n:])
	b = b[n+m:]
	if n == 0 || m == 0 || size > maxRow {
		return nil, t.damaged(l.at, "a row of %d bytes", size)
	}
	local := t.db.local(int(size))
	if local > len(b) {
		return nil, t.damaged(l.at, "a row of %d bytes ends behind the page", size)
	}
	content := b[:local]
	if local < int(size) {
		var err error
		if content, err = t.overflow(l.at, b, local, int(size)); err != nil {
			return nil, err
		}
	}
	t.row.ID = int64(id)
	if !t.record(content) {
		return nil, t.damaged(l.at, "row %d: its values do not fit in it", t.row.ID)
	}
	return &t.row, nil
}

// local is how many bytes of a row stand on its own page (fileformat2, 1.6).
func (db *DB) local(size int) int {
	if size <= db.usable-35 {
		return size
	}
	least := (db.usable-12)*32/255 - 23
	if k := least + (size-least)%(db.usable-4); k <= db.usable-35 {
		return k
	}
	return least
}

// overflow collects a row from the pages that continue it: u32 next page, content.
func (t *Table) overflow(page int64, b []byte, local, size int) ([]byte, error) {
	if len(b) < local+4 || int64(size) > t.db.size {
		return nil, t.damaged(page, "a row of %d bytes", size)
	}
	t.buf = append(t.buf[:0], b[:local]...)
	next := int64(binary.BigEndian.Uint32(b[local:]))
	var l level
	if n := len(t.free); n > 0 {
		l, t.free = t.free[n-1], t.free[:n-1]
	} else {
		l.page = make([]byte, t.db.page)
	}
	defer func() { t.free = append(t.free, l) }()
	for len(t.buf) < size {
		if err := t.db.read(next, l.page); err != nil {
			return nil, err
		}
		next = int64(binary.BigEndian.Uint32(l.page))
		t.buf = append(t.buf, l.page[4:min(t.db.usable, 4+size-len(t.buf))]...)
	}
	return t.buf, nil
}

// record reads the values of a row: the length of a header, a kind for each
// value, and the values.
func (t *Table) record(b []byte) bool {
	length, n := varint(b)
	if n == 0 || length > uint64(len(b)) || int(length) < n {
		return false
	}
	kinds, body := b[n:length], b[length:]
	t.row.Values = t.row.Values[:0]
	for len(kinds) > 0 {
		kind, n := varint(kinds)
		if n == 0 {
			return false
		}
		kinds = kinds[n:]
		size := kindSize(kind)
		if size > uint64(len(body)) {
			return false
		}
		t.row.Values = append(t.row.Values, value(kind, body[:size]))
		body = body[size:]
	}
	return true
}

// kindSize is how many bytes a value of a kind takes.
func kindSize(kind uint64) uint64 {
	if kind >= 12 {
		return (kind - 12) / 2
	}
	return [...]uint64{0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0}[kind]
}

func value(kind uint64, b []byte) Value {
	switch {
	case kind >= 12 && kind%2 == 0:
		return Value{Kind: Blob, Bytes: b}
	case kind >= 13:
		return Value{Kind: Text, Bytes: b}
	case kind == 7:
		return Value{Kind: Real, Float: math.Float64frombits(binary.BigEndian.Uint64(b))}
	case kind == 8 || kind == 9:
		return Value{Kind: Integer, Int: int64(kind - 8)}
	case kind == 0 || len(b) == 0:
		return Value{}
	}
	v := int64(int8(b[0]))
	for _, c := range b[1:] {
		v = v<<8 | int64(c)
	}
	return Value{Kind: Integer, Int: v}
}

// varint reads a number of one to nine bytes and returns how many it took, 0
// when b ends within it.
func varint(b []byte) (v uint64, n int) {
	for i := range min(9, len(b)) {
		if i == 8 {
			return v<<8 | uint64(b[i]), 9
		}
		v = v<<7 | uint64(b[i]&0x7f)
		if b[i] < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}
