package hdf5

import (
	"fmt"

	"ganglion/internal/hdf5/ecf"
)

// filter is a step of the way from values to stored bytes.
type filter struct{ id uint16 }

const (
	filterDeflate    = 1
	filterShuffle    = 2
	filterFletcher32 = 3
	filterLZF        = 32000
	filterBlosc      = 32001
	filterECF        = 36559
)

// filterNames are the filters that are met in the wild, so that a refusal can
// name them (HDF5 library and the registry of filter plugins).
var filterNames = map[uint16]string{
	filterDeflate: "deflate", filterShuffle: "shuffle", filterFletcher32: "fletcher32",
	4: "szip", 5: "nbit", 6: "scaleoffset", 307: "bzip2", filterLZF: "lzf", filterBlosc: "blosc",
	32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32026: "blosc2", filterECF: "ecf",
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

// readable reports whether the filter can be undone for values of a type. ECF
// packs nothing but its own records.
func (f filter) readable(t *Type) bool {
	switch f.id {
	case filterDeflate, filterShuffle, filterFletcher32, filterLZF, filterBlosc:
		return true
	case filterECF:
		return t.EventRecord()
	}
	return false
}

// EventRecord reports whether values are the records of the package ecf.
func (t *Type) EventRecord() bool {
	want := [4]Member{
		{"x", 0, Type{Class: Uint, Size: 2}}, {"y", 2, Type{Class: Uint, Size: 2}},
		{"p", 4, Type{Class: Int, Size: 2}}, {"t", 8, Type{Class: Int, Size: 8}},
	}
	if t.Class != Compound || t.Size != ecf.RecordSize || len(t.Members) != len(want) {
		return false
	}
	for i, m := range t.Members {
		w := want[i]
		if m.Name != w.Name || m.Offset != w.Offset || m.Type.Class != w.Type.Class || m.Type.Size != w.Type.Size || m.Type.BigEndian {
			return false
		}
	}
	return true
}
