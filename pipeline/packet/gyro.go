package packet

import (
	"encoding/binary"
	"fmt"
	"math"

	"ganglion/pipeline"
)

// gyroBytes is the least that a sample of a gyroscope takes: two times of a byte and
// three rates.
const gyroBytes = 2 + 3*4

// appendGyro appends the samples of a batch's gyroscope, if there are any: when the
// stream brought each since the one before, how much earlier it was taken, and the
// bits of its rates.
func appendGyro(dst []byte, b *pipeline.Batch) []byte {
	if len(b.Gyro) == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.Gyro)))
	at := b.Start
	for _, g := range b.Gyro {
		dst = binary.AppendVarint(dst, g.At-at)
		dst = binary.AppendVarint(dst, g.At-g.T)
		for _, v := range [3]float32{g.X, g.Y, g.Z} {
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
		}
		at = g.At
	}
	return dst
}

// readGyro reads the samples of a gyroscope into a batch.
func readGyro(r *cursor, b *pipeline.Batch) {
	n := r.uvarint()
	if n > maxGyro || n > uint64(len(r.b)/gyroBytes) {
		r.fail(fmt.Errorf("packet: %d samples of a gyroscope in %d bytes, at most %d", n, len(r.b), maxGyro))
		return
	}
	at := b.Start
	for range n {
		at += r.varint()
		g := pipeline.AngularRate{At: at, T: at - r.varint()}
		g.X, g.Y, g.Z = r.float(), r.float(), r.float()
		if r.err != nil {
			return
		}
		b.Gyro = append(b.Gyro, g)
	}
}

// float reads the bits of a number.
func (r *cursor) float() float32 {
	if len(r.b) < 4 {
		r.fail(errShort)
		return 0
	}
	v := math.Float32frombits(binary.LittleEndian.Uint32(r.b))
	r.b = r.b[4:]
	return v
}
