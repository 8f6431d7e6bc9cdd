package aedat

import (
	"encoding/binary"
	"math"

	"ganglion/sources/format"
)

// aedat3IMU reads the values of an IMU6 or IMU9 record.
func aedat3IMU(r []byte) format.IMU {
	f32 := func(i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(r[4*i:])) }
	m := format.IMU{
		Accel:       [3]float32{f32(0), f32(1), f32(2)},
		Gyro:        [3]float32{f32(3), f32(4), f32(5)},
		Temperature: f32(6),
	}
	if len(r) >= 4*10 {
		m.Mag = [3]float32{f32(7), f32(8), f32(9)}
	}
	return m
}

// aedat3FrameOf reads a frame record; false when it has fewer pixels than it
// says. The pixels are u16.
func aedat3FrameOf(r []byte, overflow int64) (format.Frame, bool) {
	i32 := func(at int) int { return int(int32(binary.LittleEndian.Uint32(r[at:]))) }
	f := format.Frame{
		Start: overflow + int64(i32(4)), End: overflow + int64(i32(8)),
		ExposureStart: overflow + int64(i32(12)), ExposureEnd: overflow + int64(i32(16)),
		Width: i32(20), Height: i32(24), X: i32(28), Y: i32(32),
	}
	channels := max(int(r[0]>>1&7), 1)
	f.PixelFormat = 2 + 8*(channels-1)
	pixels := r[aedat3Frame:]
	if f.Width < 0 || f.Height < 0 || f.Width > math.MaxUint16 || f.Height > math.MaxUint16 {
		return f, false
	}
	n := 2 * int64(f.Width) * int64(f.Height) * int64(channels)
	if n > int64(len(pixels)) {
		return f, false
	}
	f.Pixels = pixels[:n:n]
	return f, true
}
