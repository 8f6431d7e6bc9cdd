package hdf5

import (
	"cmp"
	"errors"
	"slices"
)

// Limits of reading by bands; doc.go states them in words.
const (
	bandSize = 256 << 10 // of values that are stored as they are, bytes
	maxBand  = 256 << 20 // of values that were filtered or lie in several chunks, bytes
)

// ErrUnwritten means that a stretch of a dataset was never written.
var ErrUnwritten = errors.New("never written")

// Rows reads a dataset of any size along one of its axes, a band at a time: one
// chunk, the chunks side by side that make up whole rows, or a piece of what is
// not chunked. It takes the memory of a few bands, however long the dataset is,
// and 24 bytes for each chunk.
type Rows struct {
	a      *Array
	n      int // rows
	size   int // bytes of a row
	axis   int
	grid   *grid   // nil where the dataset is not chunked
	part   grid    // of the band that is put together from several chunks
	chunks []chunk // ascending numbers
	beside uint64  // chunks side by side in a band
	direct bool    // a chunk is a band
	step   int     // rows of a piece of what is stored as it is

	unfilter unfilter
	stored   []byte
	whole    []byte // such a band
	band     Band
}

// Band is a stretch of rows that are read at once.
type Band struct {
	First, Len int    // rows
	Values     []byte // of the rows, as stored; nil where they cannot be read
	Err        error  // why not
}

// Rows prepares the reading of a dataset by bands along its first axis of more
// than one value.
func (d *Dataset) Rows() (*Rows, error) {
	axis := 0
	for i, n := range d.Shape {
		if axis = i; n != 1 {
			break
		}
	}
	return d.RowsAlong(axis)
}

// RowsAlong prepares the reading of a dataset by bands along an axis, before
// which there is none of more than one value.
func (d *Dataset) RowsAlong(axis int) (*Rows, error) {
	a := d.Array
	r := &Rows{a: a, n: 1, size: a.Type.Size, axis: axis}
	if len(a.Shape) > 0 {
		r.n = a.Shape[r.axis]
		for _, d := range a.Shape[r.axis+1:] {
			r.size *= d
		}
	}
	if a.n == 0 {
		r.n = 0
		return r, nil
	}
	r.step = max(1, bandSize/r.size)
	if a.layout.class == layoutChunked {
		return r, r.chunked()
	}
	need := uint64(r.n) * uint64(r.size)
	if have := a.layout.size; a.layout.class == layoutContiguous && a.layout.addr != undefined && have < need {
		return nil, a.fail(malformed("%d bytes of values, the shape %v needs %d", have, a.Shape, need))
	}
	if r.size > maxBand {
		return nil, a.fail(overLimit("rows of %d bytes, at most %d", r.size, maxBand))
	}
	return r, nil
}

// chunked lists the chunks and finds out how they make up bands.
func (r *Rows) chunked() error {
	a := r.a
	g, chunks, err := a.chunked()
	if err != nil {
		return err
	}
	slices.SortStableFunc(chunks, func(x, y chunk) int { return cmp.Compare(x.n, y.n) })
	r.grid, r.chunks, r.beside, r.direct = g, chunks, 1, true
	for i := r.axis + 1; i < len(g.cells); i++ {
		r.beside *= g.cells[i]
		r.direct = r.direct && g.chunk[i] == g.shape[i]
	}
	r.part = *g
	r.part.shape = slices.Clone(g.shape)
	r.unfilter = unfilter{filters: a.layout.filters, size: a.Type.Size}
	most := min(maxBand, max(freeExpansion, deflateRatio*uint64(a.f.size)))
	if r.pieces() {
		return nil
	}
	if band := g.chunk[r.axis]; band > most/uint64(r.size) || g.bytes > most {
		return a.fail(overLimit("chunks of shape %v, rows of %d bytes", g.chunk, r.size))
	}
	return nil
}

// pieces reports whether chunks are read piece by piece.
func (r *Rows) pieces() bool { return r.direct && len(r.a.layout.filters) == 0 }

// Len is the number of rows.
func (r *Rows) Len() int { return r.n }

