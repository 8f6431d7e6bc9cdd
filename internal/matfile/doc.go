// Package matfile finds the numeric arrays in MATLAB 5 files (what `save -v6`,
// `save -v7` and scipy.io.savemat write), also those in structures and cells, and in
// files of MATLAB 4 (level4.go), and reads their values front to back.
//
//	f, err := matfile.Open(src, size)
//	for _, a := range f.Arrays {
//		r, err := a.Open(0) // its values, as they are stored
//	}
//
// # Layout
//
// A file is a text of 116 bytes, 8 bytes of no matter, version u16 and "IM" or
// "MI", which tells the order of bytes, then elements: type u32, length u32 and
// the content, filled up to a multiple of 8. Where the upper half of the type is
// not zero it is the length, and the content is the next 4 bytes. A variable is
// an element of type 14 that holds elements itself: flags with the class, axes,
// name, and, of a number, the values in column order; of a structure, the names
// of the fields and a variable for each. An element of type 15 is a zlib stream of
// another element. (MATLAB, "MAT-File Format".)
//
// # Caveats
//
// Sparse arrays, texts and imaginary parts are passed over. Of a file that breaks
// off, what comes before is found. A file of MATLAB 7.3 is HDF5 and not read here.
package matfile
