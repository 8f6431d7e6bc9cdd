// Package hdf5 reads and writes the part of HDF5 that files of neural networks
// (NIR) and of event cameras use, in pure Go and within fixed bounds.
//
// # The life of a value
//
// [Open] finds the root [Group]; everything else is read when it is asked for.
// A group lists its members by name and opens them as a [Group] or a
// [Dataset]. A dataset is an [Array]: it knows its [Type] and shape from the
// object header, and its values are decoded when one of Float64s, Float32s,
// Int64s, Bools or Strings asks for them. Attributes are arrays too.
//
//	f, err := hdf5.Open(r, size)
//	node, err := f.Root().Group("node")
//	weight, err := node.Dataset("weight")
//	values, err := weight.Float32s() // row-major, weight.Shape long
//
// What is too long for memory is read by bands of rows, in the memory of one:
//
//	rows, err := d.Rows()
//	for row := 0; row < rows.Len(); {
//		band := rows.Band(row) // a stretch that cannot be read says so in Err
//		...
//		row = band.First + band.Len
//	}
//
// A file is written the other way round: [NewWriter] gives an empty tree,
// groups and datasets are put into it, and WriteTo lays it out.
//
//	f, err := hdf5.Open(r, size)
//	node, err := f.Root().Group("node")
//	weight, err := node.Dataset("weight")
//	values, err := weight.Float32s() // row-major, weight.Shape long
//
// # What is read
//
// Superblock versions 0 to 3 (also behind a user block); groups as symbol
// tables (version 1 B-tree, local heap), as link messages and as dense links
// (fractal heap, version 2 B-tree); object headers of version 1 and 2 with
// continuation; compact, contiguous and chunked layout of version 3 to 5, with
// every index of chunks (version 1 and 2 B-trees, a single chunk, implicit,
// fixed array, extensible array); the filters deflate, shuffle, fletcher32,
// lzf, Blosc (see [ganglion/internal/hdf5/blosc]) and ECF, which packs event
// records (see [ganglion/internal/hdf5/ecf]); integers of 8 to 64 bits, IEEE floats of 16, 32 and 64 bits in both byte
// orders, enumerations and h5py's bool, fixed and variable-length strings,
// records of these (compound types); attributes in the header and dense ones.
// Every checksum in the file is verified. Anything else, such as the filter
// szip, arrays as values, references, committed types, soft and external links,
// gives [ErrUnsupported] and its name.
//
// What is written: superblock 0, symbol tables, contiguous or deflated arrays,
// variable-length UTF-8 strings, attributes in the header. Every HDF5 library
// since 1.6 opens it.
//
// # Bounds
//
// A file is untrusted. All memory that reading arrays as a whole takes, over
// the life of the [File], is at most four times the file's size plus 16 MiB;
// only what filters expand may exceed this, at most 1 GiB in all. So whole
// arrays are for what is read once or twice, not again and again.
//
// [Rows] takes, for each dataset, 24 bytes a chunk, a band as stored, and up to
// three times the band where it is filtered. What is stored as it is has bands
// of 256 KiB; a filtered chunk, and what lies side by side in several, is at
// most 256 MiB, at most 1,032 times the file's size where that is more than 4
// MiB, and a chunk at most 1,032 times its stored bytes where it is larger than
// 4 MiB. What was never written is one band with an error, however long.
//
// Cycles of links are found, nesting is at most 64 deep, and every error is an
// [*Error] with the object's path and the byte offset. Structure definitions
// follow the HDF5 File Format Specification version 3.0; section numbers in
// comments refer to it.
package hdf5
