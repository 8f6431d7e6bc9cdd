package asm

import "unsafe"

// The kernels of this file work on events in memory as pipeline.Event has them,
// 16 bytes each: the time, µs, in bytes 0 to 7, column and row of 16 bits at 8 and
// 10, the polarity, 0 or 1, at 12. They take what is plain in whole vectors and
// leave all else, and everything on processors without AVX2, to the caller's loop.

// eventSize is the length of an event, bytes.
const eventSize = 16

// eventLanes is how many events a vector makes.
const eventLanes = 8

// DecodeEVT2 decodes words of Prophesee's EVT 2.0 that are events on a sensor with so
// many columns and rows, as far as there is room for whole vectors of them, and
// returns their number. What lies behind them in out is overwritten.
func DecodeEVT2[E any](out []E, src []byte, base int64, width, height uint32) int {
	n := min(len(out), len(src)/4) &^ (eventLanes - 1)
	if !fast || n == 0 || unsafe.Sizeof(out[0]) != eventSize {
		return 0
	}
	return evt2AVX(unsafe.Pointer(&out[0]), &src[0], n, base, width-1, height-1)
}

// EVT3Pairs are pairs of ADDR_Y and ADDR_X of Prophesee's EVT 3.0, and TIME_LOW
// words between them. The kernel changes all but the limits.
type EVT3Pairs struct {
	out    unsafe.Pointer
	room   int // events
	src    unsafe.Pointer
	words  int    // of src
	T      int64  // µs
	Column uint32 // last column and row of the sensor
	Row    uint32
}

// DecodeEVT3 decodes the front of src while whole vectors of pairs fit into out, and
// returns how many words it used and events it wrote. What lies behind them in
// out is overwritten.
func DecodeEVT3[E any](p *EVT3Pairs, out []E, src []byte) (words, events int) {
	if !fast || len(out) < eventLanes || len(src) < 4*eventLanes+2 || unsafe.Sizeof(out[0]) != eventSize {
		return 0, 0
	}
	p.out, p.room = unsafe.Pointer(&out[0]), len(out)
	p.src, p.words = unsafe.Pointer(&src[0]), len(src)/2
	evt3AVX(p)
	words, events = len(src)/2-p.words, len(out)-p.room
	p.out, p.src = nil, nil
	return words, events
}

// Sums are what [SumEvents] finds.
type Sums struct {
	most [16]uint16 // by place in an event's second half
	on   [4]uint64  // polarities, above 32 bits
	far  uint64     // a time was far from the one before it
}

// SumEvents counts events with polarity 1 and finds the greatest column and row,
// of as many events behind the first as fill whole vectors: n of them. They are
// plain if no time is before, or more than leap behind, the one before it.
func SumEvents[E any](s *Sums, events []E, leap int64) (n, on int, column, row uint16, plain bool) {
	const lanes = 4
	n = (len(events) - 1) &^ (lanes - 1)
	if !fast || n <= 0 || unsafe.Sizeof(events[0]) != eventSize {
		return 0, 0, 0, 0, true
	}
	sumAVX(s, unsafe.Pointer(&events[1]), n, leap)
	for i := 0; i < len(s.most); i += 4 {
		column, row = max(column, s.most[i]), max(row, s.most[i+1])
	}
	return n, int((s.on[0] + s.on[1] + s.on[2] + s.on[3]) >> 32), column, row, s.far == 0
}

// columns are events column by column, as arrays of a file have them.
type columns struct {
	t       unsafe.Pointer // int64, µs
	x, y, p unsafe.Pointer // uint16, uint16, uint8
	base    int64          // µs, added to every time
	column  uint32         // last column and row of the sensor
	row     uint32
}

// MergeColumns makes events of times, to which base is added, and little-endian
// columns and rows of 16 bits and polarities of 8, of which 0 and 255 are off, on a
// sensor with so many columns and rows, as far as whole vectors are on it, and
// returns their number. What lies behind them in out is overwritten.
func MergeColumns[E any](out []E, ts []int64, xs, ys, ps []byte, base int64, width, height uint32) int {
	n := min(len(out), len(ts), len(xs)/2, len(ys)/2, len(ps)) &^ (eventLanes - 1)
	if !fast || n == 0 || unsafe.Sizeof(out[0]) != eventSize {
		return 0
	}
	c := columns{unsafe.Pointer(&ts[0]), unsafe.Pointer(&xs[0]), unsafe.Pointer(&ys[0]), unsafe.Pointer(&ps[0]), base, width - 1, height - 1}
	return columnsAVX(unsafe.Pointer(&out[0]), &c, n)
}

// SwapRecords makes events of Prophesee's records in HDF5 files, 16 bytes each:
// column, row and polarity of 16 bits, of which those above 0 are on, two bytes
// unused, and the time; as far as whole vectors are on a sensor with so many
// columns and rows. It returns their number. What lies behind them in out is overwritten.
func SwapRecords[E any](out []E, records []byte, width, height uint32) int {
	n := min(len(out), len(records)/eventSize) &^ (eventLanes - 1)
	if !fast || n == 0 || unsafe.Sizeof(out[0]) != eventSize {
		return 0
	}
	return recordsAVX(unsafe.Pointer(&out[0]), &records[0], n, width-1|(height-1)<<16)
}
