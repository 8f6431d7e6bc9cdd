package h5

import (
	"bytes"
	"io"

	h5 "ganglion/internal/hdf5"
	"ganglion/sources/format"
)

// HDF5 reads every layout of the package and writes DSEC's.
func HDF5() format.Format {
	return format.Format{
		Name:       "hdf5",
		Summary:    "HDF5 of event data sets; written in DSEC's layout",
		Extensions: extensions,
		Sniff: func(p format.Probe) format.Claim {
			if prophesee(p.Head) {
				return format.Claim{}
			}
			return claim(p)
		},
		OpenAt: open,
		Create: createDSEC,
	}
}

// ECF reads the same and writes Prophesee's layout, packed by ECF.
func ECF() format.Format {
	return format.Format{
		Name:       "hdf5-ecf",
		Summary:    "HDF5 of Prophesee's software, packed by ECF",
		Extensions: extensions,
		Sniff: func(p format.Probe) format.Claim {
			if prophesee(p.Head) && !bytes.Contains(p.Head, []byte(notePlain)) {
				return claim(p)
			}
			return format.Claim{}
		},
		OpenAt: open,
		Create: func(s *format.Sink) (format.Encoder, error) { return createProphesee(s, true) },
	}
}

// Prophesee reads the same and writes Prophesee's layout as it is.
func Prophesee() format.Format {
	return format.Format{
		Name:       "hdf5-prophesee",
		Summary:    "HDF5 of Prophesee's layout, not packed",
		Extensions: extensions,
		Sniff: func(p format.Probe) format.Claim {
			if prophesee(p.Head) && bytes.Contains(p.Head, []byte(notePlain)) {
				return claim(p)
			}
			return format.Claim{}
		},
		OpenAt: open,
		Create: func(s *format.Sink) (format.Encoder, error) { return createProphesee(s, false) },
	}
}

var extensions = []string{".h5", ".hdf5"}

// Notes that stand behind the head of what is written in Prophesee's layout,
// in space that belongs to nothing: the names of the groups come at the end,
// and recordings are recognised by their beginning.
const (
	noteECF   = "CD\x00EXT_TRIGGER\x00"
	notePlain = noteECF + "plain\x00"
)

// claim recognises HDF5 by its signature, also behind the 512 bytes that MATLAB
// puts before it.
func claim(p format.Probe) format.Claim {
	const signature = "\x89HDF\r\n\x1a\n"
	for at := 0; at < len(p.Head); at = max(512, 2*at) {
		if bytes.HasPrefix(p.Head[at:], []byte(signature)) {
			return format.Claim{Weight: format.Certain, Why: "the signature of HDF5"}
		}
	}
	return format.Claim{}
}

// prophesee reports whether the first bytes of a file name the groups of
// Prophesee's layout.
func prophesee(head []byte) bool {
	return bytes.Contains(head, []byte("EXT_TRIGGER")) && bytes.Contains(head, []byte("CD\x00"))
}

func open(s *format.Stream, src io.ReaderAt, size int64) (format.BlockReader, error) {
	f, err := h5.Open(src, size)
	if err != nil {
		return nil, err
	}
	found, err := search(f, s.Columns)
	if err != nil {
		return nil, err
	}
	chosen, err := choose(s, found.tables, found.beside)
	if err != nil {
		return nil, err
	}
	if err := found.tables[chosen].fault; err != nil {
		return nil, err
	}
	r, err := newReader(s, &found.tables[chosen], size)
	if err != nil {
		return nil, err
	}
	for i := range found.tables {
		r.others = append(r.others, uint64(found.tables[i].len()))
	}
	for i := range found.beside {
		r.others = append(r.others, found.beside[i].n)
	}
	found.header(s, f.Root())
	return r, nil
}
