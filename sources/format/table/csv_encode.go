package table

import (
	"encoding/binary"
	"slices"
	"strconv"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// csvEncoder writes "t,x,y,p": microseconds, pixels, and 1 or 0.
//
// Neighbours mostly share a time, whose text is kept, and addresses are looked
// up as text; a whole event goes out in a few stores of 8 bytes.
type csvEncoder struct {
	s       *format.Sink
	started bool

	time   [csvTime]byte // text of the time t, with its comma
	length int           // of it; 0 when there is none
	t      int64
	pixels [csvPixels]uint64 // text of an address with its comma, from the low byte up, and its length in the highest one
}

const (
	csvTime   = 24      // bytes: three stores
	csvPixels = 1 << 11 // addresses; others take their time
	csvLine   = 64      // bytes: no event is longer, nor reaches further what is written of it
)

func newCSVEncoder(s *format.Sink) *csvEncoder {
	e := &csvEncoder{s: s}
	for v := range e.pixels {
		var text [8]byte
		n := len(append(strconv.AppendUint(text[:0], uint64(v), 10), ','))
		e.pixels[v] = binary.LittleEndian.Uint64(text[:]) | uint64(n)<<56
	}
	return e
}

func (e *csvEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	dst = slices.Grow(e.Finish(dst), csvLine*len(events))
	n := len(dst)
	dst = dst[:cap(dst)]
	for i := range events {
		ev := &events[i]
		if ev.T != e.t || e.length == 0 {
			e.t, e.length = ev.T, len(append(strconv.AppendInt(e.time[:0], ev.T, 10), ','))
		}
		line := dst[n : n+csvLine : n+csvLine]
		*(*[csvTime]byte)(line) = e.time
		k := e.length
		k += e.pixel(line[k:], ev.X)
		k += e.pixel(line[k:], ev.Y)
		p := uint16('0' | '\n'<<8)
		if ev.P != pipeline.Off {
			p++
		}
		binary.LittleEndian.PutUint16(line[k:], p)
		n += k + 2
	}
	return dst[:n]
}

// pixel writes an address and a comma, and returns their length.
func (e *csvEncoder) pixel(dst []byte, v uint16) int {
	if v >= csvPixels {
		return len(append(strconv.AppendUint(dst[:0], uint64(v), 10), ','))
	}
	text := e.pixels[v]
	binary.LittleEndian.PutUint64(dst, text)
	return int(text >> 56)
}

func (e *csvEncoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *csvEncoder) Finish(dst []byte) []byte {
	if !e.started {
		dst = append(dst, "t,x,y,p\n"...)
		e.started = true
	}
	return dst
}
