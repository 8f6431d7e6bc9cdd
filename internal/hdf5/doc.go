// Package hdf5 reads and writes the part of HDF5 that neural network files
// use (NIR, see the parent package), in pure Go and within fixed bounds.
//
// # The life of a value
//
// [Open] reads the file into memory once and finds the root [Group]. A group
// lists its members by name and opens them as a [Group] or a [Dataset]. A
// dataset is an [Array]: it knows its [Type] and shape from the object header,
// and its values are decoded when one of Float64s, Float32s, Int64s, Bools or
// Strings asks for them. Attributes are arrays too.
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
// fixed array, extensible array); the filters deflate, shuffle, fletcher32 and
// lzf; integers of 8 to 64 bits, IEEE floats of 16, 32 and 64 bits in both byte
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
// A file is untrusted. All memory that reading a file takes, over the life of
// the [File], is at most four times its size plus 16 MiB; only what deflate
// expands may exceed this, up to the size that the dataset's shape declares,
// at most 1,032 times the stored bytes (more than deflate can reach) and
// 1 GiB in all. So a File is for reading a file through once or twice, not for
// reading it again and again. Cycles of links are found, nesting is at most 64
// deep, and every error is an [*Error] with the object's path and the byte
// offset. Structure definitions follow the HDF5 File Format Specification
// version 3.0; section numbers in comments refer to it.
package hdf5
