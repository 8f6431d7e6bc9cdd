package aedat

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ganglion/sources/format"
)

// The XML text of AEDAT 4 names the streams:
//
//	<dv version="2.0"><node name="outInfo" path="/mainloop/Recorder/outInfo/">
//	  <node name="0" path="/mainloop/Recorder/outInfo/0/">
//	    <attr key="typeIdentifier" type="string">EVTS</attr> ...
//	    <node name="info" path="/mainloop/Recorder/outInfo/0/info/">
//	      <attr key="sizeX" type="int">346</attr> ...
//
// Each attribute becomes a header field, such as "0.sizeX".

// aedat4Depth bounds how deep the text may be nested.
const aedat4Depth = 16

// parseAEDAT4Info returns the attributes of all streams in their order; with an
// error, those before the place where the text breaks off.
func parseAEDAT4Info(text []byte) (format.Header, error) {
	var h format.Header
	var path []string
	key := "" // of the attribute that is open
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		token, err := d.RawToken()
		if token == nil {
			if len(path) > 0 || d.InputOffset() < int64(len(text)) {
				return h, fmt.Errorf("description of the streams: %w", err)
			}
			return h, nil
		}
		switch token := token.(type) {
		case xml.StartElement:
			if path = append(path, xmlAttr(token, "name")); len(path) > aedat4Depth {
				return h, fmt.Errorf("description of the streams is nested deeper than %d", aedat4Depth)
			}
			if token.Name.Local == "attr" && len(path) > 3 && path[1] == "outInfo" {
				key = path[2] + "." + xmlAttr(token, "key")
				h = append(h, format.Field{Key: key})
			}
		case xml.CharData:
			if key != "" {
				h[len(h)-1].Value += string(token)
			}
		case xml.EndElement:
			key = ""
			path = path[:max(len(path)-1, 0)]
		}
	}
}

func xmlAttr(e xml.StartElement, name string) string {
	i := slices.IndexFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == name })
	if i < 0 {
		return ""
	}
	return e.Attr[i].Value
}

// aedat4Streams are the streams that are written, in the order of their
// numbers, with what DV's viewer expects of each.
var aedat4Streams = []struct {
	kind, output, description string
	sized                     bool
}{
	{aedat4Events, "events", "Array of events (polarity ON/OFF).", true},
	{aedat4Frames, "frames", "Standard frame (8-bit image).", true},
	{aedat4IMU, "imu", "Inertial Measurement Unit data samples.", false},
	{aedat4Triggers, "triggers", "External triggers and special signals.", false},
}

// appendAEDAT4Info writes the text for a recording. What the header says of a
// stream of the same type is kept. A stream of which it says nothing has the
// camera's name and the offset of its clock from another one, because DV
// leaves out streams whose source is not the first one's; and it opens nothing
// where a number is none.
func appendAEDAT4Info(dst []byte, info format.Info, codec string) []byte {
	const path = "/mainloop/Recorder/outInfo/"
	line := func(depth int, format string, args ...any) {
		dst = append(dst, strings.Repeat(" ", 4*depth)...)
		dst = fmt.Appendf(dst, format+"\n", args...)
	}
	line(0, `<dv version="2.0">`)
	line(1, `<node name="outInfo" path="%s">`, path)
	source, offset := "ganglion", "0"
	chosen := chosenStream(info)
	for _, f := range slices.Backward(info.Header) {
		switch id, key, _ := strings.Cut(f.Key, "."); {
		case chosen != "" && id != chosen:
		case key == aedat4Camera && f.Value != "":
			source = f.Value
		case key == aedat4Offset && isInteger(f.Value):
			offset = f.Value
		}
	}
	for id, s := range aedat4Streams {
		from := aedat4StreamOf(info, s.kind)
		attr := func(depth int, key, kind, value string) {
			if v := info.Header.Get(from + "." + key); v != "" && from != "" && (kind != "long" || isInteger(v)) {
				value = v
			}
			line(depth, `<attr key="%s" type="%s">%s</attr>`, key, kind, xmlText(value))
		}
		line(2, `<node name="%d" path="%s%d/">`, id, path, id)
		line(3, `<attr key="compression" type="string">%s</attr>`, codec)
		attr(3, "originalModuleName", "string", "capture")
		attr(3, "originalOutputName", "string", s.output)
		attr(3, "typeDescription", "string", s.description)
		line(3, `<attr key="%s" type="string">%s</attr>`, aedat4Type, s.kind)
		line(3, `<node name="info" path="%s%d/info/">`, path, id)
		if s.sized {
			line(4, `<attr key="%s" type="int">%d</attr>`, aedat4SizeX, info.Width)
			line(4, `<attr key="%s" type="int">%d</attr>`, aedat4SizeY, info.Height)
		}
		attr(4, aedat4Camera, "string", source)
		attr(4, aedat4Offset, "long", offset)
		line(3, `</node>`)
		line(2, `</node>`)
	}
	line(1, `</node>`)
	line(0, `</dv>`)
	return dst
}

// chosenStream is the number of the stream whose events were read, of a recording
// of AEDAT 4 with several; or "".
func chosenStream(info format.Info) string {
	for _, s := range info.Streams {
		if s.Read && info.Header.Get(s.Name+"."+aedat4Type) != "" {
			return s.Name
		}
	}
	return ""
}

// aedat4StreamOf is the number of the stream of a type that the header describes:
// the one that was read, or the first of the same camera, or the first; else "".
func aedat4StreamOf(info format.Info, kind string) (found string) {
	h, chosen := info.Header, chosenStream(info)
	for _, f := range h {
		id, key, _ := strings.Cut(f.Key, ".")
		switch {
		case key != aedat4Type || f.Value != kind:
		case id == chosen:
			return id
		case found == "" && (chosen == "" || kind != aedat4Events):
			found = id
		case chosen != "" && h.Get(id+"."+aedat4Camera) == h.Get(chosen+"."+aedat4Camera) &&
			h.Get(found+"."+aedat4Camera) != h.Get(chosen+"."+aedat4Camera):
			found = id
		}
	}
	return found
}

// isInteger reports whether s is a number of 64 bits.
func isInteger(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

func xmlText(s string) string {
	var b bytes.Buffer
	// Writing to memory gives no error.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
