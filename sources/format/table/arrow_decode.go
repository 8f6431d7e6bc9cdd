package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"ganglion/internal/arrowipc"
	"ganglion/internal/compression"
	"ganglion/internal/flatbuf"
	"ganglion/sources/format"
)

type arrowDecoder struct {
	s       *format.Stream
	file    bool
	fields  []arrowipc.Field
	columns [4]arrowColumn // t, x, y and p
	rows    *numpyRows

	message arrowipc.Message
	batch   arrowipc.Batch
	unpack  compression.Decoder
	open    bool // the batch at the front of the input is being delivered
	next    int  // its first row that is not delivered
	nulls   bool // it has nulls
	ended   bool // the end of the stream was seen
	lost    bool // no message where one should be
}

// arrowColumn is a column of events and what it holds in the open batch.
type arrowColumn struct {
	first    int // of its buffers
	field    numpyField
	bits     bool // it holds truth values
	validity []byte
	values   []byte
	unpacked [2][]byte // memory for compressed buffers
	bytes    []byte    // memory for truth values, one a byte
}

func (d *arrowDecoder) Decode(b *format.Block, src []byte, at int64, last bool) (int, error) {
	i := 0
	for !b.Full() {
		if !d.open {
			n := d.find(src[i:], at+int64(i), last)
			i += n
			if n == 0 && !d.open {
				break
			}
			continue
		}
		if d.deliver(b, src[i:], at+int64(i)) {
			i += len(d.message.Bytes)
			d.open = false
		}
	}
	return i, nil
}

// find opens the batch at the front of src, or returns how many bytes to skip.
// Neither means that the message is longer than src.
func (d *arrowDecoder) find(src []byte, at int64, last bool) int {
	switch {
	case d.ended:
		if !d.file && len(src) > 0 { // of a file the footer is left
			d.s.Damage.Add("behind_the_end", at, 0, 1)
		}
		return len(src)
	case bytes.HasPrefix(src, []byte(arrowipc.EndOfStream)):
		d.ended = true
		return len(arrowipc.EndOfStream)
	case len(src) < arrowipc.FrameSize:
		return 0
	}
	err := d.message.Parse(src)
	if errors.Is(err, arrowipc.ErrCut) && len(src) <= arrowMaxBatch {
		if last {
			return d.beyond(src, at)
		}
		return 0
	}
	if err != nil {
		if n, ok := d.footer(src, last); ok {
			return n
		}
		return d.skip(src, at)
	}
	d.lost = false
	if err := d.begin(); err != nil {
		d.s.Damage.Add("bad_message", at, 0, 1)
		return len(d.message.Bytes)
	}
	d.open, d.next = true, 0
	return 0
}

// footer reports whether src is the footer of a file that has no end of stream
// before it, as Arrow's Go library writes them, and returns the bytes to skip;
// 0 when all of it is not there yet.
func (d *arrowDecoder) footer(src []byte, last bool) (n int, ok bool) {
	const tail, version = 10, 3 // the length and "ARROW1"; version V4
	root := flatbuf.New(src).Root()
	if _, schema := root.Field(1); !d.file || !schema || root.Pos() > 64 || root.U16(0) < version {
		return 0, false
	}
	if !last {
		return 0, len(src) <= arrowMaxSchema
	}
	end := src[max(len(src)-tail, 0):]
	if len(end) < tail || string(end[4:]) != arrowipc.FileMagic[:6] || int(binary.LittleEndian.Uint32(end)) != len(src)-tail {
		return 0, false
	}
	d.ended = true
	return len(src), true
}

// beyond deals with a message that is longer than all that follows: it is cut
// off, unless there is another one within it.
func (d *arrowDecoder) beyond(src []byte, at int64) int {
	if n := d.search(src); n < len(src) {
		return d.skip(src, at)
	}
	return 0
}

// skip passes over bytes up to the next that could be a message.
func (d *arrowDecoder) skip(src []byte, at int64) int {
	if !d.lost {
		d.lost = true
		d.s.Damage.Add("bad_message", at, 0, 1)
	}
	return d.search(src)
}

