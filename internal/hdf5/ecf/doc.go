// Package ecf packs and unpacks event records as the ECF filter of Prophesee's
// HDF5 files does (filter 36559; hdf5_ecf, ecf_codec.cpp).
//
// A record is 16 bytes, little-endian: x uint16, y uint16, polarity int16, two
// bytes unused, time int64. A chunk of at most maxEvents records is
//
//	uint32  number of records << 2 | form
//	uint64  time of the first
//	times   bytes: step << 4 | count. A count of 15 is followed by a uint16
//	        count; a step of 15 makes the count the next 4 bits of a long step,
//	        lowest first.
//	form 2  groups of 4 records in three uint32: 24 bits of y << 12 | x << 1 | p
//	        each, the first in the highest bits
//	else    rows: uint16 y << 5 | count; a count of 31 is followed by a uint16
//	form 1  groups of 4 records in three uint16: 12 bits of x << 1 | p each
//	form 0  columns: uint16 x << 5 | mask, the mask's highest bit for x + 1;
//	        polarities: bytes p << 7 | count, 127 followed by a uint16
//
// A group or mask at the end may hold more records than there are; they do not
// count.
package ecf

// maxEvents is the largest number of records in a chunk.
const maxEvents = 65535

// RecordSize is the size of a record, bytes.
const RecordSize = 16

// Forms of the addresses and polarities.
const (
	formMasks = 0
	formXP    = 1
	formYXP   = 2
)
