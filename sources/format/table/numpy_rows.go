package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// readable reports whether the field holds numbers that are read.
func (f *numpyField) readable() error {
	switch {
	case strings.IndexByte("iubf", f.kind) < 0:
		return fmt.Errorf("column %q has kind %q, which is not a number", f.name, f.kind)
	case f.size != 1 && f.size != 2 && f.size != 4 && f.size != 8 || f.kind == 'f' && f.size < 4:
		return fmt.Errorf("column %q is %d bytes wide", f.name, f.size)
	}
	return nil
}

// numpyColumns are the four columns of events.
type numpyColumns struct {
	t, x, y, p numpyField
	digits     int // the unit of time is 10^digits µs
	polarities polarities
}

// of is the place of the column with a role.
func (c *numpyColumns) of(role csvRole) *numpyField {
	return [...]*numpyField{roleT: &c.t, roleX: &c.x, roleY: &c.y, roleP: &c.p}[role]
}

// numpyPart is where a column of events comes from: a field of the records that
// are next in an input.
type numpyPart struct {
	field  numpyField
	in     *format.Input
	stride int
}

// sampleRows is how many records are looked at.
const sampleRows = 64

// cells are the first records as text.
func cells(parts []numpyPart) ([][]string, error) {
	var rows [][]string
	for i := range parts {
		p := &parts[i]
		if err := p.field.readable(); err != nil {
			continue // it may not be a column of events
		}
		src, _, err := p.in.Window(sampleRows * p.stride)
		if err != nil {
			return nil, err
		}
		n := min(len(src)/p.stride, sampleRows)
		if i == 0 || rows == nil {
			rows = make([][]string, n)
		}
		rows = rows[:min(n, len(rows))]
		for k := range rows {
			for len(rows[k]) < i {
				rows[k] = append(rows[k], "?")
			}
			rows[k] = append(rows[k], p.field.cell(src[k*p.stride:]))
		}
	}
	return rows, nil
}

// cell is the field of a record as text.
func (f *numpyField) cell(record []byte) string {
	if f.kind == 'f' {
		return strconv.FormatFloat(f.float(record[f.at:]), 'g', -1, 64)
	}
	var v [1]int64
	f.load(v[:], record, f.at+f.size)
	return strconv.FormatInt(v[0], 10)
}

func (f *numpyField) float(b []byte) float64 {
	if f.size == 4 {
		w := binary.LittleEndian.Uint32(b)
		if f.big {
			w = bits.ReverseBytes32(w)
		}
		return float64(math.Float32frombits(w))
	}
	w := binary.LittleEndian.Uint64(b)
	if f.big {
		w = bits.ReverseBytes64(w)
	}
	return math.Float64frombits(w)
}

// chooseColumns finds the columns of events: by their names, by the order that
// the user gives (of which named columns take the unit), or, for plain rows, by
// their values.
func chooseColumns(s *format.Stream, parts []numpyPart, plain bool) (c numpyColumns, columns csvColumns, err error) {
	p, err := findColumns(s.Columns, parts, plain)
	if err != nil {
		return c, columns, err
	}
	if p.doubt != "" {
		s.Info.Notes = append(s.Info.Notes, p.doubt)
	}
	c.digits, c.polarities = p.columns.digits, p.columns.polarities
	for i, role := range p.columns.roles[:p.columns.count] {
		if role == roleNone {
			continue
		}
		if err := parts[i].field.readable(); err != nil {
			return c, columns, err
		}
		*c.of(role) = parts[i].field
	}
	s.Info.Header = append(s.Info.Header, format.Field{Key: "columns", Value: p.columns.String()})
	return c, p.columns, nil
}

