package arrowipc

import (
	"encoding/binary"

	"ganglion/internal/flatbuf"
)

// Column describes a column of numbers without nulls that is written. One of 1
// bit holds truth values, eight to a byte from the lowest bit up.
type Column struct {
	Name   string
	Bits   int // 1, 8, 16, 32 or 64
	Signed bool
	Float  bool // of 16, 32 or 64 bits
	// List is how many of these numbers a row has, in a list of that length; 0
	// for one without a list.
	List     int
	Metadata []Pair // of a list
}

// version is that of the format that Arrow 1.0 and newer write (V5).
const version = 4

// AppendSchema appends a schema message. B of w begins where a multiple of 8
// bytes lies in the file.
func AppendSchema(w *flatbuf.Builder, columns []Column, metadata []Pair) {
	at := begin(w)
	schema := message(w, SchemaMessage, 0, 10, 12, 0, 4, 8) // byte order, fields, metadata
	fields := w.Vector(len(columns), 4)
	w.Refer(schema+4, fields)
	for i, c := range columns {
		appendField(w, fields+4+4*i, c)
	}
	appendPairs(w, schema+8, metadata)
	end(w, at)
}

// appendPairs appends metadata and refers to it from a place.
func appendPairs(w *flatbuf.Builder, from int, metadata []Pair) {
	pairs := w.Vector(len(metadata), 4)
	w.Refer(from, pairs)
	for i, p := range metadata {
		pair := w.Table(8, 12, 4, 8) // key, value
		w.Refer(pairs+4+4*i, pair)
		w.Refer(pair+4, w.String(p.Key))
		w.Refer(pair+8, w.String(p.Value))
	}
}

// appendField appends the table of a column and refers to it from a place.
func appendField(w *flatbuf.Builder, from int, c Column) {
	if c.List > 0 {
		appendList(w, from, c)
		return
	}
	// name, nullable, kind of type, type, dictionary, children
	field := w.Table(16, 20, 4, 0, 16, 8, 0, 12)
	w.Refer(from, field)
	w.Refer(field+4, w.String(c.Name))
	w.Refer(field+12, w.Vector(0, 4))
	switch {
	case c.Bits == 1:
		w.B[field+16] = typeBool
		w.Refer(field+8, w.Table(4, 4))
	case c.Float:
		w.B[field+16] = typeFloat
		detail := w.Table(6, 8, 4) // precision: half, single, double
		w.Refer(field+8, detail)
		binary.LittleEndian.PutUint16(w.B[detail+4:], uint16(c.Bits/32))
	default:
		w.B[field+16] = typeInt
		detail := w.Table(8, 12, 4, 8) // width, signed
		w.Refer(field+8, detail)
		w.SetU32(detail+4, uint32(c.Bits))
		if c.Signed {
			w.B[detail+8] = 1
		}
	}
}

// appendList is appendField for a column of lists of one length.
func appendList(w *flatbuf.Builder, from int, c Column) {
	// name, nullable, kind of type, type, dictionary, children, metadata
	field := w.Table(18, 24, 4, 0, 20, 8, 0, 12, 16)
	w.Refer(from, field)
	w.Refer(field+4, w.String(c.Name))
	appendPairs(w, field+16, c.Metadata)
	w.B[field+20] = typeFixedList
	detail := w.Table(6, 8, 4) // length
	w.Refer(field+8, detail)
	w.SetU32(detail+4, uint32(c.List))
	children := w.Vector(1, 4)
	w.Refer(field+12, children)
	appendField(w, children+4, Column{Name: "item", Bits: c.Bits, Signed: c.Signed, Float: c.Float})
}

// AppendBatch appends a record batch message of columns without nulls, each
// given as the bytes of its values.
func AppendBatch(w *flatbuf.Builder, rows int, columns ...[]byte) {
	AppendListBatch(w, rows, nil, columns...)
}

