package evt

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"ganglion/sources/format"
)

// Prophesee RAW and DAT files begin with text lines "% key value". The header
// ends behind the line "% end" (newer files) or before the first line that
// does not begin with "% ". Facts: openeb generic_header.cpp and
// psee_raw_file_header.cpp.

// ReadHeader consumes the header lines of a Prophesee file.
func ReadHeader(in *format.Input) (format.Header, error) {
	var h format.Header
	for total := 0; total < format.MaxHeader; {
		line, err := format.HeaderLine(in, "% ", isHeaderText)
		if err != nil || line == nil {
			return h, err
		}
		total += len(line)
		in.Advance(len(line))
		key, value, _ := strings.Cut(strings.TrimSpace(latinText(line[2:])), " ")
		if key == "end" && value == "" {
			return h, nil
		}
		h = append(h, format.Field{Key: key, Value: strings.TrimSpace(value)})
	}
	return nil, fmt.Errorf("longer than %d bytes", format.MaxHeader)
}

// isHeaderText reports whether b is a line of a header: text in UTF-8, or, as
// OpenEB reads it byte by byte, in Latin-1 behind a key of plain letters, digits,
// _ and -.
func isHeaderText(b []byte, cut bool) bool {
	if format.IsText(b, cut) {
		return true
	}
	key, _, _ := bytes.Cut(bytes.TrimPrefix(b, []byte("% ")), []byte(" "))
	for _, c := range key {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7F {
			return false
		}
	}
	return len(key) > 0
}

// latinText is a line in UTF-8, whatever it was in.
func latinText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	text := make([]rune, len(b))
	for i, c := range b {
		text[i] = rune(c)
	}
	return string(text)
}

// rawKind is what a RAW header says of the words that follow it.
type rawKind struct {
	Encoding      string // "EVT2", "EVT21", "EVT3", "EVT4", ...; "" when unknown
	legacy        bool   // EVT21 with its two halves swapped
	width, height int    // px, 0 when unknown
	t0            int64  // offset of all times, µs (an extension: see evt_time.go)
}

// systems maps the system_ID of old recordings, whose header names neither
// size nor format, to both (openeb psee_raw_file_header.cpp).
var systems = map[int64]rawKind{
	0x15: gen3, 0x17: gen3, 0x19: gen3, 0x1C: gen3, 0x1D: gen3, 0x21: gen3, 0x22: gen3, 0x23: gen3, 0x29: gen3,
	0x97: gen3, 0x99: gen3, 0xA1: gen3, 0xA2: gen3,
	0x1A: gen4EVT2, 0x1F: gen4EVT2, 0x27: gen4EVT2,
	0x1E: gen4EVT3, 0x2E: gen4EVT3, 0x30: gen4EVT3, 0x31: gen4EVT3, 0x32: gen4EVT3,
	0x28: {Encoding: "EVT3", width: 640, height: 480},
}

var (
	gen3     = rawKind{Encoding: "EVT2", width: 640, height: 480}
	gen4EVT2 = rawKind{Encoding: "EVT2", width: 1280, height: 720}
	gen4EVT3 = rawKind{Encoding: "EVT3", width: 1280, height: 720}
)

// firstSaphir is the first system_ID whose EVT2.1 words are not in the legacy
// order.
const firstSaphir = 0x37

// rawKindOf reads the header's fields.
func rawKindOf(h format.Header) (rawKind, error) {
	k, system, known := rawKind{}, rawKind{}, false
	id, err := strconv.ParseInt(h.Get("system_ID"), 10, 64)
	if err == nil && fromProphesee(h) {
		known = true
		system = systems[id]
	}
	k.Encoding = map[string]string{"2.0": "EVT2", "2.1": "EVT21", "3.0": "EVT3", "4.0": "EVT4"}[h.Get("evt")]
	if k.Encoding == "" {
		k.Encoding = system.Encoding
	}
	endianness := h.Get("endianness")
	for i, option := range strings.Split(h.Get("format"), ";") {
		key, value, _ := strings.Cut(option, "=")
		switch {
		case i == 0 && key != "":
			k.Encoding = strings.ReplaceAll(strings.ToUpper(key), ".", "")
		case key == "width":
			k.width, _ = strconv.Atoi(value)
		case key == "height":
			k.height, _ = strconv.Atoi(value)
		case key == "endianness":
			endianness = value
		}
	}
	k.legacy = endianness == "legacy" || endianness == "" && known && id > 0 && id < firstSaphir
	if k.t0, err = strconv.ParseInt(h.Get("t0"), 10, 64); err != nil {
		k.t0 = 0
	}
	return k, k.geometry(h.Get("geometry"), system)
}

