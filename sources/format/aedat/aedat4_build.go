package aedat

import (
	"encoding/binary"
	"math"

	"ganglion/sources/format"
)

// The FlatBuffers of AEDAT 4, built by hand: there are few, their form is
// fixed, and none of them takes memory.

// aedat4Position is where IOHeader's position of the file table stands in the
// recording, see appendAEDAT4Header.
const aedat4Position = int64(len(aedat4Magic)) + 4 + 36

// appendAEDAT4Header appends IOHeader with its length, laid out as DV does so
// that the position of the table, 8 bytes that are -1 for now, is there to be
// filled in.
//
//	 0  offset of the table, "IOHE", 6 bytes of padding
//	14  vtable: its size, the table's size, places of the three fields
//	24  table: distance to the vtable, compression, offset of the text, position
//	48  length of the text, text, 1 to 4 times 0
func appendAEDAT4Header(dst []byte, compression int, text []byte) []byte {
	le := binary.LittleEndian
	padding := 4 - len(text)&3
	dst = le.AppendUint32(dst, uint32(48+4+len(text)+padding))
	dst = append(le.AppendUint32(dst, 24), aedat4Header...)
	dst = appendU16(dst, 0, 0, 0, 10, 24, 4, 12, 8)
	dst = le.AppendUint32(dst, 24-14)
	dst = le.AppendUint32(dst, uint32(compression))
	dst = le.AppendUint32(dst, 48-32)
	dst = le.AppendUint64(dst, math.MaxUint64)
	dst = append(dst, 0, 0, 0, 0)
	dst = le.AppendUint32(dst, uint32(len(text)))
	return append(append(dst, text...), make([]byte, padding)...)
}

// appendAEDAT4Vector appends the beginning of a content whose root table has
// one field, a vector. Its length and the content's are filled in later.
//
//	 0  length of what follows, offset of the table, type
//	12  vtable: 6, 8, 4, padding
//	20  table: distance to the vtable, offset of the vector
//	28  elements; the elements follow at a multiple of 8
func appendAEDAT4Vector(dst []byte, kind string) []byte {
	dst = append(dst, 0, 0, 0, 0, 16, 0, 0, 0)
	dst = append(dst, kind...)
	dst = appendU16(dst, 6, 8, 4, 0)
	return appendU32(dst, 20-12, 28-24, 0)
}

// appendAEDAT4Tables appends a content whose root holds a vector of n tables,
// up to the first of them. All share the given vtable, whose place is
// returned; each takes its size rounded up to a multiple of 8, and begins 4
// bytes before one so that its 64-bit numbers are aligned.
func appendAEDAT4Tables(dst []byte, kind string, n int, vtable ...uint16) ([]byte, int) {
	dst = appendAEDAT4Vector(dst, kind)
	binary.LittleEndian.PutUint32(dst[28:], uint32(n))
	at := 32 + 4*n // of the vtable
	first := (at+2*len(vtable)+3)&^7 + 4
	stride := aedat4Stride(int(vtable[1]))
	for i := range n {
		dst = appendU32(dst, uint32(first+i*stride-(32+4*i)))
	}
	dst = appendU16(dst, vtable...)
	for len(dst) < first {
		dst = append(dst, 0)
	}
	return dst, at
}

func aedat4Stride(size int) int { return (size + 7) &^ 7 }

func appendAEDAT4IMU(dst []byte, samples []aedat4Sample) []byte {
	dst, vtable := appendAEDAT4Tables(dst, aedat4IMU, len(samples), 26, 52, 4, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48)
	for i := range samples {
		m := &samples[i].imu
		dst = appendU32(dst, uint32(len(dst)-vtable))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(samples[i].t))
		dst = appendF32(dst, m.Temperature)
		dst = appendF32(dst, m.Accel[:]...)
		dst = appendF32(dst, m.Gyro[:]...)
		dst = appendF32(dst, m.Mag[:]...)
		dst = append(dst, 0, 0, 0, 0)
	}
	return dst
}

func appendAEDAT4Triggers(dst []byte, samples []aedat4Sample) []byte {
	dst, vtable := appendAEDAT4Tables(dst, aedat4Triggers, len(samples), 8, 13, 4, 12)
	for i := range samples {
		dst = appendU32(dst, uint32(len(dst)-vtable))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(samples[i].t))
		dst = append(dst, samples[i].source, 0, 0, 0)
	}
	return dst
}

// aedat4Row is a line of the file table: a packet.
type aedat4Row struct {
	offset      int64 // of its content in the recording
	stream      int32
	size        int32 // of its content, compressed
	n           int64 // elements
	first, last int64 // times, µs
}

func appendAEDAT4Table(dst []byte, rows []aedat4Row) []byte {
	dst, vtable := appendAEDAT4Tables(dst, aedat4Table, len(rows), 14, 44, 4, 36, 12, 20, 28)
	le := binary.LittleEndian
	for _, r := range rows {
		dst = appendU32(dst, uint32(len(dst)-vtable))
		for _, v := range [...]int64{r.offset, r.n, r.first, r.last} {
			dst = le.AppendUint64(dst, uint64(v))
		}
		dst = appendU32(dst, uint32(r.stream), uint32(r.size), 0)
	}
	return dst
}

// appendAEDAT4Frame appends the content of a frame, whose root has it all.
//
//	 0  length of what follows, offset of the table, type
//	12  vtable: 26, 60, places of the eleven fields; padding
//	44  table: distance to the vtable, five times, offset of the pixels, width,
//	    height, x, y, format, padding
//	104 length of the pixels, pixels
func appendAEDAT4Frame(dst []byte, t int64, f *format.Frame) []byte {
	dst = append(dst, 0, 0, 0, 0, 40, 0, 0, 0)
	dst = append(dst, aedat4Frames...)
	dst = appendU16(dst, 26, 60, 4, 12, 20, 28, 36, 56, 48, 50, 52, 54, 44, 0, 0, 0)
	dst = appendU32(dst, 44-12)
	for _, v := range [...]int64{t, f.Start, f.End, f.ExposureStart, f.ExposureEnd} {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(v))
	}
	dst = appendU32(dst, 104-88)
	dst = appendU16(dst, uint16(f.Width), uint16(f.Height), uint16(f.X), uint16(f.Y))
	dst = append(dst, byte(f.PixelFormat), 0, 0, 0)
	dst = appendU32(dst, uint32(len(f.Pixels)))
	return append(dst, f.Pixels...)
}

func appendU16(dst []byte, values ...uint16) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint16(dst, v)
	}
	return dst
}

func appendU32(dst []byte, values ...uint32) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint32(dst, v)
	}
	return dst
}

func appendF32(dst []byte, values ...float32) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return dst
}
