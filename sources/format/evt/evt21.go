package evt

import (
	"encoding/binary"
	"math/bits"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// EVT2.1: 64-bit words behind a RAW header. One half is a word as in EVT2
// (evt2.go), the other goes with it (openeb evt21_event_types.h,
// evt21_decoder.h).
//
//	CD         bit i of the other half is an event at x+i
//	HIGH       the other half is unused
//	TRIGGER    the other half is unused
//	OTHER      the other half is the payload: 32 bits, or 28 below a nibble F
//	CONTINUED  undocumented, ignored
//
// Words are little-endian with the EVT2 half in bits 63..32 (endianness little
// in the header), or with the halves in the other order (endianness legacy, as
// in files of old systems, which do not say so).
func EVT21() format.Format {
	return format.Format{
		Name:       "evt21",
		Summary:    "Prophesee RAW, EVT 2.1, little-endian and legacy",
		Extensions: []string{".raw"},
		Sniff:      sniffRaw("EVT21"),
		Open:       openEVT21,
		Create:     createEVT21,
	}
}

func openEVT21(s *format.Stream) (format.Decoder, error) {
	k, err := openRaw(s)
	d := &evt21Decoder{
		s:      s,
		time:   newHighTime(k.t0, evtWrap-1<<lowBits-evt2WrapSlack),
		width:  format.Limit(s.Info.Width),
		height: format.Limit(s.Info.Height),
	}
	if k.legacy {
		d.turn = 32
	}
	return d, err
}

type evt21Decoder struct {
	s    *format.Stream
	time highTime
	turn int // by how many bits a word is rotated to have its EVT2 half on top

	width, height uint32 // first address outside
}

func (d *evt21Decoder) Decode(b *format.Block, src []byte, at int64, _ bool) (int, error) {
	i := 0
	for i+8 <= len(src) && !b.Full() {
		if d.time.known {
			n := len(b.Events)
			words, k := evt21Run(b.Events[n:cap(b.Events)], src[i:], d.turn, d.time.base, d.width, d.height)
			b.Events = b.Events[:n+k]
			i += 8 * words
		}
		if i+8 > len(src) || b.Full() {
			break
		}
		d.word(b, bits.RotateLeft64(binary.LittleEndian.Uint64(src[i:]), d.turn), at+int64(i))
		i += 8
	}
	return i, nil
}

// evt21Run decodes the CD words at the front of src as far as out has room for
// a whole one, and returns the number of words and events. It stops at any
// other word, and before an event outside the sensor. It calls nothing, so
// that all it needs stays in registers.
func evt21Run(out []pipeline.Event, src []byte, turn int, base int64, width, height uint32) (words, k int) {
	i := 0
	for ; i+8 <= len(src) && k+32 <= len(out); i += 8 {
		u := bits.RotateLeft64(binary.LittleEndian.Uint64(src[i:i+8]), turn)
		w, mask := uint32(u>>32), uint32(u)
		x, y := w>>11&evtAddress, w&evtAddress
		if w>>29 != 0 || x+uint32(bits.Len32(mask)) > width || y >= height {
			break
		}
		t, p := base+int64(w>>22&lowMask), uint8(w>>28)
		o, n := out[k:k+32:k+32], 0
		for ; mask != 0; mask &= mask - 1 {
			e := &o[n&31]
			e.T, e.X, e.Y, e.P = t, uint16(x)+uint16(bits.TrailingZeros32(mask)), uint16(y), p
			n++
		}
		k += n
	}
	return i / 8, k
}

// word decodes any word, turned.
func (d *evt21Decoder) word(b *format.Block, u uint64, at int64) {
	w, rest := uint32(u>>32), uint32(u)
	if !d.time.known && w>>28 != evt2High {
		d.s.Damage.Add("before_time_high", at, 0, 1)
		return
	}
	t := d.time.at(w)
	switch w >> 28 {
	case evt2Off, evt2On:
		y := w & evtAddress
		for ; rest != 0; rest &= rest - 1 {
			x := w>>11&evtAddress + uint32(bits.TrailingZeros32(rest))
			if x >= d.width || y >= d.height {
				d.s.Outside(x, y, at, t)
			}
			b.Events = append(b.Events, pipeline.Event{T: t, X: uint16(x), Y: uint16(y), P: uint8(w >> 28)})
		}
	case evt2High:
		if d.time.set(w) < 0 {
			d.s.Damage.Add("non_monotonic_time_high", at, d.time.base, 1)
		}
	case evt2Trigger:
		b.Add(evtTrigger(w, t))
	case evt2Other:
		s := format.Side{Kind: format.Special, T: t, Code: w & evt2Class, Value: uint64(rest), Bits: 32}
		switch {
		case rest == 0:
			s.Bits = 0
		case rest>>28 == evt2Continued:
			s.Value, s.Bits = uint64(rest&highMask), 28
		}
		b.Add(s)
	case evt2Continued:
	default:
		d.s.Damage.Add("unknown_word", at, t, 1)
	}
}
