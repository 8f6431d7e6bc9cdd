package dashboard

import (
	"encoding/binary"
	"math"

	"ganglion/pipeline"
)

// surface holds the last event of each pixel in a frame.
type surface struct {
	channels, height, width int

	unit   int64 // µs of a step of age
	pixels []byte
}

// A pixel is 0 without an event, else 1 + polarity + 2*age, age being the steps
// from the frame's start to its last event.
const (
	oldest  = 126
	leastUS = 100 // finest step of age, µs
)

func newSurface(in pipeline.Shape) *surface {
	return &surface{channels: in[0], height: in[1], width: in[2], unit: 500, pixels: make([]byte, in[1]*in[2])}
}

// add marks the spikes of a window in a frame that begins at start, µs.
func (s *surface) add(in *pipeline.Spikes, start int64) {
	n := uint32(len(s.pixels))
	for i, t := range in.T {
		mark := byte(1 + 2*min(max((t-start)/s.unit, 0), oldest))
		for _, id := range in.Run(i) {
			switch {
			case id >= n && id < 2*n:
				s.pixels[id-n] = mark + 1
			case id < n:
				s.pixels[id] = mark
			}
		}
	}
}

// reset empties the surface; frames of the same length will fit the steps of age.
func (s *surface) reset(w pipeline.Window) {
	clear(s.pixels)
	if span := w.End - w.Start; span > 0 {
		s.unit = max(span/100, leastUS)
	}
}

// Kinds of binary messages.
const (
	eventsMessage = 1
	soundMessage  = 2
	rasterMessage = 3
)

// eventsHeader is the length of what comes before an event frame's pixels.
const eventsHeader = 40

// encode is the message of a frame, little-endian: kind, form, width, height (16
// bits each), 0 (16), pixels with an event and µs of a step of age (32), start
// and end, µs, and number of events (doubles). The pixels come as words of 32 bits,
// place<<8 | mark, or, where that is shorter, two bits each (0 nothing, 1 off, 2 on).
func (f *frame) encodeEvents() []byte {
	s := f.surface
	touched := 0
	for _, p := range s.pixels {
		if p != 0 {
			touched++
		}
	}
	dense := 4*touched > (len(s.pixels)+3)/4
	size := 4 * touched
	if dense {
		size = (len(s.pixels) + 3) / 4
	}
	b := make([]byte, eventsHeader, eventsHeader+size)
	b[0] = eventsMessage
	if dense {
		b[1] = 1
	}
	binary.LittleEndian.PutUint16(b[2:], uint16(s.width))
	binary.LittleEndian.PutUint16(b[4:], uint16(s.height))
	binary.LittleEndian.PutUint32(b[8:], uint32(touched))
	binary.LittleEndian.PutUint32(b[12:], uint32(s.unit))
	putFloats(b[16:], float64(f.window.Start), float64(f.window.End), float64(f.spikes))
	if dense {
		return s.appendDense(b)
	}
	for i, p := range s.pixels {
		if p != 0 {
			b = binary.LittleEndian.AppendUint32(b, uint32(i)<<8|uint32(p))
		}
	}
	return b
}

func (s *surface) appendDense(b []byte) []byte {
	for i := 0; i < len(s.pixels); i += 4 {
		var four byte
		for k, p := range s.pixels[i:min(i+4, len(s.pixels))] {
			if p != 0 {
				four |= (2 - p&1) << (2 * k)
			}
		}
		b = append(b, four)
	}
	return b
}

// putFloats writes doubles one after the other.
func putFloats(b []byte, vs ...float64) {
	for i, v := range vs {
		binary.LittleEndian.PutUint64(b[8*i:], math.Float64bits(v))
	}
}
