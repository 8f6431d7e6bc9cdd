// Package blosc unpacks the chunks of Blosc 1, a container that cuts bytes
// into blocks, shuffles each and packs it by one of several codecs (C-Blosc,
// README_HEADER.rst). HDF5 files hold them as filter 32001.
//
// A chunk, all little-endian:
//
//	0   u8   version of the format, 2
//	1   u8   version of the codec
//	2   u8   flags: 1 shuffled by bytes, 2 stored, 4 shuffled by bits,
//	         16 blocks are not split; bits 5 to 7 the codec: 0 BloscLZ, 1 LZ4,
//	         2 Snappy, 3 zlib, 4 Zstandard
//	3   u8   bytes of a value
//	4   u32  bytes unpacked
//	8   u32  bytes of a block, unpacked; the last block may be shorter
//	12  u32  bytes of the chunk
//	16  u32  where each block begins
//
// A block is one stream, or one for each byte of a value; a stream is its size
// (u32) and its bytes. A stream as large as what it holds is stored.
//
// Snappy and Blosc 2 are refused by name.
package blosc
