package arrow

import (
	"bytes"
	"errors"
	"fmt"

	"ganglion/internal/arrowipc"
)

// formatError says where and why a file is not what it should be.
type formatError struct {
	Offset int64 // byte offset of the message
	Reason string
}

func (e *formatError) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.Reason) }

// contents is what a file holds, as far as it is sound.
type contents struct {
	schema  []byte // the schema message
	fields  []arrowipc.Field
	layout  []slot // of the fields
	batches []recordBatch
	blocks  []arrowipc.Block
	end     int64 // of the last whole message
	rows    int
	file    bool // it begins as a file, not as a stream
}

// recordBatch is a record batch whose buffers are long enough for its rows.
type recordBatch struct {
	arrowipc.Batch
	offset  int64
	message []byte
}

func parse(b []byte) (contents, error) {
	c := contents{}
	if bytes.HasPrefix(b, []byte(arrowipc.FileMagic)) {
		c.end = int64(len(arrowipc.FileMagic))
	}
	budget := maxExpansion*int64(len(b)) + 16<<20
	for rest := b[c.end:]; len(rest) > 0 && !bytes.HasPrefix(rest, []byte(arrowipc.EndOfStream)); rest = b[c.end:] {
		size, err := c.message(rest, &budget)
		if err != nil {
			return c, &formatError{c.end, err.Error()}
		}
		c.end += int64(size)
	}
	if c.layout == nil {
		return c, &formatError{c.end, "ends before its schema"}
	}
	return c, nil
}

// message takes the message at the front of b and returns its length.
func (c *contents) message(b []byte, budget *int64) (size int, err error) {
	var m arrowipc.Message
	if err := m.Parse(b); err != nil {
		return 0, err
	}
	switch {
	case m.Kind == arrowipc.SchemaMessage && c.layout == nil:
		if c.fields, err = arrowipc.Fields(&m); err != nil {
			return 0, err
		}
		c.layout, err = layoutOf(c.fields)
		c.schema = m.Bytes
		return len(m.Bytes), err
	case m.Kind != arrowipc.BatchMessage || c.layout == nil:
		return 0, fmt.Errorf("message of kind %d out of place", m.Kind)
	}
	r := recordBatch{offset: c.end, message: m.Bytes}
	if err = r.Parse(&m, c.fields, budget); err == nil {
		err = r.check(c.layout)
	}
	switch {
	case errors.Is(err, arrowipc.ErrTooLong):
		return 0, fmt.Errorf("record batch %d: %w: the file claims more than %d times its size", len(c.batches), err, maxExpansion)
	case err != nil:
		return 0, fmt.Errorf("record batch %d: %w", len(c.batches), err)
	}
	c.batches = append(c.batches, r)
	c.blocks = append(c.blocks, arrowipc.Block{Offset: c.end, Metadata: int32(m.Metadata()), Body: int64(len(m.Body))})
	c.rows += r.Rows
	return len(m.Bytes), nil
}

// check demands that every column of ours has room for the rows.
func (r *recordBatch) check(layout []slot) error {
	i := 0
	for _, s := range layout {
		validity, values := r.Buffers[i].Size, r.Buffers[i+1].Size
		i += s.buffers
		if s.column == nil || r.Rows == 0 {
			continue
		}
		n := int64(r.Rows)
		need := n * int64(s.width)
		if s.width == 0 {
			need = (n + 1) * 4
		}
		if int64(values) < need || validity != 0 && int64(validity) < (n+7)/8 {
			return fmt.Errorf("column %q is too short for %d rows", s.name, r.Rows)
		}
	}
	return nil
}
