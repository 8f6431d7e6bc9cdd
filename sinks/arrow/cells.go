package arrow

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// codec is how a record batch's buffers are compressed.
type codec uint8

// Codecs (CompressionType of Arrow's Message.fbs, plus one).
const (
	codecLZ4 codec = iota
	codecZstd
	codecNone
)

// buffer is a buffer of a record batch as it lies in the file, with the size
// that it claims to have once it is decompressed.
type buffer struct {
	raw   []byte
	codec codec
	size  int
}

// newBuffer reads the length that precedes a compressed buffer; -1 stands for
// one that is stored as it is.
func newBuffer(raw []byte, c codec) (buffer, error) {
	if c == codecNone || len(raw) == 0 {
		return buffer{raw, codecNone, len(raw)}, nil
	}
	if len(raw) < 8 {
		return buffer{}, fmt.Errorf("compressed buffer of %d bytes", len(raw))
	}
	size := int64(binary.LittleEndian.Uint64(raw))
	raw = raw[8:]
	if size == -1 {
		return buffer{raw, codecNone, len(raw)}, nil
	}
	if size < 0 || int64(int(size)) != size {
		return buffer{}, fmt.Errorf("compressed buffer claims %d bytes", size)
	}
	return buffer{raw, c, int(size)}, nil
}

// expander decompresses. The zero value is ready.
type expander struct {
	zstd *zstd.Decoder
	lz4  *lz4.Reader
}

// bytes returns the buffer's content, which has exactly the claimed size.
func (x *expander) bytes(b buffer) ([]byte, error) {
	if b.codec == codecNone {
		return b.raw, nil
	}
	out := make([]byte, b.size)
	var n int
	var err error
	switch b.codec {
	case codecZstd:
		n, err = x.readZstd(out, b.raw)
	default:
		n, err = x.readLZ4(out, b.raw)
	}
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	if n != b.size {
		return nil, fmt.Errorf("decompressed to %d bytes instead of %d", n, b.size)
	}
	return out, nil
}

func (x *expander) readZstd(out, raw []byte) (int, error) {
	if x.zstd == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			return 0, err
		}
		x.zstd = d
	}
	all, err := x.zstd.DecodeAll(raw, out[:0])
	return len(all), err
}

func (x *expander) readLZ4(out, raw []byte) (int, error) {
	if x.lz4 == nil {
		x.lz4 = lz4.NewReader(nil)
	}
	x.lz4.Reset(bytes.NewReader(raw))
	n, err := io.ReadFull(x.lz4, out)
	if err != nil {
		return n, err
	}
	if extra, _ := x.lz4.Read(make([]byte, 1)); extra != 0 {
		return n + extra, nil
	}
	return n, nil
}

func (x *expander) close() {
	if x.zstd != nil {
		x.zstd.Close()
	}
}

// names gives equal strings one memory: streams, hashes and kinds repeat.
type names map[string]string

func (n names) of(b []byte) string {
	s, ok := n[string(b)]
	if !ok {
		s = string(b)
		n[s] = s
	}
	return s
}
