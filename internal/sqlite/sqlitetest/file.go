// Package sqlitetest makes small SQLite databases for tests, without SQLite:
// pages of 512 bytes, so that trees and rows of several pages are met early.
package sqlitetest

import (
	"encoding/binary"
	"math"
)

// Table is a table: how it is made, and its rows, whose keys count from 1. A value
// is nil, bool (0 or 1), int8, int64, float64, string or []byte.
type Table struct {
	Name string
	SQL  string
	Rows [][]any
}

// File is a database with tables. The table of tables must fit on one page.
func File(tables ...Table) []byte {
	d := &database{pages: make([][]byte, 1)} // the first is the table of tables
	var entries [][]byte
	for i, t := range tables {
		var cells [][]byte
		for k, row := range t.Rows {
			cells = append(cells, d.cell(int64(k+1), rowOf(row...)))
		}
		entries = append(entries, d.cell(int64(i+1), rowOf("table", t.Name, t.Name, int64(d.tree(cells)), t.SQL)))
	}
	first := page(0x0D, 100, entries, 0)
	copy(first, "SQLite format 3\x00")
	binary.BigEndian.PutUint16(first[16:], pageSize)
	binary.BigEndian.PutUint32(first[56:], 1)
	d.pages[0] = first
	var file []byte
	for _, p := range d.pages {
		file = append(file, p...)
	}
	return file
}

const pageSize = 512

type database struct{ pages [][]byte }

func (d *database) add(p []byte) int {
	d.pages = append(d.pages, p)
	return len(d.pages)
}

// tree puts cells on leaves, and leaves below interior pages, and returns the root.
func (d *database) tree(cells [][]byte) int {
	type child struct {
		page int
		key  []byte
	}
	var children []child
	for begin := 0; begin < len(cells) || len(children) == 0; {
		end, room := begin, pageSize-8
		for end < len(cells) && room >= len(cells[end])+2 {
			room -= len(cells[end]) + 2
			end++
		}
		var key []byte
		if end > begin {
			_, n := bigVarint(cells[end-1])
			_, m := bigVarint(cells[end-1][n:])
			key = cells[end-1][n : n+m]
		}
		children = append(children, child{d.add(page(0x0D, 0, cells[begin:end], 0)), key})
		begin = end
	}
	for len(children) > 1 {
		const fan = 20
		var above []child
		for begin := 0; begin < len(children); begin += fan {
			part := children[begin:min(begin+fan, len(children))]
			var cells [][]byte
			for _, c := range part[:len(part)-1] {
				cells = append(cells, append(binary.BigEndian.AppendUint32(nil, uint32(c.page)), c.key...))
			}
			last := part[len(part)-1]
			above = append(above, child{d.add(page(0x05, 0, cells, last.page)), last.key})
		}
		children = above
	}
	return children[0].page
}

// page is a page of a tree, whose cells fill it from its end.
func page(kind byte, base int, cells [][]byte, right int) []byte {
	p := make([]byte, pageSize)
	p[base] = kind
	binary.BigEndian.PutUint16(p[base+3:], uint16(len(cells)))
	at := base + 8
	if kind == 0x05 {
		binary.BigEndian.PutUint32(p[base+8:], uint32(right))
		at += 4
	}
	end := len(p)
	for _, c := range cells {
		end -= len(c)
		copy(p[end:], c)
		binary.BigEndian.PutUint16(p[at:], uint16(end))
		at += 2
	}
	return p
}

// cell is a row on its page; what does not fit there goes to pages behind it.
func (d *database) cell(id int64, row []byte) []byte {
	c := appendVarint(appendVarint(nil, uint64(len(row))), uint64(id))
	if len(row) <= pageSize-35 {
		return append(c, row...)
	}
	least := (pageSize-12)*32/255 - 23
	local := least + (len(row)-least)%(pageSize-4)
	if local > pageSize-35 {
		local = least
	}
	c = append(c, row[:local]...)
	c = binary.BigEndian.AppendUint32(c, uint32(len(d.pages)+1))
	for rest := row[local:]; len(rest) > 0; {
		n := min(len(rest), pageSize-4)
		p := make([]byte, pageSize)
		copy(p[4:], rest[:n])
		if rest = rest[n:]; len(rest) > 0 {
			binary.BigEndian.PutUint32(p, uint32(len(d.pages)+2))
		}
		d.add(p)
	}
	return c
}

// rowOf is a record of values, see [Table].
func rowOf(values ...any) []byte {
	var kinds, body []byte
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			kinds = append(kinds, 0)
		case int64:
			kinds = append(kinds, 6)
			body = binary.BigEndian.AppendUint64(body, uint64(v))
		case float64:
			kinds = append(kinds, 7)
			body = binary.BigEndian.AppendUint64(body, math.Float64bits(v))
		case bool:
			kinds = append(kinds, 8)
			if v {
				kinds[len(kinds)-1] = 9
			}
		case int8:
			kinds = append(kinds, 1)
			body = append(body, byte(v))
		case string:
			kinds = appendVarint(kinds, uint64(13+2*len(v)))
			body = append(body, v...)
		case []byte:
			kinds = appendVarint(kinds, uint64(12+2*len(v)))
			body = append(body, v...)
		}
	}
	return append(append(appendVarint(nil, uint64(len(kinds)+1)), kinds...), body...)
}

func appendVarint(dst []byte, v uint64) []byte {
	n := 1
	for v>>(7*n) != 0 {
		n++
	}
	for i := n - 1; i >= 0; i-- {
		b := byte(v>>(7*i)) & 0x7f
		if i > 0 {
			b |= 0x80
		}
		dst = append(dst, b)
	}
	return dst
}

func bigVarint(b []byte) (v uint64, n int) {
	for n < len(b) {
		v = v<<7 | uint64(b[n]&0x7f)
		n++
		if b[n-1] < 0x80 {
			break
		}
	}
	return v, n
}
