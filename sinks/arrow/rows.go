package arrow

import (
	"encoding/binary"
	"fmt"

	"ganglion/internal/arrowipc"
	"ganglion/internal/compression"
	"ganglion/pipeline"
)

// rowReader turns record batches into detections.
type rowReader struct {
	unpack compression.Decoder
	names  names
}

// read appends the rows of a batch that parse has checked. After an error
// dst is as it was.
func (r *rowReader) read(dst []pipeline.Detection, layout []slot, b *recordBatch) ([]pipeline.Detection, error) {
	start, unknown := len(dst), pipeline.UnknownDetection()
	for range b.Rows {
		dst = append(dst, unknown)
	}
	i := 0
	for _, s := range layout {
		if s.column != nil && b.Rows > 0 {
			if err := r.fill(dst[start:], s, b.message, b.Buffers[i:i+s.buffers]); err != nil {
				return dst[:start], fmt.Errorf("column %q: %w", s.name, err)
			}
		}
		i += s.buffers
	}
	for k := range dst[start:] {
		dst[start+k].Complete()
	}
	return dst, nil
}

// fill sets one field of all rows from the buffers of its column.
func (r *rowReader) fill(rows []pipeline.Detection, s slot, message []byte, buffers []arrowipc.Buffer) error {
	var parts [3][]byte
	for i, b := range buffers {
		part, err := b.Content(nil, message, &r.unpack)
		if err != nil {
			return err
		}
		parts[i] = part
	}
	validity, values, text := parts[0], parts[1], parts[2]
	end := uint32(0) // of the last string: strings do not overlap
	for i := range rows {
		if len(validity) > 0 && validity[i/8]>>(i%8)&1 == 0 {
			continue
		}
		cell := values
		if s.width > 0 {
			cell = values[i*s.width : (i+1)*s.width]
		} else {
			from, to := binary.LittleEndian.Uint32(values[4*i:]), binary.LittleEndian.Uint32(values[4*i+4:])
			if from < end || from > to || uint64(to) > uint64(len(text)) {
				return fmt.Errorf("row %d spans bytes %d to %d of %d", i, from, to, len(text))
			}
			cell, end = text[from:to], to
		}
		setCell(s.column, &rows[i], cell, r.names)
	}
	return nil
}