// geometry settles the size from the "geometry WxH" line, which must agree
// with the format line, or else from the system.
func (k *rawKind) geometry(line string, system rawKind) error {
	if line != "" {
		w, h, _ := strings.Cut(line, "x")
		width, werr := strconv.Atoi(w)
		height, herr := strconv.Atoi(h)
		if werr != nil || herr != nil || width <= 0 || height <= 0 {
			return fmt.Errorf("geometry %q is not WIDTHxHEIGHT", line)
		}
		if k.width != 0 && k.width != width || k.height != 0 && k.height != height {
			return fmt.Errorf("geometry %s contradicts format %dx%d", line, k.width, k.height)
		}
		k.width, k.height = width, height
	}
	if k.width == 0 || k.height == 0 {
		k.width, k.height = system.width, system.height
	}
	return nil
}

// fromProphesee reports whether the system_ID is one of Prophesee's own numbers.
func fromProphesee(h format.Header) bool {
	for _, key := range []string{"integrator_name", "camera_integrator_name", "plugin_integrator_name"} {
		if v := h.Get(key); v != "" && v != "Prophesee" {
			return false
		}
	}
	return true
}

// sniffRaw recognises a RAW file of one encoding by its header: by what it says
// of the words, or, where it does not, by the camera.
func sniffRaw(encoding string) func(format.Probe) format.Claim {
	return func(p format.Probe) format.Claim {
		h, rest := SniffHeader(p.Head)
		k, _ := rawKindOf(h)
		switch {
		case k.Encoding != encoding:
			return format.Claim{}
		case NamesEncoding(h):
			return format.Claim{Weight: format.Certain, Why: "a Prophesee header that names " + encoding}
		case h.Get("Version") != "" || h.Get("Data") != "":
			return format.Claim{} // a DAT with a header that was copied
		case len(rest) >= 2 && rest[1] == 8 && (rest[0] == 0 || rest[0] == 0x0C || rest[0] == 0x0E):
			return format.Claim{Weight: format.Likely, Why: "the system_ID of a camera that writes " + encoding}
		}
		return format.Claim{Weight: format.Certain, Why: "the system_ID of a camera that writes " + encoding}
	}
}

// NamesEncoding reports whether a header says how the words behind it are to
// be read.
func NamesEncoding(h format.Header) bool {
	var stated format.Header
	for _, f := range h {
		if f.Key != "system_ID" {
			stated = append(stated, f)
		}
	}
	k, _ := rawKindOf(stated)
	return k.Encoding != ""
}

// HintsAtEncoding reports whether a header names a camera whose encoding is
// known.
func HintsAtEncoding(h format.Header) bool {
	k, _ := rawKindOf(h)
	return k.Encoding != ""
}

// SniffHeader returns the header lines at the front of head, and what follows.
func SniffHeader(head []byte) (h format.Header, rest []byte) {
	in := format.InputOf(head)
	h, err := ReadHeader(in)
	if err != nil {
		return nil, nil
	}
	return h, head[in.Offset():]
}

// openRaw reads a RAW header and fills the stream's info.
func openRaw(s *format.Stream) (rawKind, error) {
	h, err := ReadHeader(s.In)
	if err != nil {
		return rawKind{}, err
	}
	s.Info.Header = h
	k, err := rawKindOf(h)
	if err != nil && (s.Info.Width == 0 || s.Info.Height == 0) {
		return k, fmt.Errorf("%w; width and height can be given instead", err)
	}
	s.Size(k.width, k.height)
	return k, nil
}

// AppendFields writes the info's own header fields, without those that say how
// a RAW or DAT file is to be read.
func AppendFields(dst []byte, h format.Header) []byte {
	for _, f := range h {
		switch f.Key {
		case "", "end", "evt", "format", "geometry", "endianness", "t0", "Data", "Version", "Width", "Height", "T0":
			continue
		}
		dst = AppendHeaderLine(dst, f.Key, f.Value)
	}
	return dst
}

// appendRawHeader writes the header of a RAW file: the info's own fields, then
// the ones that say how to read it.
func appendRawHeader(dst []byte, info format.Info, evt, format string, t0 int64) []byte {
	dst = AppendFields(dst, info.Header)
	if t0 != 0 {
		dst = AppendHeaderLine(dst, "t0", strconv.FormatInt(t0, 10))
	}
	dst = AppendHeaderLine(dst, "evt", evt)
	if info.Width > 0 && info.Height > 0 {
		dst = AppendHeaderLine(dst, "format", fmt.Sprintf("%s;height=%d;width=%d", format, info.Height, info.Width))
		dst = AppendHeaderLine(dst, "geometry", fmt.Sprintf("%dx%d", info.Width, info.Height))
	} else {
		dst = AppendHeaderLine(dst, "format", format)
	}
	return append(dst, "% end\n"...)
}

// AppendHeaderLine writes one field; what would break the line is replaced.
func AppendHeaderLine(dst []byte, key, value string) []byte {
	clean := strings.NewReplacer("\n", " ", "\r", " ")
	dst = append(dst, "% "...)
	dst = append(dst, strings.ReplaceAll(clean.Replace(key), " ", "_")...)
	if value != "" {
		dst = append(dst, ' ')
		dst = append(dst, clean.Replace(value)...)
	}
	return append(dst, '\n')
}
