// Package arrowipc takes Arrow IPC files and streams apart, and puts them
// together, without Arrow's library.
//
// The library allocates whatever a few damaged bytes tell it to, which ends the
// process. Here every offset and length is checked against the bytes there are
// before anything is allocated.
//
// # The life of a batch
//
// [Message.Parse] finds the message at the front of some bytes. Of the first
// one, the schema, [Fields] makes the list of columns. Each one of the others
// is a record batch; [Batch.Parse] finds its buffers, and [Buffer.Content]
// unpacks one.
//
//	var m arrowipc.Message
//	var batch arrowipc.Batch
//	for err = m.Parse(b); err == nil; err = m.Parse(b) {
//		err = batch.Parse(&m, fields, &budget)
//		...
//		b = b[m.Size:]
//	}
//
// The other way, [AppendSchema], [AppendBatch] and [AppendTail] write files
// of columns of fixed width.
//
// # Form
//
//	0  "ARROW1" 0 0                 files only
//	   schema message
//	   record batch message         as many as there are
//	   ...
//	   end of stream ff ff ff ff 0 0 0 0
//	   footer, its length u32, "ARROW1"   files only
//
// A message is ff ff ff ff, the length of its metadata u32, the metadata (a
// FlatBuffer, Message.fbs) and a body with the buffers of the columns.
//
// # Caveats
//
// Columns are flat: nested ones, dictionaries and views are refused by name.
// Only little-endian data is read, and only the form of messages that Arrow
// 0.15 and newer write.
package arrowipc
