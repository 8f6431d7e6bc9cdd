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

// errUnknownFormat says that a recording's format was not recognised, or that
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

// candidate is a format that claims a recording.
type candidate struct {
	format.Format
	claim format.Claim
	named bool // the file's name has one of its endings
}

// detect finds the format of a recording by its first bytes. The file's name
// decides between formats that are equally sure; where it does not, nothing is
// guessed.
func detect(p format.Probe) (format.Format, error) {
	ext := strings.ToLower(filepath.Ext(p.Name))
	var best []candidate
	for _, f := range Formats() {
		c := candidate{f, f.Sniff(p), slices.Contains(f.Extensions, ext)}
		if c.claim.Weight == format.No || c.claim.Weight == format.Possible && !c.named {
			continue
		}
		if len(best) > 0 && c.rank() < best[0].rank() {
			continue
		}
		if len(best) > 0 && c.rank() > best[0].rank() {
			best = best[:0]
		}
		best = append(best, c)
	}
	if len(best) == 0 || best[0].claim.Weight != format.Certain {
		if name, todo, ok := foreign(p); ok {
			return format.Format{}, fmt.Errorf("%w: it is %s: %s", errUnknownFormat, name, todo)
		}
	}
	switch len(best) {
	case 0:
		if format.IsText(p.Head, true) {
			return format.Format{}, fmt.Errorf("%w: it is text, in whose lines t, x, y and p are not found; it begins with %.80q: "+
				"if they are there, name the format and the columns: --from csv --columns t[s],x,y,p", errUnknownFormat, p.Head[:min(len(p.Head), 60)])
		}
		return format.Format{}, fmt.Errorf("%w: it begins with %.40q; if you know it, name it: %s", errUnknownFormat,
			p.Head[:min(len(p.Head), 12)], strings.Join(names(Formats()), ", "))
	case 1:
		return best[0].Format, nil
	}
	return format.Format{}, fmt.Errorf("%w: it could be %s (%s) or %s (%s): name the format", errUnknownFormat,
		best[0].Name, best[0].claim.Why, best[1].Name, best[1].claim.Why)
}

// rank orders candidates: by the content first, then by the name.
func (c *candidate) rank() int {
	if c.named {
		return 2*int(c.claim.Weight) + 1
	}
	return 2 * int(c.claim.Weight)
}

// Recognise reports whether a stream of unknown name that begins so is a recording.
func Recognise(head []byte) bool {
	_, err := detect(format.Probe{Head: head})
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
	return format.Format{}, fmt.Errorf("%w: no writable format has file names ending in %q; name one", errUnknownFormat, ext)
}

func names(formats []format.Format) []string {
	var n []string
	for _, f := range formats {
		n = append(n, f.Name)
	}
	return n
}

// probeOf is what recognises a recording of which head has arrived.
func probeOf(head []byte, last bool, in *format.Input, name string) format.Probe {
	p := format.Probe{Name: name, Head: head[:min(len(head), format.ProbeLength)], Whole: last && len(head) <= format.ProbeLength}
	if _, size, ok := in.File(); ok {
		p.Size = size
	}
	return p
}
