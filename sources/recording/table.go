package recording

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Formats is the table of formats. Of two formats with the same file name
// ending, [Create] takes the first that can be written.
var Formats = []Format{
	evt3Format,
	evt2Format,
	evt21Format,
	evt4Format,
	datFormat,
	esFormat,
	nmnistFormat,
	bs1Format,
	aedat4Format,
	aedat2Format,
	aedat1Format,
	aedat3Format,
	npyFormat,
	npzFormat,
	arrowFormat,
	arrowStreamFormat,
	csvFormat,
}

// ErrUnknownFormat says that a recording's format was not recognised, or that
// a format's name is not in the table.
var ErrUnknownFormat = errors.New("unknown recording format")

// byName finds a format by its name.
func byName(name string) (Format, error) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, fmt.Errorf("%w %q (known: %s)", ErrUnknownFormat, name, strings.Join(names(Formats), ", "))
	}
	return Formats[i], nil
}

// detect finds the format of a recording by its first bytes. The file's name
// decides between formats that are equally sure.
func detect(p probe, name string) (Format, error) {
	ext := strings.ToLower(filepath.Ext(name))
	best, bestScore := Format{}, 0
	for _, f := range Formats {
		c := f.sniff(p).weight
		named := slices.Contains(f.Extensions, ext)
		if c == no || c == possible && !named {
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
		return Format{}, fmt.Errorf("%w: starts with % x; name one of %s", ErrUnknownFormat,
			p.head[:min(len(p.head), 16)], strings.Join(names(Formats), ", "))
	}
	return best, nil
}

// SniffLength is how many of a recording's first bytes [Recognise] wants.
const SniffLength = sniffLength

// Recognise reports whether a stream of unknown name that begins so is a recording.
func Recognise(head []byte) bool {
	_, err := detect(probe{head: head}, "")
	return err == nil
}

// writableFor finds the format that a new file's name asks for.
func writableFor(path string) (Format, error) {
	ext := strings.ToLower(filepath.Ext(path))
	for _, f := range Formats {
		if f.Writable() && slices.Contains(f.Extensions, ext) {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("%w: no writable format has file names ending in %q; name one", ErrUnknownFormat, ext)
}

func names(formats []Format) []string {
	var n []string
	for _, f := range formats {
		n = append(n, f.Name)
	}
	return n
}

// probeOf is what recognises a recording of which head has arrived.
func probeOf(head []byte, last bool, in *input) probe {
	p := probe{head: head[:min(len(head), sniffLength)], whole: last && len(head) <= sniffLength}
	if _, size, ok := in.file(); ok {
		p.size = size
	}
	return p
}
