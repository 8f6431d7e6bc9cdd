package aedat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"ganglion/internal/compression"
	"ganglion/internal/flatbuf"
	"ganglion/sources/format"
)

// AEDAT 4 (iniVation DV); all numbers little-endian.
//
//	"#!AER-DAT4.0\r\n", length u32, IOHeader (FlatBuffers)
//	packets: stream i32, length i32, content
//	the file table, from IOHeader's position to the end; a recorder that was
//	killed leaves the position at -1 and no table
//
// IOHeader has the compression i32 (0 none, 1 and 2 LZ4, 3 and 4 Zstandard),
// the position of the table i64 and an XML text that describes the streams.
// Each content, and the table, is a frame of its own and holds a FlatBuffer
// with its length u32 before it. Its four-letter type:
//
//	EVTS  vector of {t i64, x i16, y i16, on u8, 3 bytes of padding}
//	FRME  t, start and end of the frame, start and end of the exposure i64,
//	      format i8 (as OpenCV), width, height, x, y i16, pixels
//	IMUS  vector of tables {t i64, temperature f32 in °C, acceleration x, y, z
//	      in g, rotation in deg/s, magnetic field in µT, all f32}
//	TRIG  vector of tables {t i64, source i8}
//
// Times are Unix time, µs. Rising and falling edges at the input (sources 1
// and 2) are triggers of channel 0; the other sources are triggers whose Code
// is aedat4Source plus the source. Contents of other types are side data: the
// code is the type as u32, the payload the FlatBuffer. Of several streams of
// events one is read: the one that is asked for, or the one with most events near
// the beginning (a filtered copy is a part of what it was made of), of equals
// the one that comes first.
func AEDAT4() format.Format {
	return format.Format{
		Name:       "aedat4",
		Summary:    "iniVation DV AEDAT 4",
		Extensions: []string{".aedat4", ".aedat"},
		Sniff:      sniffAEDAT("4"),
		Open:       openAEDAT4,
		Create:     createAEDAT4,
	}
}

const (
	aedat4Magic  = "#!AER-DAT4.0\r\n"
	aedat4Head   = 8        // stream and length of a packet
	aedat4Least  = 12       // length, root offset and type of a content
	aedat4Packet = 64 << 20 // longest packet that is believed
	aedat4Record = 16       // an event

	// aedat4MaxHeader bounds IOHeader, which is parsed as XML.
	aedat4MaxHeader = 256 << 10

	// A content is believed to hold 4 times the packet's length and this much.
	aedat4Slack = 8 << 20
)

// caerGyro are the factors of [format.Info] for degrees/s as libcaer gives them, about
// axes to the left, down and towards the lens. iniVation's description of the formats
// names others (right, up, away); these are what the frames of a DAVIS346 tell, against
// which a test of package recording holds them.
var caerGyro = [3]float32{-math.Pi / 180, math.Pi / 180, -math.Pi / 180}

// Types of AEDAT 4 contents.
const (
	aedat4Events   = "EVTS"
	aedat4Frames   = "FRME"
	aedat4IMU      = "IMUS"
	aedat4Triggers = "TRIG"
	aedat4Table    = "FTAB"
	aedat4Header   = "IOHE"
)

// Sources of AEDAT 4 triggers.
const (
	aedat4Rising  = 1
	aedat4Falling = 2
	aedat4Source  = 1 << 8 // of all others, in a trigger's Code
)

// aedat4Codecs are the compressions of IOHeader by their number.
var aedat4Codecs = []struct {
	name  string
	codec compression.Codec
}{
	{"NONE", compression.None},
	{"LZ4", compression.LZ4},
	{"LZ4_HIGH", compression.LZ4},
	{"ZSTD", compression.Zstd},
	{"ZSTD_HIGH", compression.Zstd},
}

// Keys of header fields. Those of a stream have its number before them, as in
// "0.sizeX".
const (
	aedat4Compression = "compression"
	aedat4Type        = "typeIdentifier"
	aedat4SizeX       = "sizeX"
	aedat4SizeY       = "sizeY"
	aedat4Camera      = "source"
	aedat4Offset      = "tsOffset"
)

func openAEDAT4(s *format.Stream) (format.Decoder, error) {
	fixed := len(aedat4Magic) + 4
	src, _, err := s.In.Window(fixed)
	if err != nil {
		return nil, err
	}
	if len(src) < fixed || !bytes.HasPrefix(src, []byte(aedat4Magic)) {
		return nil, fmt.Errorf("does not begin with %q and a length", aedat4Magic)
	}
	n := int(binary.LittleEndian.Uint32(src[fixed-4:]))
	if n > aedat4MaxHeader {
		return nil, fmt.Errorf("claims %d bytes", n)
	}
	if src, _, err = s.In.Window(fixed + n); err != nil {
		return nil, err
	}
	if len(src) < fixed+n {
		return nil, fmt.Errorf("ends at byte %d of %d", len(src), fixed+n)
	}
	d := &aedat4Decoder{s: s, camera: -1}
	streams, err := d.header(flatbuf.New(src[fixed : fixed+n]))
	if err != nil {
		return nil, err
	}
	s.In.Advance(fixed + n)
	s.Info.Gyro = caerGyro
	return d, d.chooseCamera(streams)
}

// header reads IOHeader and returns the description of the streams.
func (d *aedat4Decoder) header(f *flatbuf.Buffer) (format.Header, error) {
	root := f.Root()
	codec, text := int(int32(root.U32(0))), root.Bytes(2)
	d.end = -1
	if _, ok := root.Field(1); ok {
		d.end = root.I64(1)
	}
	if id := f.Identifier(); f.Bad() || string(id[:]) != aedat4Header {
		return nil, errors.New("is damaged")
	}
	if codec < 0 || codec >= len(aedat4Codecs) {
		return nil, fmt.Errorf("unknown compression %d", codec)
	}
	d.codec = aedat4Codecs[codec].codec
	streams, err := parseAEDAT4Info(text)
	if err != nil { // the packets say themselves what they hold
		d.s.Damage.Add("bad_description", 0, 0, 1)
	}
	d.s.Info.Header = append(format.Header{{Key: aedat4Compression, Value: aedat4Codecs[codec].name}}, streams...)
	for _, f := range streams {
		id, key, _ := strings.Cut(f.Key, ".")
		if key == aedat4Type && err == nil {
			n, _ := strconv.ParseInt(id, 10, 32)
			d.streams = append(d.streams, int32(n))
		}
	}
	return streams, nil
}
