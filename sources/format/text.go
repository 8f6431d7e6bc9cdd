package format

import (
	"bytes"
	"unicode/utf8"
)

// MaxHeader bounds a text header, in bytes.
const MaxHeader = 1 << 20

// HeaderLine returns the next line with its end, or nil where data begins:
// data may begin with the prefix by chance, but not as a line of text.
func HeaderLine(in *Input, prefix string, isText func(line []byte, cut bool) bool) ([]byte, error) {
	for need := len(prefix); ; {
		src, last, err := in.Window(need)
		if err != nil {
			return nil, err
		}
		line := src
		end := bytes.IndexByte(src, '\n')
		if end >= 0 {
			line = src[:end+1]
		}
		if !bytes.HasPrefix(line, []byte(prefix)) || !isText(line, end < 0) {
			return nil, nil
		}
		if end >= 0 || last {
			return line, nil
		}
		if need = len(src) + 1; need > MaxHeader {
			return nil, nil
		}
	}
}

// IsText reports whether b is text; a cut one may end within a character.
func IsText(b []byte, cut bool) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return cut && !utf8.FullRune(b)
		}
		if r < ' ' && r != '\t' && r != '\r' && r != '\n' {
			return false
		}
		b = b[n:]
	}
	return true
}
