package arrow

import "encoding/binary"

// block is where a record batch lies, as the footer lists it.
type block struct {
	offset   int64
	metadata int32 // frame and metadata, bytes
	body     int64
}

const blockSize = 24

// appendTail appends what ends a file: the end of the stream, the footer, the
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
func appendTail(b, schemaMessage []byte, blocks []block) []byte {
	le := binary.LittleEndian
	b = append(b, endOfStream...)
	start := len(b)
	metadata := schemaMessage[frameSize:]
	f := &flat{b: metadata}
	schema := 40 + blockSize*len(blocks) + f.root().table(2).pos

	b = le.AppendUint32(b, 16)
	for _, v := range []uint16{12, 16, 4, 8, 0, 12} {
		b = le.AppendUint16(b, v)
	}
	b = le.AppendUint32(b, 12)
	b = le.AppendUint32(b, metadataV5)
	b = le.AppendUint32(b, uint32(schema-24))
	b = le.AppendUint32(b, 36-28)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, uint32(len(blocks)))
	for _, k := range blocks {
		b = le.AppendUint64(b, uint64(k.offset))
		b = le.AppendUint64(b, uint64(k.metadata))
		b = le.AppendUint64(b, uint64(k.body))
	}
	b = append(b, metadata...)
	b = le.AppendUint32(b, uint32(len(b)-start))
	return append(b, fileMagic[:6]...)
}

// metadataV5 is the version of the format that Arrow 1.0 and newer write.
const metadataV5 = 4
