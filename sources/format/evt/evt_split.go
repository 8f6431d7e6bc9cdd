package evt

import (
	"encoding/binary"

	"ganglion/sources/format"
)

// splitSearch is how far before the end of a piece a cut is looked for, bytes.
const splitSearch = 8 << 10

// The decoders of EVT2 and EVT3 as a [splitter]. A snapshot of EVT2 is that of
// highTime, one of EVT3 is described by its methods in resumable.go.

func (d *evt2Decoder) Clone(s *format.Stream) format.Splitter {
	c := *d
	c.s, c.imu, c.keep = s, nil, true
	return &c
}

func (d *evt2Decoder) Split(src []byte) int {
	for n := len(src)&^3 - 4; n > max(0, len(src)-splitSearch); n -= 4 {
		if src[n+3]>>4 != evt2Continued {
			return n
		}
	}
	return 0
}

func (d *evt2Decoder) Guess(before format.Snapshot, src []byte) format.Snapshot {
	for n := len(src) - 4; n >= 0; n -= 4 {
		if src[n+3]>>4 == evt2High {
			h := d.time
			h.resume(before)
			h.set(binary.LittleEndian.Uint32(src[n:]))
			return h.snapshot()
		}
	}
	return before
}

func (d *evt2Decoder) Shift(_, _ format.Snapshot) (int64, bool) { return 0, false }

func (d *evt3Decoder) Clone(s *format.Stream) format.Splitter {
	c := *d
	c.s = s
	return &c
}

func (d *evt3Decoder) Split(src []byte) int {
	for n := len(src)&^1 - 2; n > max(0, len(src)-splitSearch); n -= 2 {
		switch src[n+1] >> 4 {
		case evt3Vect12, evt3Vect8, evt3Continued12, evt3Continued4:
		default:
			return n
		}
	}
	return 0
}

// Guess looks back from the end of src for the last word of each type that is
// kept as state.
func (d *evt3Decoder) Guess(before format.Snapshot, src []byte) format.Snapshot {
	g := *d
	g.Resume(before)
	g.lookBackForTime(src)
	g.lookBackForPlace(src[max(0, len(src)-splitSearch):])
	return g.Snapshot()
}

// lookBackForTime takes the last TIME_HIGH and, if it counts, the last
// TIME_LOW.
func (d *evt3Decoder) lookBackForTime(src []byte) {
	high, low := lastWord(src, evt3High), lastWord(src, evt3Low)
	part := uint16((d.time.t - d.time.loop) & evt3Payload)
	if low >= 0 {
		part = binary.LittleEndian.Uint16(src[low:]) & evt3Payload
	}
	if high >= 0 {
		word := int(binary.LittleEndian.Uint16(src[high:]) & evt3Payload)
		if high > low {
			was := d.time.high // TIME_HIGH when the last TIME_LOW came
			if before := lastWord(src[:max(low, 0)], evt3High); before >= 0 {
				was = int(binary.LittleEndian.Uint16(src[before:]) & evt3Payload)
			}
			if word != was || !d.time.known && low < 0 {
				part = 0
			}
		}
		if d.time.known && d.time.high-word >= evt3WrapFall {
			d.time.loop += evt3Wrap
		}
		d.time.high, d.time.known = word, true
	}
	if d.time.known {
		d.time.setLow(part)
	}
}

// lookBackForPlace takes the last row and the last vector base.
func (d *evt3Decoder) lookBackForPlace(src []byte) {
	row, em, base := lastWord(src, evt3Y), lastWord(src, evt3EMY), lastWord(src, evt3Base)
	if row >= 0 {
		d.y, d.hasY, d.isEM = binary.LittleEndian.Uint16(src[row:])&evt3Address, true, false
	}
	if em > row {
		d.hasY, d.isEM = false, true
	}
	if base >= 0 {
		w := binary.LittleEndian.Uint16(src[base:])
		d.base, d.pol, d.hasX = w&evt3Address, uint8(w>>11&1), true
		src = src[base:]
	}
	if lastWord(src, evt3Vect12) < 0 && lastWord(src, evt3Vect8) < 0 {
		return
	}
	for n := 0; n+2 <= len(src); n += 2 { // vectors move the base on
		switch src[n+1] >> 4 {
		case evt3Vect12:
			d.base += 12
		case evt3Vect8:
			d.base += 8
		}
	}
}

// lastWord finds where in src the last word of a type begins, -1 for none. It
// looks at sixteen words at a time.
func lastWord(src []byte, kind uint64) int {
	const each, types, tops, step = 0x0001_0001_0001_0001, 0xF000_F000_F000_F000, 0x8000_8000_8000_8000, 32
	want := kind << 12 * each
	// A type that agrees leaves a zero, which borrows from its top bit.
	zero := func(v uint64) uint64 {
		v = v&types ^ want
		return (v - each) &^ v
	}
	n := len(src) &^ 1
	for ; n >= step; n -= step {
		b := src[n-step : n]
		if (zero(binary.LittleEndian.Uint64(b))|zero(binary.LittleEndian.Uint64(b[8:]))|
			zero(binary.LittleEndian.Uint64(b[16:]))|zero(binary.LittleEndian.Uint64(b[24:])))&tops != 0 {
			break
		}
	}
	for n -= 2; n >= 0; n -= 2 {
		if uint64(src[n+1]>>4) == kind {
			return n
		}
	}
	return -1
}

// Shift allows for wraps of the time that the guess did not know of. Whether a
// step is one can depend on how many there were before, but then the piece has
// damage and is not shifted.
func (d *evt3Decoder) Shift(from, to format.Snapshot) (int64, bool) {
	by := to[1] - from[1]
	from[0] += by
	from[1] += by
	return by, from == to && d.time.known
}

var (
	_ format.Splitter = (*evt2Decoder)(nil)
	_ format.Splitter = (*evt3Decoder)(nil)
)
