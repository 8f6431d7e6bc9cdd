// Package compression packs and unpacks LZ4 and Zstandard frames, and unpacks
// zlib streams, whose size is bounded beforehand, for formats that compress
// piece by piece (AEDAT 4, Arrow IPC, HDF5).
//
//	var d compression.Decoder
//	content, err := d.Append(buf[:0], frame, compression.LZ4, 1<<20)
//
// # Caveats
//
// A frame stands alone and takes all its bytes: no dictionaries, no skippable
// frames, nothing behind it. Checksums are verified where a frame has them and
// written always. Once buf has grown to the stream's needs, nothing is
// allocated.
package compression
