package dashboard

import (
	"encoding/binary"

	"ganglion/pipeline"
)

// raster holds spikes of the layer that viewers chose, every stride-th when there
// are more than a frame has room for.
type raster struct {
	layer  int // of the network, from 0
	size   int // neurons
	stride uint64
	seen   uint64
	times  []int64
	ids    []uint32
}

// mostSpikes bounds the spikes of a frame.
const mostSpikes = 4096

func (r *raster) add(layer, size int, s *pipeline.Spikes) {
	if layer != r.layer || r.stride == 0 {
		r.reset()
		r.layer, r.stride = layer, 1
	}
	r.size = size
	for i, t := range s.T {
		for _, id := range s.Run(i) {
			if r.seen++; r.seen%r.stride == 0 && len(r.ids) < mostSpikes {
				r.times, r.ids = append(r.times, t), append(r.ids, id)
			}
		}
	}
}

// reset empties the raster; the next frame of as many spikes will fit.
func (r *raster) reset() {
	r.stride = max(1, (r.seen+mostSpikes-1)/mostSpikes)
	r.seen, r.times, r.ids = 0, r.times[:0], r.ids[:0]
}

// encodeRaster is the message of a frame's spikes, little-endian: kind, layer, 0
// (16 bits), spikes, neurons, stride, 0 (32), start and end, µs (doubles); then for
// each spike its time after the start, µs, and its neuron (32).
func (f *frame) encodeRaster() []byte {
	r := &f.raster
	b := make([]byte, 36, 36+8*len(r.ids))
	b[0], b[1] = rasterMessage, byte(r.layer)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(r.ids)))
	binary.LittleEndian.PutUint32(b[8:], uint32(r.size))
	binary.LittleEndian.PutUint32(b[12:], uint32(r.stride))
	putFloats(b[20:], float64(f.window.Start), float64(f.window.End))
	for i, id := range r.ids {
		b = binary.LittleEndian.AppendUint32(b, uint32(max(r.times[i]-f.window.Start, 0)))
		b = binary.LittleEndian.AppendUint32(b, id)
	}
	return b
}

// probe holds the membrane of the neuron that viewers chose, one value a window.
type probe struct {
	Layer  int          `json:"layer"`
	Neuron int          `json:"neuron"`
	points [][2]float64 // end of the window, µs, and potential
}

// scores holds what the readout held against its thresholds, one row a window.
type scores struct {
	last   []pipeline.Score // labels and thresholds, with the last values
	times  []int64          // µs
	values []float32        // by time and score
}

// mostRows bounds the windows of a frame.
const mostRows = 512

func (s *scores) add(t int64) {
	if len(s.last) == 0 || len(s.times) >= mostRows {
		return
	}
	s.times = append(s.times, t)
	for _, v := range s.last {
		s.values = append(s.values, v.Value)
	}
}
