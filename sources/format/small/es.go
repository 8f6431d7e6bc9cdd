package small

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// Event Stream version 2 (neuromorphic-paris/event_stream): "Event Stream",
// three version bytes, a type byte, and for all types but generic the width
// and height as u16. Then records whose first byte holds the time since the
// last one, µs; all numbers little-endian. Rows count from the bottom.
//
//	type     step byte                          behind it          byte for a long gap
//	generic  dt                                 length, payload    FF: 254 µs, FE: reset
//	DVS      dt<<1 | on                         x u16, y u16       FF: 127 µs, FE: reset
//	ATIS     dt<<2 | on/second<<1 | crossing    x u16, y u16       FC|n: n*63 µs, FC: reset
//	color    dt                                 x, y u16, r, g, b  FF: 254 µs, FE: reset
//
// The length of a generic payload is a varint: 7 bits in bits 7..1 of each
// byte, low ones first, bit 0 set while more follow.
//
// Events that are not simple changes come as such too, so that a color or
// generic recording can be played: a color event is an OFF event with the
// colour as side data behind it (special esColor: r, g, b from the low byte
// up); a generic event is an OFF event at 0,0 with the payload behind it
// (special esPayload). ATIS threshold crossings are side data only (special
// esCrossing: x in bits 15..0, y in 31..16, bit 32 set for the second).
func ES() format.Format {
	return format.Format{
		Name:       "es",
		Summary:    "Event Stream: DVS, ATIS, color and generic; DVS and generic written",
		Extensions: []string{".es"},
		Sniff:      func(p format.Probe) format.Claim { return format.BeginsWith(p, esMagic) },
		Open:       openES,
		Create:     createES,
	}
}

const esMagic = "Event Stream"

// Types of Event Stream.
const (
	esGeneric = 0
	esDVS     = 1
	esATIS    = 2
	esColored = 4
)

// esTypes names the types in [Info.Header].
var esTypes = map[byte]string{esGeneric: "generic", esDVS: "dvs", esATIS: "atis", esColored: "color"}

// Codes of an Event Stream's special side data.
const (
	esCrossing = 1 // threshold crossing of an ATIS pixel
	esColor    = 2 // colour of the event before it
	esPayload  = 3 // bytes of a generic event
)

const (
	esRecord      = 5 // bytes of one of DVS or ATIS
	esReset       = 0xFE
	esGap         = 0xFF
	esDVSGap      = 127
	esGenericGap  = 254
	esATISGap     = 63
	esATISGapBits = 0xFC

	// esMaxPayload bounds a generic payload; a longer one is taken for damage.
	esMaxPayload = 1 << 20
)

func openES(s *format.Stream) (format.Decoder, error) {
	const fixed = len(esMagic) + 4
	head, _, err := s.In.Window(fixed + 4)
	if err != nil {
		return nil, err
	}
	if len(head) < fixed || !bytes.HasPrefix(head, []byte(esMagic)) {
		return nil, fmt.Errorf("does not begin with %q, version and type", esMagic)
	}
	version, kind := head[len(esMagic):fixed-1], head[fixed-1]
	name, known := esTypes[kind]
	if version[0] != 2 || !known {
		return nil, fmt.Errorf("version %d, type %d cannot be read", version[0], kind)
	}
	s.Info.Header = format.Header{
		{Key: "version", Value: fmt.Sprintf("%d.%d.%d", version[0], version[1], version[2])},
		{Key: "type", Value: name},
	}
	d := &esDecoder{s: s, kind: kind}
	used := fixed
	if kind != esGeneric {
		if len(head) < fixed+4 {
			return nil, fmt.Errorf("ends at byte %d", len(head))
		}
		d.height = binary.LittleEndian.Uint16(head[fixed+2:])
		s.Size(int(binary.LittleEndian.Uint16(head[fixed:])), int(d.height))
		used += 4
	}
	s.In.Advance(used)
	return d, nil
}

type esDecoder struct {
	s      *format.Stream
	kind   byte
	height uint16 // rows of the file, px
	t      int64  // µs
}

func (d *esDecoder) Decode(b *format.Block, src []byte, at int64, _ bool) (int, error) {
	i := 0
	for i < len(src) && !b.Full() {
		if d.kind == esDVS {
			n := len(b.Events)
			k := d.run(b.Events[n:cap(b.Events)], src[i:])
			b.Events = b.Events[:n+k]
			if i += esRecord * k; b.Full() {
				break
			}
		}
		n := d.gap(src[i])
		if n == 0 {
			n = d.record(b, src[i:], at+int64(i))
		}
		if n == 0 {
			break
		}
		i += n
	}
	return i, nil
}

