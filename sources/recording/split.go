package recording

import "encoding/binary"

// splitSearch is how far before the end of a piece a cut is looked for, bytes.
const splitSearch = 8 << 10

// The decoders of EVT2 and EVT3 as a [splitter]. A snapshot of EVT2 is that of
// highTime, one of EVT3 is described by its methods in resumable.go.

func (d *evt2Decoder) clone(s *stream) splitter {
	c := *d
	c.s, c.imu, c.keep = s, nil, true
	return &c
}

func (d *evt2Decoder) split(src []byte) int {
	for n := len(src)&^3 - 4; n > max(0, len(src)-splitSearch); n -= 4 {
		if src[n+3]>>4 != evt2Continued {
			return n
		}
	}
	return 0
}

func (d *evt2Decoder) guess(before snapshot, src []byte) snapshot {
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

func (d *evt2Decoder) shift(_, _ snapshot) (int64, bool) { return 0, false }

func (d *evt3Decoder) clone(s *stream) splitter {
	c := *d
	c.s = s
	return &c
}

func (d *evt3Decoder) split(src []byte) int {
	for n := len(src)&^1 - 2; n > max(0, len(src)-splitSearch); n -= 2 {
		switch src[n+1] >> 4 {
		case evt3Vect12, evt3Vect8, evt3Continued12, evt3Continued4:
		default:
			return n
		}
	}
	return 0
}

// guess looks back from the end of src for the last word of each type that is
// kept as state.
func (d *evt3Decoder) guess(before snapshot, src []byte) snapshot {
	g := *d
	g.resume(before)
	g.lookBackForTime(src)
	g.lookBackForPlace(src[max(0, len(src)-splitSearch):])
	return g.snapshot()
}

// lookBackForTime takes the last TIME_HIGH and, if it counts, the last
// TIME_LOW.
func (d *evt3Decoder) lookBackForTime(src []byte) {
	high, low := -1, -1 // where the last of each is
	was := d.time.high  // TIME_HIGH when the last TIME_LOW came
	for n := len(src)&^1 - 2; n >= 0; n -= 2 {
		kind := src[n+1] >> 4
		if kind == evt3Low && low < 0 {
			low = n
		}
		if kind == evt3High && high < 0 {
			high = n
		}
		if kind == evt3High && low >= 0 {
			was = int(binary.LittleEndian.Uint16(src[n:]) & evt3Payload)
			break
		}
	}
	part := uint16((d.time.t - d.time.loop) & evt3Payload)
	if low >= 0 {
		part = binary.LittleEndian.Uint16(src[low:]) & evt3Payload
	}
	if high >= 0 {
		word := int(binary.LittleEndian.Uint16(src[high:]) & evt3Payload)
		if high > low && (word != was || !d.time.known && low < 0) {
			part = 0
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
	var row, em, base bool
	moved := uint16(0) // columns that vectors moved the base on
	for n := len(src)&^1 - 2; n >= 0 && !(row && base); n -= 2 {
		w := binary.LittleEndian.Uint16(src[n:])
		switch kind := w >> 12; {
		case kind == evt3Y && !row:
			d.y, d.hasY, d.isEM, row = w&evt3Address, !em, em, true
		case kind == evt3EMY && !row:
			em, d.hasY, d.isEM = true, false, true
		case kind == evt3Vect12 && !base:
			moved += 12
		case kind == evt3Vect8 && !base:
			moved += 8
		case kind == evt3Base && !base:
			d.base, d.pol, d.hasX, base = w&evt3Address+moved, uint8(w>>11&1), true, true
		}
	}
	if !base {
		d.base += moved
	}
}

// shift allows for wraps of the time that the guess did not know of. Whether a
// step is one can depend on how many there were before, but then the piece has
// damage and is not shifted.
func (d *evt3Decoder) shift(from, to snapshot) (int64, bool) {
	by := to[1] - from[1]
	from[0] += by
	from[1] += by
	return by, from == to && d.time.known
}

var (
	_ splitter = (*evt2Decoder)(nil)
	_ splitter = (*evt3Decoder)(nil)
)
