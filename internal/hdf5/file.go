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
	freeExpansion  = 4 << 20  // bytes that a chunk may expand to whatever its stored size
	maxArray       = 1 << 42  // bytes of one array, whatever the file's size
	maxStored      = 1 << 31  // bytes of one chunk as stored
	maxLinkNameLen = 1 << 16
)

// File is an open HDF5 file. It is not safe for concurrent use.
type File struct {
	r          io.ReaderAt
	size       int64
	base       int64 // file offset that addresses count from
	offsetSize int   // bytes of an address
	lengthSize int   // bytes of a length
	left       uint64
	inflatable uint64
	heaps      map[uint64]collection // global heap collections met so far
	root       *Group
}

// Open reads the root group of a file of the given size, bytes. The reader is
// used for as long as the file is.
func Open(r io.ReaderAt, size int64) (*File, error) {
	if size <= 0 {
		return nil, &Error{Path: "/", Err: malformed("empty file")}
	}
	f := &File{r: r, size: size, left: 4*uint64(size) + slack, inflatable: maxInflated}
	if err := f.readAt(make([]byte, 1), size-1); err != nil {
		return nil, &Error{Path: "/", Err: err}
	}
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

// readAt fills b from a file offset.
func (f *File) readAt(b []byte, at int64) error {
	if n, err := f.r.ReadAt(b, at); n != len(b) {
		return errors.Join(malformed("%d of %d bytes could be read", n, len(b)), err)
	}
	return nil
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
