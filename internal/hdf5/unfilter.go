package hdf5

import (
	"encoding/binary"
	"errors"
	"slices"

	"ganglion/internal/compression"
	"ganglion/internal/hdf5/blosc"
	"ganglion/internal/hdf5/ecf"
)

// unfilterCost is how many times the bytes of a chunk an unfilter may take.
const unfilterCost = 3

// unfilter undoes the filters of chunks, one after the other, in two buffers
// that it uses again.
type unfilter struct {
	filters []filter
	size    int // bytes of a value
	spare   [2][]byte
	streams compression.Decoder
	blosc   blosc.Decoder
}

// undo undoes the filters of one chunk. A bit of the mask is set for each
// filter that was left out. The result has at most limit bytes, which the
// caller has paid for; it is good until the next call, as long as b is.
func (u *unfilter) undo(b []byte, mask uint32, limit uint64) ([]byte, error) {
	for i, next := len(u.filters)-1, 0; i >= 0; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		room := int(limit) + 4*i // earlier filters may have added checksums
		dst, err := u.spare[next][:0], error(nil)
		switch id := u.filters[i].id; id {
		case filterFletcher32:
			if b, err = checkFletcher(b); err != nil {
				return nil, err
			}
			continue
		case filterDeflate:
			dst, err = u.streams.AppendZlib(dst, b, room)
		case filterShuffle:
			dst = slices.Grow(dst, len(b))[:len(b)]
			blosc.Unshuffle(dst, b, u.size)
		default:
			dst = slices.Grow(dst, room)[:room]
			var n int
			n, err = u.expand(id, dst, b)
			dst = dst[:n]
		}
		u.spare[next] = dst
		if errors.Is(err, compression.ErrTooLong) {
			return nil, overLimit("%s: a chunk expands to more than its %d bytes", u.filters[i].name(), limit)
		}
		if err != nil {
			return nil, malformed("%v", err)
		}
		b, next = dst, 1-next
	}
	return b, nil
}

// expand unpacks a chunk into the start of dst.
func (u *unfilter) expand(id uint16, dst, b []byte) (int, error) {
	switch id {
	case filterBlosc:
		return u.blosc.Decode(dst, b)
	case filterECF:
		return ecf.Decode(dst, b)
	}
	return unLZF(dst, b)
}

func checkFletcher(b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, malformed("fletcher32: %d bytes", len(b))
	}
	data := b[:len(b)-4]
	stored, sum := binary.LittleEndian.Uint32(b[len(data):]), fletcher32(data)
	if stored != sum {
		return nil, malformed("fletcher32: checksum %08x, the bytes give %08x", stored, sum)
	}
	return data, nil
}
