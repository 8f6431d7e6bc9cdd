package dashboard

import (
	"encoding/binary"
	"math"

	"ganglion/internal/floor"
	"ganglion/pipeline"
)

// sound holds how many spikes each channel fired in each bin of a frame: a
// cochleagram. Channels of one place in the last dimension of the encoder's layer,
// such as the thresholds of a band, add up.
type sound struct {
	rows  int
	bin   int64 // µs
	first int64 // number of the first bin
	cells []float32
}

const (
	soundBin = 10_000 // µs
	mostBins = 256
)

func newSound(in pipeline.Shape) *sound {
	s := &sound{rows: 1, bin: soundBin}
	if len(in) > 0 {
		s.rows = max(in[len(in)-1], 1)
	}
	return s
}

// add counts the spikes of a window in a frame that begins at start, µs.
func (s *sound) add(in *pipeline.Spikes, start int64) {
	if len(s.cells) == 0 {
		s.first = floor.Div(start, s.bin)
	}
	for i, t := range in.T {
		s.reach(t)
		at := int(floor.Div(t, s.bin)-s.first) * s.rows
		if at < 0 {
			continue
		}
		for _, id := range in.Run(i) {
			s.cells[at+int(id)%s.rows]++
		}
	}
}

// reach makes the bin of time t; where there would be too many, bins become twice
// as long.
func (s *sound) reach(t int64) {
	for floor.Div(t, s.bin)-s.first >= mostBins {
		s.coarsen()
	}
	for int64(len(s.cells)/s.rows) <= floor.Div(t, s.bin)-s.first {
		for range s.rows {
			s.cells = append(s.cells, 0)
		}
	}
}

func (s *sound) coarsen() {
	first := floor.Div(s.first, 2)
	bins := len(s.cells) / s.rows
	half := make([]float32, 0, (bins/2+1)*s.rows)
	for b := range bins {
		at := int(floor.Div(s.first+int64(b), 2)-first) * s.rows
		for len(half) < at+s.rows {
			half = append(half, 0)
		}
		for r := range s.rows {
			half[at+r] += s.cells[b*s.rows+r]
		}
	}
	s.cells, s.first, s.bin = half, first, 2*s.bin
}

func (s *sound) reset() { s.cells, s.bin = s.cells[:0], soundBin }

// encodeSound is the message of a frame, little-endian: kind, 0, rows (16 bits),
// bins (32), start of the first bin and length of a bin, µs, number of spikes, end
// of the frame (doubles); then the spikes of each bin by row (32-bit floats).
func (f *frame) encodeSound() []byte {
	s := f.sound
	b := make([]byte, 40, 40+4*len(s.cells))
	b[0] = soundMessage
	binary.LittleEndian.PutUint16(b[2:], uint16(s.rows))
	binary.LittleEndian.PutUint32(b[4:], uint32(len(s.cells)/s.rows))
	putFloats(b[8:], float64(s.first*s.bin), float64(s.bin), float64(f.spikes), float64(f.window.End))
	for _, v := range s.cells {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
