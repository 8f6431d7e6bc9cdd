package keep

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"ganglion/pipeline"
)

// longestLabel bounds what a label takes of a file's name, bytes.
const longestLabel = 150

// fileName is the name of a clip's files without their endings.
func fileName(c *pipeline.Clip) string {
	d := &c.Detection
	label := d.Label
	switch {
	case label == "":
		label = string(d.Kind)
	case !d.Kind.OfSound(): // a line and a zone may have one name
		label = string(d.Kind) + "-" + label
	}
	name := fmt.Sprintf("%s-%d", escape(label), d.T)
	if c.Same > 0 {
		name += fmt.Sprintf("-%d", c.Same+1)
	}
	return name
}

// escape makes a label fit for a file's name; different labels stay different,
// as long as they are short.
func escape(label string) string {
	var b strings.Builder
	for at := 0; at < len(label); {
		r, size := utf8.DecodeRuneInString(label[at:])
		switch plain := unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-'; {
		case b.Len()+3*size > longestLabel:
			return b.String()
		case plain:
			b.WriteRune(r)
		default:
			for _, c := range []byte(label[at : at+size]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		}
		at += size
	}
	return b.String()
}
