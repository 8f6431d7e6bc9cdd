// Package flatbuf reads FlatBuffers that nobody vouches for, such as the
// packets of AEDAT 4 and the messages of Arrow IPC.
//
// Google's Go runtime for FlatBuffers has no verifier: a damaged offset panics
// and a damaged length allocates. Here every access is checked. One that falls
// outside the bytes gives zero and marks the buffer as bad; nothing is
// allocated and nothing is followed by itself.
//
//	b := flatbuf.New(bytes)
//	t := b.Root().Table(2)
//	rows := t.I64(0)
//	if b.Bad() {
//		return errDamaged
//	}
//
// [Builder] writes FlatBuffers, from front to back and into memory that is kept.
//
// # The form
//
// All numbers are little-endian. A buffer starts with the offset of its root
// table, behind which may stand four bytes that name its type. A table starts
// with the signed distance back to its vtable, which is {its own size, the
// table's size, the place of each field in the table or 0}, u16 each. Strings,
// vectors and tables are a forward offset away from their field; strings and
// vectors start with their length.
//
// # Caveats
//
// Offsets may point to the same bytes from many places: a reader bounds what
// it makes of a buffer by what it uses, not by what the buffer says.
package flatbuf