// Band is the band that holds a row below Len. Its values are good until the
// next call. What cannot be read is a band too, with the reason; the rows
// behind it can be read nevertheless.
func (r *Rows) Band(row int) *Band {
	if b := &r.band; row >= b.First && row < b.First+b.Len {
		return b
	}
	r.band = Band{Len: r.n}
	if r.grid == nil {
		r.piece(row, 0, r.n, r.a.layout.addr)
		return &r.band
	}
	high := int(min(r.grid.chunk[r.axis], uint64(r.n))) // rows of a chunk
	number := row / high
	r.band.First, r.band.Len = number*high, min(high, r.n-number*high)
	first := uint64(number) * r.beside
	at, _ := slices.BinarySearchFunc(r.chunks, first, func(c chunk, n uint64) int { return cmp.Compare(c.n, n) })
	here := r.chunks[at:]
	if len(here) == 0 || here[0].n >= first+r.beside {
		r.gap(here, high)
		return &r.band
	}
	switch {
	case r.pieces() && uint64(here[0].size) != r.grid.bytes:
		r.band.Err = r.a.fail(malformed("a chunk of %d bytes instead of %d", here[0].size, r.grid.bytes))
	case r.pieces():
		r.piece(row, r.band.First, r.band.Len, here[0].addr)
	case r.direct:
		r.band.Values, r.band.Err = r.chunk(here[0])
	default:
		r.band.Values, r.band.Err = r.assemble(here, first)
	}
	if r.band.Values != nil {
		r.band.Values = r.band.Values[:r.band.Len*r.size]
	}
	return &r.band
}

// gap makes the band reach up to the next chunk, of those behind it.
func (r *Rows) gap(behind []chunk, high int) {
	end := r.n
	if len(behind) > 0 {
		end = int(behind[0].n/r.beside) * high
	}
	r.band.Len = end - r.band.First
	r.band.Err = r.a.fail(ErrUnwritten)
}

// piece reads the part of the rows from first on, stored as they are at an
// address, that holds a row.
func (r *Rows) piece(row, first, n int, addr uint64) {
	b := &r.band
	b.First = first + (row-first)/r.step*r.step
	b.Len = min(r.step, first+n-b.First)
	if r.a.layout.class == layoutCompact {
		if b.Values = r.a.layout.compact; len(b.Values) < r.n*r.size {
			b.First, b.Len = 0, r.n
			b.Values, b.Err = nil, r.a.fail(malformed("%d bytes of values, the shape %v needs %d", len(b.Values), r.a.Shape, r.n*r.size))
			return
		}
		b.Values = b.Values[b.First*r.size:][:b.Len*r.size]
		return
	}
	if addr == undefined {
		b.First, b.Len, b.Err = first, n, r.a.fail(ErrUnwritten)
		return
	}
	b.Values, b.Err = r.read(addr, uint64(b.First-first)*uint64(r.size), uint64(b.Len)*uint64(r.size))
	if b.Err != nil && errors.Is(b.Err, errFormat) { // nothing behind it is there either
		b.Len = first + n - b.First
	}
}

// read reads bytes of the file.
func (r *Rows) read(addr, offset, n uint64) ([]byte, error) {
	f := r.a.f
	if end := uint64(f.size - f.base); addr > end || offset > end-addr || n > end-addr-offset {
		return nil, r.a.fail(malformed("%d bytes at address %d reach beyond the end of the file", n, addr+offset))
	}
	r.stored = slices.Grow(r.stored[:0], int(n))[:n]
	at := f.base + int64(addr+offset)
	if err := f.readAt(r.stored, at); err != nil {
		return nil, &Error{Path: r.a.Path, Offset: at, Err: err}
	}
	return r.stored, nil
}

// chunk reads one chunk.
func (r *Rows) chunk(c chunk) ([]byte, error) {
	b, err := r.read(c.addr, 0, uint64(c.size))
	if err != nil {
		return nil, err
	}
	if b, err = r.a.unpack(r.grid, c, &r.unfilter, b); err != nil {
		return nil, &Error{Path: r.a.Path, Offset: r.a.f.base + int64(c.addr), Err: err}
	}
	return b, nil
}

// assemble puts the chunks of a band side by side. One that is missing or
// damaged takes the band with it.
func (r *Rows) assemble(chunks []chunk, first uint64) ([]byte, error) {
	r.part.shape[r.axis] = uint64(r.band.Len)
	r.whole = slices.Grow(r.whole[:0], r.band.Len*r.size)[:r.band.Len*r.size]
	for i := range r.beside {
		if i >= uint64(len(chunks)) || chunks[i].n != first+i {
			return nil, r.a.fail(ErrUnwritten)
		}
		b, err := r.chunk(chunks[i])
		if err != nil {
			return nil, err
		}
		at := r.grid.offset(chunks[i].n)
		at[r.axis] = 0
		r.part.placeAt(r.whole, b, at)
	}
	return r.whole, nil
}
