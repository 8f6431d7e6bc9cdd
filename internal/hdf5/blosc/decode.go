package blosc

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/pierrec/lz4/v4"

	"ganglion/internal/compression"
)

const (
	headerSize = 16
	version    = 2

	flagShuffle    = 1 << 0
	flagStored     = 1 << 1
	flagBitShuffle = 1 << 2
	flagUnsplit    = 1 << 4

	codecBloscLZ = 0
	codecLZ4     = 1
	codecZlib    = 3
	codecZstd    = 4

	maxSplits = 16  // bytes of a value beyond which a block is one stream
	minStream = 128 // bytes of a stream below which a block is one stream
)

// Decoder unpacks chunks. The zero value is ready; it is used from one
// goroutine. Its buffer grows to the largest block.
type Decoder struct {
	frames compression.Decoder
	block  []byte
}

// header is what the first bytes of a chunk say.
type header struct {
	flags                byte
	value, bytes, blocks int // bytes of a value, of all, of a block
}

func readHeader(src []byte) (h header, err error) {
	if len(src) < headerSize {
		return h, fmt.Errorf("blosc: chunk of %d bytes, at least %d", len(src), headerSize)
	}
	if src[0] != version {
		return h, fmt.Errorf("blosc: format version %d, not %d", src[0], version)
	}
	size := func(at int) uint32 { return binary.LittleEndian.Uint32(src[at:]) }
	h = header{flags: src[2], value: max(1, int(src[3])), bytes: int(size(4)), blocks: int(size(8))}
	if uint64(size(12)) > uint64(len(src)) {
		return h, fmt.Errorf("blosc: chunk of %d bytes, only %d are there", size(12), len(src))
	}
	if h.bytes > 0 && h.blocks == 0 {
		return h, errors.New("blosc: blocks of 0 bytes")
	}
	return h, nil
}

// Decode unpacks a chunk into the start of dst and returns the number of its
// bytes. It fails for a chunk that breaks the format, and for one that does
// not fit dst.
func (d *Decoder) Decode(dst, src []byte) (int, error) {
	h, err := readHeader(src)
	if err != nil {
		return 0, err
	}
	if h.bytes > len(dst) {
		return 0, fmt.Errorf("blosc: chunk of %d bytes, at most %d here", h.bytes, len(dst))
	}
	dst = dst[:h.bytes]
	if h.flags&flagStored != 0 {
		if len(src)-headerSize < len(dst) {
			return 0, fmt.Errorf("blosc: %d stored bytes, %d are there", len(dst), len(src)-headerSize)
		}
		return copy(dst, src[headerSize:]), nil
	}
	if need := (len(dst) + h.blocks - 1) / max(1, h.blocks); need > (len(src)-headerSize)/4 {
		return 0, fmt.Errorf("blosc: chunk of %d bytes holds no %d blocks", len(src), need)
	}
	for i := 0; i*h.blocks < len(dst); i++ {
		part := dst[i*h.blocks : min((i+1)*h.blocks, len(dst))]
		start := binary.LittleEndian.Uint32(src[headerSize+4*i:])
		if uint64(start) > uint64(len(src)) {
			return 0, fmt.Errorf("blosc: block %d begins at byte %d of %d", i, start, len(src))
		}
		if err := d.unpack(part, src[start:], h); err != nil {
			return 0, fmt.Errorf("blosc: block %d at byte %d: %w", i, start, err)
		}
	}
	return len(dst), nil
}

// unpack undoes the codec and the shuffling of one block.
func (d *Decoder) unpack(dst, src []byte, h header) error {
	shuffled := h.flags&flagShuffle != 0 && h.value > 1
	bits := !shuffled && h.flags&flagBitShuffle != 0
	packed := dst
	if shuffled || bits {
		if cap(d.block) < len(dst) {
			d.block = make([]byte, len(dst))
		}
		packed = d.block[:len(dst)]
	}
	if err := d.streams(packed, src, h); err != nil {
		return err
	}
	switch {
	case shuffled:
		Unshuffle(dst, packed, h.value)
	case bits:
		unshuffleBits(dst, packed, h.value)
	}
	return nil
}

// streams undoes the codec of one block.
func (d *Decoder) streams(dst, src []byte, h header) error {
	n := 1
	if h.flags&flagUnsplit == 0 && h.value <= maxSplits && h.blocks/h.value >= minStream && len(dst) == h.blocks {
		n = h.value
	}
	size := len(dst) / n
	for ; n > 0; n-- {
		if len(src) < 4 {
			return fmt.Errorf("ends %d streams early", n)
		}
		packed := binary.LittleEndian.Uint32(src)
		src = src[4:]
		if uint64(packed) > uint64(len(src)) {
			return fmt.Errorf("stream of %d bytes, %d are there", packed, len(src))
		}
		if err := d.stream(dst[:size], src[:packed], h.flags>>5); err != nil {
			return err
		}
		src, dst = src[packed:], dst[size:]
	}
	if len(dst) > 0 {
		return fmt.Errorf("%d bytes are not a whole number of values", len(dst))
	}
	return nil
}

// stream unpacks one stream, which must fill dst.
func (d *Decoder) stream(dst, src []byte, codec byte) error {
	if len(src) == len(dst) {
		copy(dst, src)
		return nil
	}
	n, err := 0, error(nil)
	switch codec {
	case codecBloscLZ:
		n, err = unLZ(dst, src)
	case codecLZ4:
		n, err = lz4.UncompressBlock(src, dst)
	case codecZlib:
		n, err = appended(d.frames.AppendZlib(dst[:0:len(dst)], src, len(dst)))
	case codecZstd:
		n, err = appended(d.frames.Append(dst[:0:len(dst)], src, compression.Zstd, len(dst)))
	default:
		return fmt.Errorf("codec %d (2 is Snappy) is not supported", codec)
	}
	if err == nil && n != len(dst) {
		err = fmt.Errorf("stream unpacks to %d bytes instead of %d", n, len(dst))
	}
	return err
}

func appended(b []byte, err error) (int, error) { return len(b), err }
