package recording

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ganglion/sources/format"
)

// recognise finds the format of a recording. A live one is recognised as soon
// as its bytes allow; any other by all of the first ones, so that it does not
// matter how they arrive.
func recognise(in *format.Input, name string, o Options) (format.Format, error) {
	need := format.ProbeLength
	if o.Live || o.Format != "" {
		need = 1
	}
	for {
		head, last, err := in.Window(need)
		if err != nil {
			return format.Format{}, err
		}
		if len(head) == 0 {
			return format.Format{}, errors.New("is empty")
		}
		if o.Format != "" {
			return byName(o.Format)
		}
		f, err := detect(probeOf(head, last, in, name))
		if err == nil || last || len(head) >= format.ProbeLength {
			return f, err
		}
		need = len(head) + 1
	}
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
			return format.Format{}, fmt.Errorf("%w: it is text without columns t, x, y and p; it begins with %.80q: if it has them, "+
				"name format and columns: --from csv --columns t[s],x,y,p, in a pipeline source.format and source.columns",
				errUnknownFormat, p.Head[:min(len(p.Head), 60)])
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

// probeOf is what recognises a recording of which head has arrived.
func probeOf(head []byte, last bool, in *format.Input, name string) format.Probe {
	p := format.Probe{Name: name, Head: head[:min(len(head), format.ProbeLength)], Whole: last && len(head) <= format.ProbeLength}
	if _, size, ok := in.File(); ok {
		p.Size = size
	}
	return p
}
