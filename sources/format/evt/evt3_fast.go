package evt

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"ganglion/internal/asm"
	"ganglion/pipeline"
	"ganglion/sources/format"
)

// Real recordings mix word types without pattern, so a branch on the type is
// mispredicted for every other row and costs more than the decoding. run
// therefore treats the four common types alike: a table says for each type
// which bits it changes, the next event is written in any case, and counts
// only if the word was an ADDR_X. BenchmarkDecodeReal/evt3/dense.raw: 170
// against 110 million events/s with a switch. Whatever is rare, broken or out
// of range is left to the plain decoder in evt3.go, which also is what tests
// compare this one with.

// The vector kernels write events as they lie in memory.
var _ = [1]struct{}{}[unsafe.Sizeof(pipeline.Event{})-16|unsafe.Offsetof(pipeline.Event{}.X)-8|unsafe.Offsetof(pipeline.Event{}.P)-12]

// evt3Effect is what a word of one type does.
type evt3Effect struct {
	row   uint32 // bits of the word that replace the row
	low   uint32 // bits of the word that replace the low part of the time
	event uint32 // 1 when the word is an event
	limit uint32 // the word's address must be below
	same  uint32 // bits in which the word must equal the last TIME_HIGH
}

// evt3Effects is the table for a sensor size. Types that run does not know
// have a limit that no address is below.
func evt3Effects(width, height int) (e [16]evt3Effect) {
	const any = evt3Address + 1
	e[evt3Y] = evt3Effect{row: evt3Address, limit: min(format.Limit(height), any)}
	e[evt3X] = evt3Effect{event: 1, limit: min(format.Limit(width), any)}
	e[evt3Low] = evt3Effect{low: evt3Payload, limit: any}
	e[evt3High] = evt3Effect{same: evt3Payload, limit: any}
	return e
}

// run decodes the front of src up to the first word that is not plain sailing,
// or until b is full, and returns how many bytes it used.
func (d *evt3Decoder) run(b *format.Block, src []byte) (used int) {
	for d.time.known && d.hasY && uint32(d.y) < format.Limit(d.s.Info.Height) {
		n := len(b.Events)
		out := b.Events[n:cap(b.Events)]
		state := evt3State{t: uint64(d.time.t), y: uint32(d.y)}
		words, events := d.mixed(out, src[used:], &state)
		d.time.t, d.y = int64(state.t), uint16(state.y)
		used += 2 * words
		if len(src)-used >= 2 && src[used+1]>>4 == evt3Base && len(out)-events >= 32 {
			bytes, more := d.sweep(out[events:], src[used:])
			used += bytes
			b.Events = b.Events[:n+events+more]
			continue
		}
		b.Events = b.Events[:n+events]
		break
	}
	return used
}

// mixed decodes the common words at the front of src as far as out has room, and
// returns how many words it used and events it wrote. It takes turns: pairs as
// long as there are some, then a stretch word by word, the longer the fewer
// pairs there were.
func (d *evt3Decoder) mixed(out []pipeline.Event, src []byte, s *evt3State) (words, events int) {
	high := uint32(d.time.high)
	for {
		w, e := evt3Pairs(out[events:], src[2*words:], d.pairs, s, high)
		words, events = words+w, events+e
		if d.stretch *= 2; e >= evt3Worth {
			d.stretch = 0
		}
		d.stretch = min(max(d.stretch, evt3Least), evt3Most)
		part := src[2*words:]
		if len(part) > 2*d.stretch {
			part = part[:2*d.stretch]
		}
		w, e = evt3Run(out[events:], part, &d.effects, s, high)
		words, events = words+w, events+e
		if w < d.stretch {
			return words, events
		}
	}
}

const (
	evt3Worth = 16   // pairs in a row, or nearly, for which looking for them pays
	evt3Rare  = 16   // pairs for each ADDR_X of its own
	evt3Least = 4    // words of a stretch
	evt3Most  = 1024 // of one where pairs are rare
)

// evt3Pairs decodes pairs of ADDR_Y and ADDR_X, as a camera writes events that
// share no row with their neighbours, and the times between them: in vectors as
// far as they go, then one by one up to a word of another kind. A further ADDR_X
// of a row is taken too, as long as that is rare.
func evt3Pairs(out []pipeline.Event, src []byte, limits uint32, s *evt3State, high uint32) (words, events int) {
	vectors := asm.EVT3Pairs{Column: limits >> 16 & evt3Address, Row: limits & evt3Address}
	lone := 0
	for {
		vectors.T = int64(s.t)
		w, e := asm.DecodeEVT3(&vectors, out[events:], src[2*words:])
		words, events = words+w, events+e
		if s.t = uint64(vectors.T); e > 0 {
			s.y = uint32(out[events-1].Y)
		}
		w, e = evt3PairsOneByOne(out[events:], src[2*words:], limits, s)
		words, events = words+w, events+e
		if 2*words+2 > len(src) || events == len(out) {
			return words, events
		}
		switch w := uint32(binary.LittleEndian.Uint16(src[2*words:])); {
		case w>>12 == evt3X && w&evt3Address <= vectors.Column && lone <= events/evt3Rare:
			out[events] = pipeline.Event{T: int64(s.t), X: uint16(w & evt3Address), Y: uint16(s.y), P: uint8(w>>11) & 1}
			events++
			lone++
		case w != evt3High<<12|high:
			return words, events
		}
		words++
	}
}

