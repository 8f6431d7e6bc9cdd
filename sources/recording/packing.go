package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"ganglion/sources/format"
)

// A recording of any format may be packed with gzip or Zstandard, or lie in a
// ZIP archive, or several of these around each other. It is unpacked while it is
// read, in the memory that a window of the packing takes. Packing that is
// damaged ends the recording where it is, and is counted: as truncated where it
// breaks off, else as broken_packing.

// zstdWindow bounds the memory that a Zstandard frame may ask for, bytes:
// what the zstd program takes without being told to.
const zstdWindow = 128 << 20

// packing is a way in which a single recording is packed.
type packing struct {
	name    string
	magic   string
	endings []string
	open    func(src io.Reader) (io.Reader, error)
}

func packings() []packing {
	return []packing{
		{"gzip", "\x1f\x8b\x08", []string{".gz", ".gzip"}, func(src io.Reader) (io.Reader, error) { return gzip.NewReader(src) }},
		{"Zstandard", "\x28\xb5\x2f\xfd", []string{".zst", ".zstd"}, func(src io.Reader) (io.Reader, error) {
			return zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		}},
	}
}

// packingOf is how something that begins so is packed, or -1.
func packingOf(head []byte) int {
	return slices.IndexFunc(packings(), func(p packing) bool { return bytes.HasPrefix(head, []byte(p.magic)) })
}

// unpacker reads what is packed. It ends where the packing is damaged.
type unpacker struct {
	src  *origin
	open func(src io.Reader) (io.Reader, error)
	r    io.Reader
	size func() int64 // bytes of the outermost packing that have been read
	n    int64        // bytes that came out
	err  error        // what is wrong with the packing
}

func (u *unpacker) Read(p []byte) (n int, err error) {
	if u.err != nil {
		return 0, io.EOF
	}
	if u.r == nil {
		r, err := u.open(u.src)
		if err != nil {
			return 0, u.end(err)
		}
		u.r = r
	}
	n, err = u.r.Read(p)
	if u.n += int64(n); u.n > format.MostUnpacked(u.size()) {
		return 0, fmt.Errorf("%d packed bytes unpack to more than %d: no recording packs so well", u.size(), u.n)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = u.end(err)
	}
	return n, err
}

// end tells damage from a source that failed.
func (u *unpacker) end(err error) error {
	if u.src.err != nil {
		return u.src.err
	}
	u.err = err
	return io.EOF
}

// close frees what the packing holds.
func (u *unpacker) close() {
	switch r := u.r.(type) {
	case *zstd.Decoder:
		r.Close()
	case io.Closer:
		_ = r.Close() // it holds memory alone
	}
}

// origin remembers an error of what is unpacked.
type origin struct {
	r   io.Reader
	n   int64 // bytes so far
	err error
}

func (o *origin) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	o.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		o.err = err
	}
	return n, err
}