// findColumns is what chooseColumns goes by.
func findColumns(given string, parts []numpyPart, plain bool) (p csvPreamble, err error) {
	rows, err := cells(parts)
	if err != nil {
		return p, err
	}
	var names []string
	for i := range parts {
		names = append(names, parts[i].field.name)
	}
	p.columns, p.hasUnit, p.named = columnsOf(names)
	if given != "" {
		columns, unit, err := columnsGiven(given)
		switch {
		case err != nil:
			return p, err
		case p.named && unit:
			p.columns.digits, p.hasUnit = columns.digits, true
		case !p.named && columns.count > len(parts):
			return p, fmt.Errorf("columns %.80q are more than the %d that there are", given, len(parts))
		case !p.named:
			p.columns, p.hasUnit, p.named = columns, unit, true
		}
	}
	switch {
	case p.named:
	case !plain && len(names) == 0:
		return p, errors.New("there are no columns of events")
	case !plain:
		return p, fmt.Errorf("columns %.80q do not name t, x, y and p once each", strings.Join(names, ","))
	case len(rows) == 0: // of an array without rows any will do
		p.columns, _, _ = columnsOf(strings.Split(csvOrders[0], ","))
	case !p.settle(rows, csvBlank):
		return p, errColumns
	}
	p.columns.learn(rows)
	for i, role := range p.columns.roles[:p.columns.count] {
		if f := &parts[i].field; role == roleT && f.clock {
			p.columns.digits, p.hasUnit = f.digits, true
		}
	}
	p.unit(rows)
	return p, nil
}

// numpyChunk is how many records are taken apart at a time.
const numpyChunk = 256

// numpyRows turns records into events. Its memory is reused.
type numpyRows struct {
	s             *format.Stream
	columns       numpyColumns
	stride        [4]int // of t, x, y, p
	t, x, y, p    [numpyChunk]int64
	width, height uint64
	factor        float64 // of times that are floating-point numbers
	polarity      bool    // p is not simply positive for ON
	good          bool    // there was an event
	first         int64   // number of the first pixel, which is taken off
	direct        bool    // see run
}

func newNumpyRows(s *format.Stream, c numpyColumns, stride [4]int) *numpyRows {
	plain := func(f *numpyField, size int) bool { return f.size == size && f.kind != 'f' && !f.big }
	return &numpyRows{
		direct: plain(&c.t, 8) && !c.t.clock && plain(&c.x, 2) && plain(&c.y, 2) && plain(&c.p, 1) && !c.x.signed && !c.y.signed &&
			c.digits == 0 && !c.polarities.twos,
		s: s, columns: c, stride: stride, width: uint64(format.Limit(s.Info.Width)), height: uint64(format.Limit(s.Info.Height)),
		factor:   math.Pow10(c.digits),
		polarity: c.polarities.twos || c.polarities.beside1 || c.p.size >= 2 && !c.p.signed && c.p.kind != 'f',
	}
}

// noAddress stands for an address that is not a whole number.
const noAddress = math.MinInt64

// append appends n events, at most numpyChunk, of which each source holds one
// column, to b. An address that no event has is counted and left out.
func (r *numpyRows) append(b *format.Block, n int, source [4][]byte, at int64) {
	if r.direct && r.first == 0 && n > 0 {
		k := r.run(b.Events[len(b.Events):len(b.Events)+n], source)
		b.Events, r.good = b.Events[:len(b.Events)+k], r.good || k > 0
		if n -= k; n == 0 {
			return
		}
		for i := range source {
			source[i] = source[i][k*r.stride[i]:]
		}
	}
	c := &r.columns
	for i, f := range [...]struct {
		field *numpyField
		dst   []int64
	}{{&c.p, r.p[:n]}, {&c.x, r.x[:n]}, {&c.y, r.y[:n]}} {
		from := [...]int{3, 1, 2}[i]
		if f.field.kind == 'f' {
			f.field.whole(f.dst, source[from], r.stride[from])
		} else {
			f.field.load(f.dst, source[from], r.stride[from])
		}
	}
	if r.first != 0 {
		less(r.x[:n], r.first)
		less(r.y[:n], r.first)
	}
	r.times(n, source[0])
	if r.polarity {
		for i := range r.p[:n] {
			p, _ := c.polarities.of(r.p[i])
			r.p[i] = int64(p)
		}
	}
	begin := len(b.Events)
	out := b.Events[begin : begin+n]
	k := 0
	for i := range out {
		x, y := uint64(r.x[i]), uint64(r.y[i])
		e := &out[k]
		e.T, e.X, e.Y, e.P = r.t[i], uint16(x), uint16(y), pipeline.Off
		if r.p[i] > 0 {
			e.P = pipeline.On
		}
		if x >= r.width || y >= r.height {
			if r.x[i] == noAddress || r.y[i] == noAddress {
				r.s.Damage.Add("fractional_value", at, e.T, 1)
				continue
			}
			r.s.Outside(uint32(min(x, 1<<16)), uint32(min(y, 1<<16)), at, e.T)
			if x|y > math.MaxUint16 {
				continue
			}
		}
		k++
	}
	r.good = r.good || k > 0
	b.Events = b.Events[:begin+k]
}

