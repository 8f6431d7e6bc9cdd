// Package screen keeps what recordings, models and peers call things from
// steering a terminal: control characters, those that turn the direction of
// writing, and bytes that are not text are shown as what they are. It stands
// where text leaves the program: standard output, standard error, the log.
package screen

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NewWriter returns a writer that hands text on with control characters, but
// newlines and tabs, as \u001b, which is how JSON writes them too.
func NewWriter(w io.Writer) io.Writer { return &writer{w: w} }

type writer struct {
	w    io.Writer
	tail []byte // of a rune that is not complete yet
	buf  []byte
}

// Write implements [io.Writer].
func (w *writer) Write(p []byte) (int, error) {
	text := p
	if len(w.tail) > 0 {
		text = append(w.tail, p...)
	}
	n := whole(text)
	w.buf = Append(w.buf[:0], text[:n], false)
	w.tail = append([]byte(nil), text[n:]...)
	if _, err := w.w.Write(w.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}

// whole is the length of text without a rune at its end that more bytes may
// complete.
func whole(text []byte) int {
	for i := len(text) - 1; i >= max(0, len(text)-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				return i
			}
			break
		}
	}
	return len(text)
}

// Line is a value as part of one line: newlines and tabs are escaped too.
func Line(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return steers(r, true) || r == utf8.RuneError }) < 0 {
		return s
	}
	return string(Append(nil, []byte(s), true))
}

// Append appends text with its control characters escaped, newlines and tabs
// only where it is to stay in one line.
func Append(dst, text []byte, oneLine bool) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case steers(r, oneLine):
			dst = fmt.Appendf(dst, `\u%04x`, r)
		case r == utf8.RuneError:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		default:
			dst = append(dst, text[:n]...)
		}
		text = text[n:]
	}
	return dst
}

// steers reports whether a terminal would act on a rune.
func steers(r rune, oneLine bool) bool {
	if r == '\n' || r == '\t' {
		return oneLine
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
