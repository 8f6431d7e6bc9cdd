package compression

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zlib"
)

// zlibReader is what the library's reader of zlib streams can do.
type zlibReader interface {
	io.Reader
	zlib.Resetter
}

type zlibDecoder struct {
	src  bytes.Reader
	z    zlibReader
	more [1]byte
}

// AppendZlib appends what a zlib stream (RFC 1950) holds, at most so many
// bytes, to dst. It makes room for no more than that. After an error dst is as
// it was, but for what lies behind its length. What stands behind the stream
// is not looked at.
func (d *Decoder) AppendZlib(dst, stream []byte, most int) ([]byte, error) {
	z := &d.zlib
	z.src.Reset(stream)
	if err := z.begin(); err != nil {
		return dst, fmt.Errorf("zlib stream: %w", err)
	}
	n := len(dst)
	out := slices.Grow(dst, most)[:n+most]
	for {
		k, err := z.read(out[n:])
		n += k
		switch {
		case n > len(out):
			return dst, ErrTooLong
		case errors.Is(err, io.EOF):
			return out[:n], nil
		case err != nil:
			return dst, fmt.Errorf("zlib stream: %w", err)
		}
	}
}

func (z *zlibDecoder) begin() error {
	if z.z != nil {
		return z.z.Reset(&z.src, nil)
	}
	r, err := zlib.NewReader(&z.src)
	if err == nil {
		z.z = r.(zlibReader)
	}
	return err
}

// read reads on into b, or one byte more where b is full.
func (z *zlibDecoder) read(b []byte) (int, error) {
	if len(b) == 0 {
		b = z.more[:]
	}
	return z.z.Read(b)
}
