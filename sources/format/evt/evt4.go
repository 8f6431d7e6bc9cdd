package evt

import (
	"encoding/binary"
	"math/bits"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// EVT4: little-endian 32-bit words behind a RAW header; bits 31..28 are the
// type (openeb evt4_event_types.h, evt4_decoder.h, evt4_validator.h). Time, x
// and y lie as in EVT2.
//
//	OTHER      6 subtype in 15..0, payload in the words of type 7 behind it
//	CONTINUED  7 payload in 27..0
//	TRIGGER    9 id in 12..8, edge in 0
//	CD         A OFF, B ON
//	VECTOR     C OFF, D ON; bit i of the next word is an event at x+i
//	HIGH       E t bits 33..6 in 27..0
//	PADDING    F
func EVT4() format.Format {
	return format.Format{
		Name:       "evt4",
		Summary:    "Prophesee RAW, EVT 4.0",
		Extensions: []string{".raw"},
		Sniff:      sniffRaw("EVT4"),
		Open: func(s *format.Stream) (format.Decoder, error) {
			k, err := openRaw(s)
			return &evt4Decoder{
				s:      s,
				time:   newHighTime(k.t0, evtWrap/2),
				width:  format.Limit(s.Info.Width),
				height: format.Limit(s.Info.Height),
			}, err
		},
	}
}

// Types of EVT4 words.
const (
	evt4Other     = 0x6
	evt4Continued = 0x7
	evt4Trigger   = 0x9
	evt4Off       = 0xA
	evt4On        = 0xB
	evt4VectorOff = 0xC
	evt4VectorOn  = 0xD
	evt4High      = 0xE
	evt4Padding   = 0xF
)

// evt4Jump is from which step on a TIME_HIGH counts as non-continuous, µs.
const evt4Jump = 1000

type evt4Decoder struct {
	s    *format.Stream
	time highTime

	width, height uint32 // first address outside
}

func (d *evt4Decoder) Decode(b *format.Block, src []byte, at int64, last bool) (int, error) {
	i := 0
	for i+4 <= len(src) && !b.Full() {
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
func (d *evt4Decoder) word(b *format.Block, src []byte, at int64, last bool) int {
	w := binary.LittleEndian.Uint32(src)
	kind := w >> 28
	if kind == evt4High {
		d.high(w, at)
		return 4
	}
	vector := kind == evt4VectorOff || kind == evt4VectorOn
	if vector && len(src) < 8 {
		return 0
	}
	if !d.time.known && kind != evt4Padding {
		d.s.Damage.Add("before_time_high", at, 0, 1)
		if vector {
			return 8
		}
		return 4
	}
	t := d.time.at(w)
	switch kind {
	case evt4Off, evt4On:
		d.events(b, w, 1, t, at)
	case evt4VectorOff, evt4VectorOn:
		d.events(b, w, binary.LittleEndian.Uint32(src[4:]), t, at)
		return 8
	case evt4Trigger:
		b.Add(evtTrigger(w, t))
	case evt4Other:
		return evtSpecial(b, src, t, evt4Continued, last)
	case evt4Continued:
		d.s.Damage.Add("stray_continued", at, d.time.base, 1)
	case evt4Padding:
	default:
		d.s.Damage.Add("unknown_word", at, d.time.base, 1)
	}
	return 4
}

func (d *evt4Decoder) high(w uint32, at int64) {
	switch delta := d.time.set(w); {
	case delta < 0:
		d.s.Damage.Add("non_monotonic_time_high", at, d.time.base, 1)
	case delta >= evt4Jump:
		d.s.Damage.Add("non_continuous_time_high", at, d.time.base, 1)
	}
}

// events emits an event for each bit of the mask.
func (d *evt4Decoder) events(b *format.Block, w, mask uint32, t, at int64) {
	y, p := w&evtAddress, uint8(w>>28&1)
	for ; mask != 0; mask &= mask - 1 {
		x := w>>11&evtAddress + uint32(bits.TrailingZeros32(mask))
		if x >= d.width || y >= d.height {
			d.s.Outside(x, y, at, t)
		}
		b.Events = append(b.Events, pipeline.Event{T: t, X: uint16(x), Y: uint16(y), P: p})
	}
}
