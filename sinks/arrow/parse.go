package arrow

import (
	"errors"
	"fmt"
)

// contents is what a file holds, as far as it is sound.
type contents struct {
	schema  []byte // the schema message
	layout  []slot
	batches []recordBatch
	blocks  []block
	end     int64 // of the last whole message
	rows    int
}

// recordBatch is a record batch whose buffers are long enough for its rows.
type recordBatch struct {
	offset  int64
	rows    int
	buffers []buffer
}

func parse(b []byte) (contents, error) {
	var c contents
	budget := MaxExpansion*int64(len(b)) + 16<<20
	var err error
	c.end, err = messages(b, func(m message) error {
		switch {
		case m.kind == schemaMessage && c.layout == nil:
			layout, err := layoutOf(m)
			c.layout, c.schema = layout, b[m.offset:m.offset+int64(m.size)]
			return err
		case m.kind != recordBatchMessage || c.layout == nil:
			return &FormatError{m.offset, fmt.Sprintf("message of kind %d out of place", m.kind)}
		}
		batch, err := parseBatch(m, c.layout, &budget)
		if err != nil {
			return &FormatError{m.offset, fmt.Sprintf("record batch %d: %v", len(c.batches), err)}
		}
		c.batches = append(c.batches, batch)
		c.blocks = append(c.blocks, block{m.offset, int32(m.size - len(m.body)), int64(len(m.body))})
		c.rows += batch.rows
		return nil
	})
	if err == nil && c.layout == nil {
		err = &FormatError{c.end, "ends before its schema"}
	}
	return c, err
}

// parseBatch checks a record batch against the layout and its body. It takes
// what the batch will decompress to from the budget.
func parseBatch(m message, layout []slot, budget *int64) (recordBatch, error) {
	r := recordBatch{offset: m.offset}
	rows := m.header.i64(0)
	_, nodes := m.header.vector(1, 16)
	pos, n := m.header.vector(2, 16)
	c := codecNone
	if compression, ok := m.header.field(3); ok && compression != 0 {
		c = codec(m.header.table(3).u8(0))
	}
	want := 0
	for _, s := range layout {
		want += s.buffers
	}
	switch {
	case m.header.f.bad:
		return r, errors.New("damaged metadata")
	case c > codecNone:
		return r, fmt.Errorf("unknown compression %d", c)
	case nodes != len(layout) || n != want:
		return r, fmt.Errorf("%d nodes and %d buffers for %d columns with %d", nodes, n, len(layout), want)
	case rows < 0 || rows > int64(len(m.body))*MaxExpansion+16<<20:
		return r, fmt.Errorf("%d rows", rows)
	}
	r.rows = int(rows)
	r.buffers = make([]buffer, n)
	end := int64(0)
	for i := range r.buffers {
		// Buffers ascend: no two columns can claim the same bytes.
		offset, length := m.header.f.i64(pos+16*i), m.header.f.i64(pos+16*i+8)
		if offset < end || length < 0 || offset > int64(len(m.body))-length {
			return r, fmt.Errorf("buffer %d spans bytes %d and %d more of a body of %d", i, offset, length, len(m.body))
		}
		end = offset + length
		b, err := newBuffer(m.body[offset:end], c)
		if err != nil {
			return r, fmt.Errorf("buffer %d: %w", i, err)
		}
		if b.codec != codecNone {
			if *budget -= int64(b.size); *budget < 0 {
				return r, fmt.Errorf("buffer %d: the file claims more than %d times its size", i, MaxExpansion)
			}
		}
		r.buffers[i] = b
	}
	return r, r.check(layout)
}

// check demands that every column of ours has room for the rows.
func (r *recordBatch) check(layout []slot) error {
	i := 0
	for _, s := range layout {
		validity, values := r.buffers[i].size, r.buffers[i+1].size
		i += s.buffers
		if s.column == nil || r.rows == 0 {
			continue
		}
		n := int64(r.rows)
		need := n * int64(s.width)
		if s.width == 0 {
			need = (n + 1) * 4
		}
		if int64(values) < need || validity != 0 && int64(validity) < (n+7)/8 {
			return fmt.Errorf("column %q is too short for %d rows", s.name, r.rows)
		}
	}
	return nil
}