// evt3PairsOneByOne decodes pairs, and times between them. One load and one
// comparison serve a pair: both types must be right and both addresses within the
// sensor, which limits says as evt3Limits does.
func evt3PairsOneByOne(out []pipeline.Event, src []byte, limits uint32, s *evt3State) (words, events int) {
	const types, pair, addresses, tops = 0xF000_F000, evt3X << 28, evt3Address<<16 | evt3Address, 0x8000_8000
	t, y, i, k := s.t, s.y, 0, 0
	for i+4 <= len(src) && k < len(out) {
		w := binary.LittleEndian.Uint32(src[i : i+4])
		if (w^pair)&types|^(limits-w&addresses)&tops == 0 {
			y = w & evt3Address
			out[k] = pipeline.Event{T: int64(t), X: uint16(w >> 16 & evt3Address), Y: uint16(y), P: uint8(w >> 27 & 1)}
			k++
			i += 4
			continue
		}
		if w>>12&0xF != evt3Low {
			break
		}
		t = t&^evt3Payload | uint64(w&evt3Payload)
		i += 2
	}
	s.t, s.y = t, y
	return i / 2, k
}

// evt3Limits are the last row and column of the sensor, each below a bit that
// remains when an address that is not beyond is taken off.
func evt3Limits(width, height int) uint32 {
	const most, top = evt3Address + 1, 1 << 15
	return (top|min(format.Limit(width), most)-1)<<16 | top | min(format.Limit(height), most) - 1
}

// evt3State is what the words of evt3Run change.
type evt3State struct {
	t uint64
	y uint32
}

// evt3Run decodes the common words at the front of src as far as out has room,
// and returns how many words it used and events it wrote. It calls nothing, so
// that all it needs stays in registers.
func evt3Run(out []pipeline.Event, src []byte, effects *[16]evt3Effect, s *evt3State, high uint32) (words, events int) {
	t, y, i, k := s.t, s.y, 0, 0
	for ; i+2 <= len(src) && k < len(out); i += 2 {
		w := uint32(binary.LittleEndian.Uint16(src[i : i+2]))
		e := &effects[w>>12&0xF]
		if w&evt3Address >= e.limit || (w^high)&e.same != 0 {
			break
		}
		y = y&^e.row | w&e.row
		t = t&^uint64(e.low) | uint64(w&e.low)
		ev := &out[k]
		ev.T, ev.X, ev.Y, ev.P = int64(t), uint16(w&evt3Address), uint16(y), uint8(w>>11&1)
		k += int(e.event)
	}
	s.t, s.y = t, y
	return i / 2, k
}

// sweep decodes a VECT_BASE_X and the whole groups of vectors behind it, and
// returns the bytes used and the events written. It stops before a group that
// might not fit into out, is not whole, or reaches beyond the sensor.
func (d *evt3Decoder) sweep(out []pipeline.Event, src []byte) (used, events int) {
	t, y := d.time.t, d.y
	w := binary.LittleEndian.Uint16(src)
	base, pol := w&evt3Address, uint8(w>>11&1)
	width := format.Limit(d.s.Info.Width)
	i, k := 2, 0
	for i+6 <= len(src) && k+32 <= len(out) && uint32(base)+32 <= width {
		g := src[i : i+6 : i+6]
		if g[1]>>4 != evt3Vect12 || g[3]>>4 != evt3Vect12 || g[5]>>4 != evt3Vect8 {
			break
		}
		m := uint32(binary.LittleEndian.Uint16(g))&evt3Payload |
			uint32(binary.LittleEndian.Uint16(g[2:]))&evt3Payload<<12 | uint32(g[4])<<24
		o := out[k : k+32 : k+32]
		n := 0
		for ; m != 0; m &= m - 1 {
			o[n&31] = pipeline.Event{T: t, X: base + uint16(bits.TrailingZeros32(m)), Y: y, P: pol}
			n++
		}
		k += n
		base += 32
		i += 6
	}
	d.base, d.pol, d.hasX = base, pol, true
	return i, k
}