// run appends the events at the front whose columns need no work: times of 64
// bits in µs, addresses of 16 bits on the sensor, and polarities of 8 bits that
// are 0 or 1 and stand for OFF and ON. It returns their number, and is what nearly all files take.
func (r *numpyRows) run(out []pipeline.Event, source [4][]byte) int {
	c := &r.columns
	t, x, y, p := source[0][c.t.at:], source[1][c.x.at:], source[2][c.y.at:], source[3][c.p.at:]
	st, sx, sy, sp := r.stride[0], r.stride[1], r.stride[2], r.stride[3]
	width, height := r.width, r.height
	it, ix, iy, ip := 0, 0, 0, 0
	for k := range out {
		ex, ey, on := binary.LittleEndian.Uint16(x[ix:]), binary.LittleEndian.Uint16(y[iy:]), p[ip]
		if uint64(ex) >= width || uint64(ey) >= height || on > 1 {
			return k
		}
		out[k] = pipeline.Event{T: int64(binary.LittleEndian.Uint64(t[it:])), X: ex, Y: ey, P: on}
		it, ix, iy, ip = it+st, ix+sx, iy+sy, ip+sp
	}
	return len(out)
}

// less takes something off addresses.
func less(v []int64, by int64) {
	for i := range v {
		if v[i] != noAddress {
			v[i] -= by
		}
	}
}

// empty is the error of an array of which no record became an event.
func (r *numpyRows) empty(rows int64) error {
	if r.good || rows == 0 || len(r.s.Damage.List()) == 0 {
		return nil
	}
	return fmt.Errorf("no record is an event: %v", r.s.Damage.List()[0])
}

// times loads n times as microseconds. A time that is not a number leaves the
// record without an address.
func (r *numpyRows) times(n int, src []byte) {
	f, t := &r.columns.t, r.t[:n]
	if f.kind == 'f' {
		for i := range t {
			v := math.Round(f.float(src[i*r.stride[0]+f.at:]) * r.factor)
			if t[i] = int64(v); !(math.Abs(v) < math.MaxInt64) {
				t[i], r.x[i] = 0, noAddress
			}
		}
		return
	}
	f.load(t, src, r.stride[0])
	if f.clock {
		for i := range t {
			if t[i] == math.MinInt64 { // NaT
				t[i], r.x[i] = 0, noAddress
			}
		}
	}
	switch d := r.columns.digits; {
	case d > 0:
		scale := int64(powersOfTen[d])
		for i := range t {
			t[i] *= scale
		}
	case d < 0:
		scale := int64(powersOfTen[-d])
		for i, v := range t {
			q := v / scale
			if rest := v % scale; rest >= scale/2 {
				q++
			} else if rest < -scale/2 {
				q--
			}
			t[i] = q
		}
	}
}

// whole loads floating-point numbers that must be whole.
func (f *numpyField) whole(dst []int64, src []byte, stride int) {
	for i := range dst {
		v := f.float(src[i*stride+f.at:])
		if dst[i] = int64(v); v != math.Trunc(v) || !(math.Abs(v) < 1<<53) {
			dst[i] = noAddress
		}
	}
}
