package recording

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ganglion/sources/format"
	"ganglion/sources/format/aedat"
	"ganglion/sources/format/evt"
	"ganglion/sources/format/h5"
	"ganglion/sources/format/ros"
	"ganglion/sources/format/small"
	"ganglion/sources/format/table"
)

// Formats is the table of formats. Of two formats with the same file name
// ending, [Create] takes the first that can be written.
func Formats() []format.Format {
	return []format.Format{
		evt.EVT3(),
		evt.EVT2(),
		evt.EVT21(),
		evt.EVT4(),
		small.DAT(),
		small.ES(),
		small.NMNIST(),
		small.BS1(),
		aedat.AEDAT4(),
		aedat.AEDAT2(),
		aedat.AEDAT1(),
		aedat.AEDAT3(),
		ros.Bag(),
		ros.DB3(),
		ros.MCAP(),
		table.NPY(),
		table.NPZ(),
		table.MAT(),
		table.Arrow(),
		table.ArrowStream(),
		h5.HDF5(),
		h5.ECF(),
		h5.Prophesee(),
		table.CSV(),
	}
}

// errUnknownFormat means that a recording's format was not recognised, or that
// a format's name is not in the table.
var errUnknownFormat = errors.New("unknown recording format")

// byName finds a format by its name.
func byName(name string) (format.Format, error) {
	i := slices.IndexFunc(Formats(), func(f format.Format) bool { return f.Name == name })
	if i < 0 {
		return format.Format{}, fmt.Errorf("%w %q (known: %s)", errUnknownFormat, name, strings.Join(names(Formats()), ", "))
	}
	return Formats()[i], nil
}

// writableFor finds the format that a new file's name asks for.
func writableFor(path string) (format.Format, error) {
	ext := strings.ToLower(filepath.Ext(path))
	for _, f := range Formats() {
		if f.Writable() && slices.Contains(f.Extensions, ext) {
			return f, nil
		}
	}
	return format.Format{}, fmt.Errorf("%w: no writable format has file names ending in %q; name one", errUnknownFormat, ext)
}

func names(formats []format.Format) []string {
	var n []string
	for _, f := range formats {
		n = append(n, f.Name)
	}
	return n
}