// AppendListBatch is AppendBatch where columns may be lists, given as the bytes of
// the numbers in them; lists has their lengths, 0 for a column without, or is nil.
func AppendListBatch(w *flatbuf.Builder, rows int, lists []int, columns ...[]byte) {
	body, nodeCount, bufferCount := int64(0), 0, 0
	for i, c := range columns {
		body += padded(len(c))
		nodeCount, bufferCount = nodeCount+1, bufferCount+2
		if lists != nil && lists[i] > 0 { // the list has a validity of its own
			nodeCount, bufferCount = nodeCount+1, bufferCount+1
		}
	}
	at := begin(w)
	batch := message(w, BatchMessage, body, 10, 20, 4, 12, 16) // rows, nodes, buffers
	w.SetI64(batch+4, int64(rows))
	nodes := w.Vector(nodeCount, 16)
	w.Refer(batch+12, nodes)
	buffers := w.Vector(bufferCount, 16)
	w.Refer(batch+16, buffers)
	node, buffer, offset := nodes+4, buffers+4, int64(0)
	for i, c := range columns {
		values := rows
		if lists != nil && lists[i] > 0 {
			w.SetI64(node, int64(rows))
			w.SetI64(buffer, offset)
			node, buffer, values = node+16, buffer+16, rows*lists[i]
		}
		w.SetI64(node, int64(values))
		w.SetI64(buffer, offset) // of the validity, which is empty
		w.SetI64(buffer+16, offset)
		w.SetI64(buffer+24, int64(len(c)))
		node, buffer, offset = node+16, buffer+32, offset+padded(len(c))
	}
	end(w, at)
	for _, c := range columns {
		w.B = append(w.B, c...)
		w.B = append(w.B, make([]byte, padded(len(c))-int64(len(c)))...)
	}
}

// padded is how much of a body a buffer of n bytes takes.
func padded(n int) int64 { return (int64(n) + 7) &^ 7 }

// begin puts down the frame of a message.
func begin(w *flatbuf.Builder) int {
	at := len(w.B)
	w.B = append(w.B, continuation...)
	w.B = append(w.B, 0, 0, 0, 0)
	return at
}

// message puts down the Message and its header, whose vtable is given.
func message(w *flatbuf.Builder, kind uint8, body int64, vtable ...uint16) (header int) {
	m := w.Begin(12, 20, 16, 18, 12, 4) // version, kind of header, header, length of the body
	w.SetI64(m+4, body)
	binary.LittleEndian.PutUint16(w.B[m+16:], version)
	w.B[m+18] = kind
	header = w.Table(vtable...)
	w.Refer(m+12, header)
	return header
}

// end pads the metadata and fills in its length.
func end(w *flatbuf.Builder, at int) {
	w.Align(8)
	w.SetU32(at+4, uint32(len(w.B)-at-FrameSize))
}

// Block is where a record batch lies in a file, as the footer lists it.
type Block struct {
	Offset   int64
	Metadata int32 // frame and metadata, bytes
	Body     int64
}

// BlockSize is what a block takes in the footer, bytes.
const BlockSize = 24

// AppendTail appends what ends a file: the end of the stream, the footer, the
// footer's length and the magic.
//
// The footer is a FlatBuffers table (Footer of Arrow's File.fbs) with a
// version, the schema and the blocks. Offsets in FlatBuffers are relative, so
// the schema need not be built a second time: the schema message that starts
// the file is put in whole and the footer points at the table inside.
//
//	 0  offset of the root table, 16
//	 4  vtable: its size 12, the table's size 16, fields: version at 4,
//	    schema at 8, no dictionaries, blocks at 12
//	16  table: distance to the vtable 12, version, 2 bytes of padding,
//	    offset of the schema, offset of the blocks
//	32  4 bytes of padding, number of blocks, blocks of 24 bytes
//	    the schema message's metadata, at a multiple of 8
func AppendTail(b, schemaMessage []byte, blocks []Block) []byte {
	le := binary.LittleEndian
	b = append(b, EndOfStream...)
	start := len(b)
	metadata := schemaMessage[FrameSize:]
	schema := 40 + BlockSize*len(blocks) + flatbuf.New(metadata).Root().Table(2).Pos()

	b = le.AppendUint32(b, 16)
	for _, v := range [...]uint16{12, 16, 4, 8, 0, 12} {
		b = le.AppendUint16(b, v)
	}
	b = le.AppendUint32(b, 12)
	b = le.AppendUint32(b, version)
	b = le.AppendUint32(b, uint32(schema-24))
	b = le.AppendUint32(b, 36-28)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, uint32(len(blocks)))
	for _, k := range blocks {
		b = le.AppendUint64(b, uint64(k.Offset))
		b = le.AppendUint64(b, uint64(k.Metadata))
		b = le.AppendUint64(b, uint64(k.Body))
	}
	b = append(b, metadata...)
	b = le.AppendUint32(b, uint32(len(b)-start))
	return append(b, FileMagic[:6]...)
}
