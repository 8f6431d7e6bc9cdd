package nirnet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"ganglion/pipeline"
)

// Bin turns a camera recording into the spikes of a network's input: one
// neuron for each polarity and pixel, [2, H, W] with OFF first, one spike for
// each event, in steps of step µs counted from the first event. The last,
// partial step is left out, as data loaders do. Times are kept to multiples of
// tick µs, which divides step. Events outside H or W are counted in outside.
func Bin(events []pipeline.Event, in pipeline.Shape, step, tick int64) (s *pipeline.Spikes, steps, outside int, err error) {
	if len(in) != 3 || in[0] != 2 {
		return nil, 0, 0, fmt.Errorf("the network takes %v, events are [2, H, W]", in)
	}
	if len(events) == 0 {
		return nil, 0, 0, errors.New("the recording has no events")
	}
	h, w := in[1], in[2]
	first, last := events[0].T, events[0].T
	for _, e := range events {
		first, last = min(first, e.T), max(last, e.T)
	}
	if (last-first)/tick >= 1<<32 {
		return nil, 0, 0, fmt.Errorf("the recording lasts %d µs, too long for times of %d µs", last-first, tick)
	}
	steps = int((last - first) / step)
	keys := make([]uint64, 0, len(events)) // tick and neuron
	for _, e := range events {
		t := (e.T - first) / tick
		if t*tick >= int64(steps)*step {
			continue
		}
		if int(e.X) >= w || int(e.Y) >= h {
			outside++
			continue
		}
		keys = append(keys, uint64(t)<<32|uint64((int(e.P)*h+int(e.Y))*w+int(e.X)))
	}
	slices.Sort(keys)
	s = &pipeline.Spikes{}
	for _, k := range keys {
		s.Append(int64(k>>32)*tick, uint32(k))
	}
	return s, steps, outside, nil
}

// WriteNPY writes what a layer puts out as a NumPy array, steps x neurons
// (NumPy format 1.0): the spikes as u8 counts, those above 255 as 255, or, of a
// layer that passes values on, their sums as f4.
func WriteNPY(w io.Writer, s *pipeline.Spikes, size, steps int, start, step int64) error {
	kind, width := "|u1", 1
	if len(s.Values) > 0 {
		kind, width = "<f4", 4
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }", kind, steps, size)
	pad := 64 - (10+len(header)+1)%64
	if pad == 64 {
		pad = 0
	}
	header = fmt.Sprintf("%s%*s\n", header, pad, "")
	if _, err := w.Write(append([]byte{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, byte(len(header)), byte(len(header) >> 8)},
		header...)); err != nil {
		return err
	}
	sums, row := make([]float32, size), make([]byte, 0, size*width)
	run := 0
	for k := range int64(steps) {
		clear(sums)
		for ; run < len(s.T) && s.T[run] < start+(k+1)*step; run++ {
			for i := s.Offsets[run]; i < s.Offsets[run+1]; i++ {
				v := float32(1)
				if width > 1 {
					v = s.Values[i]
				}
				sums[s.IDs[i]] += v
			}
		}
		row = row[:0]
		for _, v := range sums {
			if width > 1 {
				row = binary.LittleEndian.AppendUint32(row, math.Float32bits(v))
			} else {
				row = append(row, byte(min(v, 255)))
			}
		}
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