// search returns where in src, behind its front, the next message could be.
// Messages stand at multiples of 8 bytes.
func (d *arrowDecoder) search(src []byte) int {
	for n := 8; n+arrowipc.FrameSize <= len(src); n += 8 {
		if !bytes.HasPrefix(src[n:], []byte(arrowipc.EndOfStream[:4])) {
			continue
		}
		length := binary.LittleEndian.Uint32(src[n+4:])
		if length == 0 || length%8 == 0 && length <= arrowMaxSchema {
			return n
		}
	}
	return len(src)
}

// begin takes the message as a batch of which all columns are there.
func (d *arrowDecoder) begin() error {
	m := &d.message
	budget := int64(4*len(m.Body) + arrowSlack)
	if err := d.batch.Parse(m, d.fields, &budget); err != nil {
		return err
	}
	d.nulls = false
	for i := range d.columns {
		if err := d.columns[i].begin(&d.batch, m.Bytes, &d.unpack); err != nil {
			return err
		}
		d.nulls = d.nulls || len(d.columns[i].validity) > 0
	}
	return nil
}

// begin checks the column's buffers and unpacks them.
func (c *arrowColumn) begin(b *arrowipc.Batch, message []byte, d *compression.Decoder) error {
	if err := c.buffers(b, message, d); err != nil {
		return err
	}
	need := int64(b.Rows) * int64(c.field.size)
	flags := (int64(b.Rows) + 7) / 8
	if c.bits {
		need = flags
	}
	if int64(len(c.values)) < need || len(c.validity) > 0 && int64(len(c.validity)) < flags {
		return fmt.Errorf("column %q is too short for %d rows", c.field.name, b.Rows)
	}
	if c.bits {
		c.bytes = c.bytes[:0]
		for _, eight := range c.values[:flags] {
			// Each byte of the product has all eight bits and keeps its own.
			const spread, own = 0x0101_0101_0101_0101, 0x8040_2010_0804_0201
			kept := uint64(eight) * spread & own
			c.bytes = binary.LittleEndian.AppendUint64(c.bytes, (kept+0x7F7F_7F7F_7F7F_7F7F)>>7&spread)
		}
	}
	return nil
}

// buffers finds the column's validity and values in the message, or in memory
// of its own where they are compressed.
func (c *arrowColumn) buffers(b *arrowipc.Batch, message []byte, d *compression.Decoder) error {
	for i, dst := range [...]*[]byte{&c.validity, &c.values} {
		buffer := b.Buffers[c.first+i]
		if buffer.Codec == compression.None {
			*dst = message[buffer.At : buffer.At+buffer.Len]
			continue
		}
		content, err := buffer.Content(c.unpacked[i], message, d)
		if err != nil {
			return err
		}
		c.unpacked[i], *dst = content, content
	}
	return nil
}

// deliver appends rows of the open batch, which is at the front of src, and
// reports whether that is all of it.
func (d *arrowDecoder) deliver(b *format.Block, src []byte, at int64) bool {
	for d.next < d.batch.Rows && !b.Full() {
		n := min(b.Room(), numpyChunk, d.batch.Rows-d.next)
		if d.nulls {
			skip, valid := d.valid(n)
			if skip > 0 {
				d.s.Damage.Add("null_cell", at, 0, uint64(skip))
			}
			d.next += skip
			n = valid
		}
		d.rows.append(b, n, d.values(src), at)
		d.next += n
	}
	return d.next == d.batch.Rows
}

// valid looks at the next n rows: how many to skip, and how many without a
// null follow.
func (d *arrowDecoder) valid(n int) (skip, valid int) {
	null := func(row int) bool {
		for i := range d.columns {
			if v := d.columns[i].validity; len(v) > 0 && v[row/8]>>(row%8)&1 == 0 {
				return true
			}
		}
		return false
	}
	for skip < n && null(d.next+skip) {
		skip++
	}
	for skip+valid < n && !null(d.next+skip+valid) {
		valid++
	}
	return skip, valid
}

// values are the columns from the next row on. What is not compressed stands in
// src, which may have moved since the batch was opened.
func (d *arrowDecoder) values(src []byte) (parts [4][]byte) {
	for i := range d.columns {
		c := &d.columns[i]
		from := c.values
		buffer := d.batch.Buffers[c.first+1]
		switch {
		case c.bits:
			from = c.bytes
		case buffer.Codec == compression.None:
			from = src[buffer.At : buffer.At+buffer.Len]
		}
		parts[i] = from[d.next*c.field.size:]
	}
	return parts
}
