package compression

import (
	"errors"
	"fmt"
)

// Codec is how a piece is compressed.
type Codec uint8

// The codecs.
const (
	None Codec = iota
	LZ4        // one LZ4 frame
	Zstd       // one Zstandard frame
)

// ErrTooLong means that a frame holds more than the caller allows.
var ErrTooLong = errors.New("holds more than is allowed")

// Decoder unpacks frames. The zero value is ready; it is used from one
// goroutine.
type Decoder struct {
	zstd zstdDecoder
	zlib zlibDecoder
}

// Append appends what the frame holds, at most so many bytes, to dst. It makes
// room for no more than that. After an error dst is as it was, but for what
// lies behind its length.
func (d *Decoder) Append(dst, frame []byte, c Codec, most int) ([]byte, error) {
	out, err := dst, error(nil)
	switch c {
	case None:
		if len(frame) > most {
			return dst, ErrTooLong
		}
		return append(dst, frame...), nil
	case LZ4:
		if out, err = appendLZ4Content(dst, frame, most); err != nil {
			return dst, fmt.Errorf("LZ4 frame: %w", err)
		}
	default:
		if out, err = d.zstd.append(dst, frame, most); err != nil {
			return dst, fmt.Errorf("zstd frame: %w", err)
		}
	}
	return out, nil
}

// Encoder packs frames. The zero value is ready; it is used from one
// goroutine.
type Encoder struct {
	lz4  lz4Encoder
	zstd zstdEncoder
}

// Append appends a frame that holds the content to dst.
func (e *Encoder) Append(dst, content []byte, c Codec) []byte {
	switch c {
	case None:
		return append(dst, content...)
	case LZ4:
		return e.lz4.append(dst, content)
	}
	return e.zstd.append(dst, content)
}
