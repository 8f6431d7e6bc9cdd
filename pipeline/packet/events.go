package packet

import (
	"encoding/binary"
	"errors"

	"ganglion/pipeline"
)

// The columns of events, in their order.
const (
	columnTime = iota
	columnRow
	columnMore
	columnLow
	columnHigh
	columnGap
)

// appendEvents appends the lengths of the first five columns and the columns.
func (e *Encoder) appendEvents(b *pipeline.Batch) {
	if len(b.Events) == 0 {
		return
	}
	c := &e.parts
	for i := range c {
		c[i] = c[i][:0]
	}
	t, row := b.Start, 0
	for i := 0; i < len(b.Events); {
		first := &b.Events[i]
		n := runLength(b.Events[i:])
		c[columnTime] = binary.AppendUvarint(c[columnTime], uint64(first.T-t))
		step := int64(int(first.Y) - row)
		c[columnRow] = binary.AppendUvarint(c[columnRow], uint64(step<<1^step>>63)<<1|uint64(min(first.P, 1)))
		c[columnMore] = binary.AppendUvarint(c[columnMore], uint64(n-1))
		c[columnLow], c[columnHigh] = append(c[columnLow], byte(first.X)), append(c[columnHigh], byte(first.X>>8))
		for k := i + 1; k < i+n; k++ {
			c[columnGap] = binary.AppendUvarint(c[columnGap], uint64(b.Events[k].X-b.Events[k-1].X-1))
		}
		t, row, i = first.T, int(first.Y), i+n
	}
	for i := range columnGap {
		e.columns = binary.AppendUvarint(e.columns, uint64(len(c[i])))
	}
	for i := range c {
		e.columns = append(e.columns, c[i]...)
	}
}

// runLength is how many events from the first on share its time, row and
// polarity in ascending columns.
func runLength(events []pipeline.Event) int {
	first, n := &events[0], 1
	for n < len(events) {
		e := &events[n]
		if e.T != first.T || e.Y != first.Y || e.P != first.P || e.X <= events[n-1].X {
			break
		}
		n++
	}
	return n
}

var errColumns = errors.New("packet: its columns contradict each other")

// readEvents appends count events to the batch.
func readEvents(b *pipeline.Batch, columns []byte, count int) error {
	if count == 0 {
		return nil
	}
	r := &cursor{b: columns}
	var sizes [columnGap]uint64
	for i := range sizes {
		sizes[i] = r.uvarint()
	}
	var c [columnGap + 1]cursor
	for i := range sizes {
		if r.err != nil || sizes[i] > uint64(len(r.b)) {
			return errColumns
		}
		c[i].b, r.b = r.b[:sizes[i]], r.b[sizes[i]:]
	}
	c[columnGap].b = r.b
	// Every event has a byte of its own, in a column of runs or among the gaps.
	if len(c[columnLow].b) != len(c[columnHigh].b) || len(c[columnLow].b)+len(c[columnGap].b) < count {
		return errColumns
	}
	if cap(b.Events) < count {
		b.Events = make([]pipeline.Event, 0, count)
	}
	t, row := b.Start, int64(0)
	for i := 0; i < len(c[columnLow].b); i++ {
		t += int64(c[columnTime].uvarint())
		rp := c[columnRow].uvarint()
		z := rp >> 1
		row += int64(z>>1) ^ -int64(z&1)
		more := c[columnMore].uvarint()
		x := uint64(c[columnLow].b[i]) | uint64(c[columnHigh].b[i])<<8
		if row < 0 || row > 0xffff || more >= uint64(count-len(b.Events)) {
			return errColumns
		}
		b.Events = append(b.Events, pipeline.Event{T: t, X: uint16(x), Y: uint16(row), P: uint8(rp & 1)})
		for ; more > 0; more-- {
			if x += 1 + c[columnGap].uvarint(); x > 0xffff {
				return errColumns
			}
			b.Events = append(b.Events, pipeline.Event{T: t, X: uint16(x), Y: uint16(row), P: uint8(rp & 1)})
		}
	}
	for i := range c {
		if c[i].err != nil || i != columnLow && i != columnHigh && len(c[i].b) > 0 {
			return errColumns
		}
	}
	if len(b.Events) != count {
		return errColumns
	}
	return nil
}
