package evt

import (
	"encoding/binary"
	"math/bits"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// EVT3: little-endian 16-bit words behind a RAW header; bits 15..12 are the
// type (openeb evt3_event_types.h, evt3_decoder.h). Row, vector base, polarity
// and time are state that lasts until a word changes it.
//
//	ADDR_Y       0 row in 10..0
//	EM_Y         1 row of a grey-level event: events are ignored until the next ADDR_Y
//	ADDR_X       2 polarity in 11, column in 10..0: one event
//	VECT_BASE_X  3 polarity in 11, column in 10..0: no event
//	VECT_12      4 bit i is an event at base+i; then the base moves by 12
//	VECT_8       5 the same with 8 bits
//	TIME_LOW     6 time bits 11..0, µs
//	CONTINUED_4  7 the last 4 bits of a payload
//	TIME_HIGH    8 time bits 23..12; a new value sets the low bits to 0
//	TRIGGER      A channel in 11..8, edge in 0
//	OTHERS       E subtype in 11..0, payload in CONTINUED words behind it
//	CONTINUED_12 F the next 12 bits of a payload
//
// After 2^24 µs (16.8 s) the time starts over. Cameras write vectors as groups
// of VECT_12, VECT_12, VECT_8 for 32 columns; single vector words are decoded
// too, and counted as partial.
func EVT3() format.Format {
	return format.Format{
		Name:       "evt3",
		Summary:    "Prophesee RAW, EVT 3.0",
		Extensions: []string{".raw"},
		Sniff:      sniffRaw("EVT3"),
		Open: func(s *format.Stream) (format.Decoder, error) {
			k, err := openRaw(s)
			width, height := s.Info.Width, s.Info.Height
			return &evt3Decoder{s: s, time: newEVT3Time(k.t0), effects: evt3Effects(width, height), pairs: evt3Limits(width, height)}, err
		},
		Create: func(s *format.Sink) (format.Encoder, error) { return &evt3Encoder{s: s}, nil },
	}
}

// Types of EVT3 words.
const (
	evt3Y           = 0x0
	evt3EMY         = 0x1
	evt3X           = 0x2
	evt3Base        = 0x3
	evt3Vect12      = 0x4
	evt3Vect8       = 0x5
	evt3Low         = 0x6
	evt3Continued4  = 0x7
	evt3High        = 0x8
	evt3Trigger     = 0xA
	evt3Others      = 0xE
	evt3Continued12 = 0xF
)

const (
	evt3Polarity = 1 << 11 // in ADDR_X and VECT_BASE_X
	evt3Address  = 1<<11 - 1
	evt3Payload  = 1<<12 - 1
)

type evt3Decoder struct {
	s    *format.Stream
	time evt3Time
	y    uint16
	base uint16 // next column of a vector
	pol  uint8  // of vectors
	hasY bool   // a row is known and holds CD events
	isEM bool   // the row holds grey-level events
	hasX bool   // a vector base is known

	effects [16]evt3Effect
	pairs   uint32 // addresses of evt3Pairs
	stretch int    // words that mixed decodes one by one, the last time
}

func (d *evt3Decoder) Decode(b *format.Block, src []byte, at int64, last bool) (int, error) {
	i := 0
	for i+2 <= len(src) && !b.Full() {
		i += d.run(b, src[i:])
		if i+2 > len(src) || b.Full() {
			break
		}
		n := d.word(b, src[i:], at+int64(i), last)
		if n == 0 {
			break
		}
		i += n
	}
	return i, nil
}

// word decodes the word or group of words at the front of src and returns its
// length in bytes; 0 when src ends within the group.
func (d *evt3Decoder) word(b *format.Block, src []byte, at int64, last bool) int {
	w := binary.LittleEndian.Uint16(src)
	switch w >> 12 {
	case evt3Y:
		d.y, d.hasY, d.isEM = w&evt3Address, true, false
	case evt3EMY:
		d.hasY, d.isEM = false, true
	case evt3X:
		d.event(b, w&evt3Address, uint8(w>>11&1), at)
	case evt3Base:
		d.base, d.pol, d.hasX = w&evt3Address, uint8(w>>11&1), true
	case evt3Vect12:
		return d.vectors(b, src, at, last)
	case evt3Vect8:
		d.s.Damage.Add("partial_vect_12_12_8", at, d.time.t, 1)
		d.vector(b, uint32(w&0xFF), 8, at)
	case evt3Low:
		d.time.setLow(w & evt3Payload)
	case evt3High:
		d.time.setHigh(&d.s.Damage, w&evt3Payload, at)
	case evt3Trigger:
		if d.timed(at) {
			b.Add(format.Side{Kind: format.Trigger, T: d.time.t, Code: uint32(w >> 8 & 0xF), Value: uint64(w & 1)})
		}
	case evt3Others:
		return d.special(b, src, at, last)
	case evt3Continued4, evt3Continued12:
		d.s.Damage.Add("partial_continued_12_12_4", at, d.time.t, 1)
	}
	return 2 // types 9, B, C and D are reserved or undocumented: ignored
}

// timed reports whether the time is known yet; what comes before is counted.
func (d *evt3Decoder) timed(at int64) bool {
	if !d.time.known {
		d.s.Damage.Add("before_time_high", at, 0, 1)
	}
	return d.time.known
}

// placed reports whether an event may be emitted: time and row must be known.
func (d *evt3Decoder) placed(at int64) bool {
	if d.isEM || !d.timed(at) {
		return false
	}
	if !d.hasY {
		d.s.Damage.Add("missing_y_addr", at, d.time.t, 1)
	}
	return d.hasY
}

func (d *evt3Decoder) event(b *format.Block, x uint16, p uint8, at int64) {
	if !d.placed(at) {
		return
	}
	if uint32(x) >= format.Limit(d.s.Info.Width) || uint32(d.y) >= format.Limit(d.s.Info.Height) {
		d.s.Outside(uint32(x), uint32(d.y), at, d.time.t)
	}
	b.Events = append(b.Events, pipeline.Event{T: d.time.t, X: x, Y: d.y, P: p})
}

// vectors decodes a group of VECT_12, VECT_12, VECT_8, or the VECT_12 alone.
func (d *evt3Decoder) vectors(b *format.Block, src []byte, at int64, last bool) int {
	if len(src) < 6 && !last {
		return 0
	}
	mask := uint32(binary.LittleEndian.Uint16(src) & evt3Payload)
	if len(src) < 6 || src[3]>>4 != evt3Vect12 || src[5]>>4 != evt3Vect8 {
		d.s.Damage.Add("partial_vect_12_12_8", at, d.time.t, 1)
		d.vector(b, mask, 12, at)
		return 2
	}
	mask |= uint32(binary.LittleEndian.Uint16(src[2:])&evt3Payload) << 12
	mask |= uint32(src[4]) << 24
	d.vector(b, mask, 32, at)
	return 6
}

// vector emits an event for each bit of the mask and moves the base on.
func (d *evt3Decoder) vector(b *format.Block, mask uint32, width uint16, at int64) {
	if !d.hasX || uint32(d.base)+uint32(width) > format.Limit(d.s.Info.Width) {
		d.s.Damage.Add("invalid_vect_base", at, d.time.t, 1)
	}
	if d.hasX && mask != 0 && d.placed(at) {
		for m := mask; m != 0; m &= m - 1 {
			d.event(b, d.base+uint16(bits.TrailingZeros32(m)), d.pol, at)
		}
	}
	d.base += width
}

// special decodes an OTHERS word and the CONTINUED words behind it: up to two
// of 12 bits, then one of 4.
func (d *evt3Decoder) special(b *format.Block, src []byte, at int64, last bool) int {
	s := format.Side{Kind: format.Special, T: d.time.t, Code: uint32(binary.LittleEndian.Uint16(src) & evt3Payload)}
	n := 2
	for s.Bits < 28 {
		if len(src) < n+2 {
			if !last {
				return 0
			}
			break
		}
		w := binary.LittleEndian.Uint16(src[n:])
		if s.Bits < 24 && w>>12 == evt3Continued12 {
			s.Value |= uint64(w&evt3Payload) << s.Bits
			s.Bits += 12
		} else if s.Bits == 24 && w>>12 == evt3Continued4 {
			s.Value |= uint64(w&0xF) << s.Bits
			s.Bits += 4
		} else {
			break
		}
		n += 2
	}
	if s.Bits != 0 && s.Bits != 28 {
		d.s.Damage.Add("partial_continued_12_12_4", at, d.time.t, 1)
	}
	if d.timed(at) {
		b.Add(s)
	}
	return n
}
