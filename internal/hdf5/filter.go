package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// filter is a step of the way from values to stored bytes.
type filter struct{ id uint16 }

const (
	filterDeflate    = 1
	filterShuffle    = 2
	filterFletcher32 = 3
	filterLZF        = 32000
)

// filterNames are the filters that are met in the wild, so that a refusal can
// name them (HDF5 library and the registry of filter plugins).
var filterNames = map[uint16]string{
	filterDeflate: "deflate", filterShuffle: "shuffle", filterFletcher32: "fletcher32",
	4: "szip", 5: "nbit", 6: "scaleoffset", 307: "bzip2", filterLZF: "lzf", 32001: "blosc",
	32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32026: "blosc2",
}

// filters reads a filter pipeline message (IV.A.2.l). Unknown filters are
// refused when values are read, not before: the shape is of use without them.
func (c *cursor) filters() []filter {
	version, n := c.u8(), c.u8()
	if c.err == nil && version != 1 && version != 2 {
		c.fail(unsupported("filter pipeline version %d", version))
	}
	if n > 32 {
		c.fail(malformed("%d filters", n))
	}
	if version == 1 {
		c.skip(6)
	}
	var list []filter
	for range n {
		id := c.u16()
		named := version == 1 || id >= 256
		nameSize := uint64(0)
		if named {
			nameSize = uint64(c.u16())
		}
		c.skip(2) // flags
		values := uint64(c.u16())
		if version == 1 {
			nameSize = (nameSize + 7) &^ 7
			values += values & 1
		}
		c.skip(nameSize + 4*values)
		if c.err != nil {
			return nil
		}
		list = append(list, filter{id})
	}
	return list
}

// name is the filter's name and number.
func (f filter) name() string {
	if n, ok := filterNames[f.id]; ok {
		return fmt.Sprintf("%s (%d)", n, f.id)
	}
	return fmt.Sprintf("number %d", f.id)
}

// known reports whether the filter can be undone.
func (f filter) known() bool {
	switch f.id {
	case filterDeflate, filterShuffle, filterFletcher32, filterLZF:
		return true
	}
	return false
}

// unfilter undoes the filters of one chunk. A bit of the mask is set for each
// filter that was left out. The result has at most limit bytes; size is the
// size of a value.
func unfilter(b []byte, filters []filter, mask uint32, limit uint64, size int) ([]byte, error) {
	for i := len(filters) - 1; i >= 0; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		var err error
		switch f := filters[i]; f.id {
		case filterDeflate:
			b, err = inflate(b, limit+4*uint64(i)) // earlier filters may have added checksums
		case filterShuffle:
			b = unshuffle(b, size)
		case filterFletcher32:
			b, err = checkFletcher(b)
		case filterLZF:
			b, err = unLZF(b, limit+4*uint64(i))
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// inflate expands a zlib stream to at most limit bytes, which the caller has
// paid for.
func inflate(b []byte, limit uint64) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, malformed("deflate: %v", err)
	}
	out := make([]byte, limit)
	n, err := io.ReadFull(z, out)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, malformed("deflate: %v", err)
	}
	var more [1]byte
	if extra, err := io.ReadFull(z, more[:]); extra != 0 || !errors.Is(err, io.EOF) {
		if extra != 0 {
			return nil, overLimit("deflate: a chunk expands to more than its %d bytes", limit)
		}
		return nil, malformed("deflate: %v", err)
	}
	return out[:n], nil
}

// unshuffle gathers the bytes of each value, which were stored by position.
func unshuffle(b []byte, size int) []byte {
	n := len(b) / size
	if size < 2 || n < 2 {
		return b
	}
	out := make([]byte, len(b))
	for k := range size {
		for i, v := range b[k*n : (k+1)*n] {
			out[i*size+k] = v
		}
	}
	copy(out[n*size:], b[n*size:])
	return out
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

// unLZF expands a block of LibLZF to at most limit bytes, which the caller has
// paid for. A control byte below 32 precedes that many bytes and one more as
// they are; any other begins a reference: a length in its upper three bits
// (7: one byte more), a distance in the lower five and the next byte.
func unLZF(b []byte, limit uint64) ([]byte, error) {
	out := make([]byte, 0, limit)
	for i := 0; i < len(b); {
		control := int(b[i])
		i++
		if control < 32 {
			if i+control >= len(b) || len(out)+control >= cap(out) {
				return nil, malformed("lzf: %d bytes wanted at %d of %d, %d of %d expanded", control+1, i, len(b), len(out), limit)
			}
			out = append(out, b[i:i+control+1]...)
			i += control + 1
			continue
		}
		n := control>>5 + 2
		if n == 9 && i < len(b) {
			n += int(b[i])
			i++
		}
		if i >= len(b) {
			return nil, malformed("lzf: ends within a reference")
		}
		from := len(out) - (control&31<<8 | int(b[i])) - 1
		i++
		if from < 0 || n > cap(out)-len(out) {
			return nil, malformed("lzf: %d bytes from %d of %d expanded, at most %d", n, from, len(out), limit)
		}
		for ; n > 0; n-- {
			out = append(out, out[from])
			from++
		}
	}
	return out, nil
}