// run decodes the DVS records at the front of src, as many as there is room for,
// up to a byte that only moves the time, or an event outside the sensor.
func (d *esDecoder) run(out []pipeline.Event, src []byte) (k int) {
	width, height, rows := format.Limit(d.s.Info.Width), format.Limit(d.s.Info.Height), uint32(d.height)-1
	t := d.t
	const load = 8 // bytes are read of a record and what follows it
	if most := (len(src) - load) / esRecord; most < len(out) {
		out = out[:max(most, 0)]
	}
	for k = range out {
		w := binary.LittleEndian.Uint64(src[esRecord*k : esRecord*k+load])
		x, y := uint32(w>>8&0xFFFF), (rows-uint32(w>>24))&0xFFFF
		if w&0xFF >= esReset || x >= width || y >= height {
			d.t = t
			return k
		}
		t += int64(w >> 1 & 0x7F)
		out[k] = pipeline.Event{T: t, X: uint16(x), Y: uint16(y), P: uint8(w & 1)}
	}
	d.t = t
	return len(out)
}

// gap takes a byte that only moves the time and returns 1, or 0 for the first
// byte of a record.
func (d *esDecoder) gap(c byte) int {
	switch {
	case d.kind == esATIS:
		if c&esATISGapBits != esATISGapBits {
			return 0
		}
		d.t += esATISGap * int64(c&3)
	case c == esGap && d.kind == esDVS:
		d.t += esDVSGap
	case c == esGap:
		d.t += esGenericGap
	case c != esReset:
		return 0
	}
	return 1
}

// record decodes the record at the front of src and returns its length, 0 when
// src ends within it.
func (d *esDecoder) record(b *format.Block, src []byte, at int64) int {
	switch d.kind {
	case esDVS:
		if len(src) < 5 {
			return 0
		}
		d.t += int64(src[0] >> 1)
		d.event(b, src, src[0]&1, at)
		return 5
	case esATIS:
		if len(src) < 5 {
			return 0
		}
		d.t += int64(src[0] >> 2)
		if src[0]&1 == 0 {
			d.event(b, src, src[0]>>1&1, at)
			return 5
		}
		x, y := d.address(src)
		v := uint64(x) | uint64(y)<<16 | uint64(src[0]>>1&1)<<32
		b.Add(format.Side{Kind: format.Special, T: d.t, Code: esCrossing, Value: v, Bits: 33})
		return 5
	case esColored:
		if len(src) < 8 {
			return 0
		}
		d.t += int64(src[0])
		d.event(b, src, pipeline.Off, at)
		v := uint64(src[5]) | uint64(src[6])<<8 | uint64(src[7])<<16
		b.Add(format.Side{Kind: format.Special, T: d.t, Code: esColor, Value: v, Bits: 24})
		return 8
	}
	return d.payload(b, src, at)
}

// address reads x and y behind the step byte, y from the top.
func (d *esDecoder) address(src []byte) (x, y uint16) {
	return binary.LittleEndian.Uint16(src[1:]), d.height - 1 - binary.LittleEndian.Uint16(src[3:])
}

func (d *esDecoder) event(b *format.Block, src []byte, p uint8, at int64) {
	x, y := d.address(src)
	if uint32(x) >= format.Limit(d.s.Info.Width) || uint32(y) >= format.Limit(d.s.Info.Height) {
		d.s.Outside(uint32(x), uint32(y), at, d.t)
	}
	b.Events = append(b.Events, pipeline.Event{T: d.t, X: x, Y: y, P: p})
}

// payload decodes a generic record.
func (d *esDecoder) payload(b *format.Block, src []byte, at int64) int {
	length, n := 0, 1
	for more := true; more; n++ {
		if n >= len(src) {
			return 0
		}
		length |= int(src[n]>>1) << (7 * (n - 1))
		if more = src[n]&1 != 0; length > esMaxPayload || more && n == 4 {
			d.s.Damage.Add("payload_too_long", at, d.t, 1)
			return n
		}
	}
	if len(src) < n+length {
		return 0
	}
	d.t += int64(src[0])
	b.Events = append(b.Events, pipeline.Event{T: d.t})
	b.Add(format.Side{Kind: format.Special, T: d.t, Code: esPayload, Data: src[n : n+length : n+length]})
	return n + length
}
