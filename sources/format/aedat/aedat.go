package aedat

import (
	"fmt"
	"strings"

	"ganglion/sources/format"
)

// AEDAT files of jAER and cAER, versions 1 to 3, begin with lines of text that
// start with # and end in CR LF. The first names the version, "#!AER-DAT2.0";
// most others are free text, some "# key: value", and a block of preferences
// in XML can take thousands of lines. Newer files end the header with a line
// of its own; in older ones data begins with the first line that is not a text
// (jaer AEFileInputStream.java, AEFileOutputStream.java).

const (
	aedatMagic = "#!AER-DAT"
	// aedatEnd ends the header of versions 1 and 2, where it is written.
	aedatEnd = " End of ASCII Header"
	// aedat3End ends the header of version 3.
	aedat3End = "!END-HEADER"
)

// Keys of header fields that are no "# key: value" line.
const (
	aedatText        = ""            // a line of text as it stands behind the #
	aedatPreferences = "preferences" // the lines of the block, joined by line ends
)

// The lines around a block of preferences begin so.
const (
	aedatPreferencesStart = " Start of Preferences"
	aedatPreferencesEnd   = "End of Preferences"
)

// sniffAEDAT recognises a file by the version in its first line.
func sniffAEDAT(version string) func(format.Probe) format.Claim {
	return func(p format.Probe) format.Claim { return format.BeginsWith(p, aedatMagic+version) }
}

// readAEDATHeader consumes the header lines and returns all but the first and
// the last.
func readAEDATHeader(in *format.Input, end string) (format.Header, error) {
	var h aedatHeader
	for total := 0; total < format.MaxHeader && len(h.fields)+len(h.block) < aedatFields; {
		line, err := format.HeaderLine(in, "#", isLatinText)
		if err != nil || line == nil {
			return h.done(), err
		}
		total += len(line)
		in.Advance(len(line))
		text := strings.TrimRight(string(line[1:]), "\r\n")
		if text == end {
			return h.done(), nil
		}
		h.add(text)
	}
	return nil, fmt.Errorf("longer than %d bytes or %d lines", format.MaxHeader, aedatFields)
}

// aedatFields bounds the fields of a header.
const aedatFields = 1 << 16

// aedatHeader collects the lines of a header.
type aedatHeader struct {
	fields format.Header
	block  []string // of preferences that have not ended
}

func (h *aedatHeader) add(text string) {
	switch {
	case strings.HasPrefix(text, aedatMagic[1:]):
	case len(h.block) > 0:
		h.block = append(h.block, text)
		if strings.HasPrefix(strings.TrimSpace(text), aedatPreferencesEnd) {
			h.done()
		}
	case strings.HasPrefix(text, aedatPreferencesStart):
		h.block = append(h.block, text)
	default:
		h.fields = append(h.fields, aedatField(text))
	}
}

// done ends a block of preferences.
func (h *aedatHeader) done() format.Header {
	if len(h.block) > 0 {
		h.fields = append(h.fields, format.Field{Key: aedatPreferences, Value: strings.Join(h.block, "\n")})
		h.block = nil
	}
	return h.fields
}

// aedatField takes a line apart if it can be put together again.
func aedatField(text string) format.Field {
	key, value, ok := strings.Cut(strings.TrimPrefix(text, " "), ": ")
	if !ok || key == aedatText || key == aedatPreferences || text != " "+key+": "+value || !isAEDATKey(key) {
		return format.Field{Key: aedatText, Value: text}
	}
	return format.Field{Key: key, Value: value}
}

func isAEDATKey(s string) bool {
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == ' ', c == '-', c == '_':
		default:
			return false
		}
	}
	return len(s) <= 40
}

// appendAEDATHeader writes a header of version 2: the fields of h, but for
// those that say how to read the file, and then the given ones.
func appendAEDATHeader(dst []byte, h, given format.Header) []byte {
	clean := strings.NewReplacer("\n", " ", "\r", " ")
	line := func(text string) {
		dst = append(dst, '#')
		dst = append(dst, clean.Replace(text)...)
		dst = append(dst, "\r\n"...)
	}
	line(aedatMagic[1:] + "2.0")
	for _, f := range h {
		switch f.Key {
		case aedatChipKey, aedatGeometry, aedatT0:
		case aedatText:
			line(f.Value)
		case aedatPreferences:
			for text := range strings.SplitSeq(f.Value, "\n") {
				line(text)
			}
		default:
			line(" " + f.Key + ": " + f.Value)
		}
	}
	for _, f := range given {
		line(" " + f.Key + ": " + f.Value)
	}
	line(aedatEnd)
	return dst
}

// isLatinText reports whether b is text: Java writes one byte a character.
func isLatinText(b []byte, _ bool) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}
