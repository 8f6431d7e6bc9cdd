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
		table.NPY(),
		table.NPZ(),
		table.Arrow(),
		table.ArrowStream(),
		table.CSV(),
	}
}

// ErrUnknownFormat says that a recording's format was not recognised, or that
// a format's name is not in the table.
var ErrUnknownFormat = errors.New("unknown recording format")

// ByName finds a format by its name.
func ByName(name string) (format.Format, error) {
	i := slices.IndexFunc(Formats(), func(f format.Format) bool { return f.Name == name })
	if i < 0 {
		return format.Format{}, fmt.Errorf("%w %q (known: %s)", ErrUnknownFormat, name, strings.Join(names(Formats()), ", "))
	}
	return Formats()[i], nil
}

// detect finds the format of a recording by its first bytes. The file's name
// decides between formats that are equally sure.
func detect(p format.Probe, name string) (format.Format, error) {
	ext := strings.ToLower(filepath.Ext(name))
	best, bestScore := format.Format{}, 0
	for _, f := range Formats() {
		c := f.Sniff(p).Weight
		named := slices.Contains(f.Extensions, ext)
		if c == format.No || c == format.Possible && !named {
			continue
		}
		score := int(c) * 2
		if named {
			score++
		}
		if score > bestScore {
			best, bestScore = f, score
		}
	}
	if bestScore == 0 {
		return format.Format{}, fmt.Errorf("%w: starts with % x; name one of %s", ErrUnknownFormat,
			p.Head[:min(len(p.Head), 16)], strings.Join(names(Formats()), ", "))
	}
	return best, nil
}

// SniffLength is how many of a recording's first bytes [Recognise] wants.
const SniffLength = format.ProbeLength

// Recognise reports whether a stream of unknown name that begins so is a recording.
func Recognise(head []byte) bool {
	_, err := detect(format.Probe{Head: head}, "")
	return err == nil
}

// writableFor finds the format that a new file's name asks for.
func writableFor(path string) (format.Format, error) {
	ext := strings.ToLower(filepath.Ext(path))
	for _, f := range Formats() {
		if f.Writable() && slices.Contains(f.Extensions, ext) {
			return f, nil
		}
	}
	return format.Format{}, fmt.Errorf("%w: no writable format has file names ending in %q; name one", ErrUnknownFormat, ext)
}

func names(formats []format.Format) []string {
	var n []string
	for _, f := range formats {
		n = append(n, f.Name)
	}
	return n
}

// probeOf is what recognises a recording of which head has arrived.
func probeOf(head []byte, last bool, in *format.Input) format.Probe {
	p := format.Probe{Head: head[:min(len(head), format.ProbeLength)], Whole: last && len(head) <= format.ProbeLength}
	if _, size, ok := in.File(); ok {
		p.Size = size
	}
	return p
}
