package compression

import (
	"errors"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// ZstdMagic begins every Zstandard frame.
const ZstdMagic = 0xFD2FB528

type zstdDecoder struct{ d *zstd.Decoder }

func (z *zstdDecoder) append(dst, frame []byte, most int) ([]byte, error) {
	if z.d == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			return dst, err
		}
		z.d = d
	}
	var h zstd.Header
	if err := h.Decode(frame); err != nil {
		return dst, err
	}
	size := most
	if h.HasFCS {
		if h.FrameContentSize > uint64(most) {
			return dst, ErrTooLong
		}
		size = int(h.FrameContentSize)
	}
	n := len(dst)
	dst = slices.Grow(dst, size)
	out, err := z.d.DecodeAll(frame, dst[:n:n+size])
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		err = ErrTooLong
	}
	return out, err
}

type zstdEncoder struct{ e *zstd.Encoder }

func (z *zstdEncoder) append(dst, content []byte) []byte {
	if z.e == nil {
		// Only a wrong option gives an error. A frame of a single segment states
		// how long its content is, also where that is short: DV demands it.
		z.e, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithSingleSegment(true))
	}
	return z.e.EncodeAll(content, dst)
}
