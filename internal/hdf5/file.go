package hdf5

import (
	"errors"
	"io"
)

// Limits of a file; doc.go states them in words.
const (
	maxDepth       = 64       // nested groups
	maxRank        = 32       // dimensions (HDF5's own limit)
	slack          = 16 << 20 // allowance beyond four times the file's size, bytes
	maxInflated    = 1 << 30  // what deflate may expand over the life of a File, bytes
	deflateRatio   = 1032     // deflate cannot expand a byte to more than this
	maxFile        = 4 << 30  // bytes
	maxArray       = 1 << 42  // bytes of one array, whatever the file's size
	maxStored      = 1 << 31  // bytes of one chunk as stored
	maxLinkNameLen = 1 << 16
)

// File is an open HDF5 file. It holds the file's bytes in memory. It is not
// safe for concurrent use.
type File struct {
	b          []byte
	base       int64 // file offset that addresses count from
	offsetSize int   // bytes of an address
	lengthSize int   // bytes of a length
	left       uint64
	inflatable uint64
	heaps      map[uint64]map[uint32]span // global heap collections met so far
	root       *Group
}

// Open reads a file of the given size, bytes, and its root group. The reader
// is not used after Open returns.
func Open(r io.ReaderAt, size int64) (*File, error) {
	b, err := readAll(r, size)
	if err != nil {
		return nil, &Error{Path: "/", Err: err}
	}
	f := &File{b: b, left: 3*uint64(len(b)) + slack, inflatable: maxInflated}
	rootAddr, err := f.superblock()
	if err != nil {
		return nil, err
	}
	o, err := f.object("/", rootAddr)
	if err != nil {
		return nil, err
	}
	f.root, err = o.group(nil)
	return f, err
}

// Root is the group "/".
func (f *File) Root() *Group { return f.root }

// readAll asks for the last byte first, so that a wrong size costs no memory.
func readAll(r io.ReaderAt, size int64) ([]byte, error) {
	if size > maxFile {
		return nil, overLimit("file of %d bytes, at most %d", size, int64(maxFile))
	}
	if size <= 0 {
		return nil, malformed("empty file")
	}
	var last [1]byte
	if n, err := r.ReadAt(last[:], size-1); n != 1 {
		return nil, errors.Join(malformed("shorter than the %d bytes announced", size), err)
	}
	b := make([]byte, size)
	if n, err := r.ReadAt(b, 0); n != len(b) {
		return nil, errors.Join(malformed("read ends after %d of %d bytes", n, size), err)
	}
	return b, nil
}

// charge takes n bytes from the allowance and reports whether they were there.
func (f *File) charge(n uint64) bool {
	if n > f.left {
		f.left = 0
		return false
	}
	f.left -= n
	return true
}
