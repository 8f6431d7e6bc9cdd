package aedat

import (
	"encoding/binary"

	"ganglion/internal/flatbuf"
	"ganglion/sources/format"
)

// side appends the next element of the open packet that is not an event. Whether
// it lay within the packet is for the caller to see.
func (d *aedat4Decoder) side(b *format.Block) {
	p := &d.packet
	switch p.kind {
	case aedat4IMU:
		t := d.element()
		d.t = t.I64(0)
		d.imu = append(d.imu, format.IMU{
			Temperature: t.F32(1),
			Accel:       [3]float32{t.F32(2), t.F32(3), t.F32(4)},
			Gyro:        [3]float32{t.F32(5), t.F32(6), t.F32(7)},
			Mag:         [3]float32{t.F32(8), t.F32(9), t.F32(10)},
		})
		b.Add(format.Side{Kind: format.IMUSample, T: d.t, IMU: &d.imu[len(d.imu)-1]})
	case aedat4Triggers:
		t := d.element()
		d.t = t.I64(0)
		s := format.Side{Kind: format.Trigger, T: d.t}
		switch source := t.U8(1); source {
		case aedat4Rising, aedat4Falling:
			s.Value = uint64(source & 1)
		default:
			s.Code = aedat4Source + uint32(source)
			s.Reset = source == 0
		}
		b.Add(s)
	case aedat4Frames:
		t := d.flat.Root()
		d.t = t.I64(0)
		d.frames = append(d.frames, aedat4FrameOf(t))
		b.Add(format.Side{Kind: format.FrameImage, T: d.t, Frame: &d.frames[len(d.frames)-1]})
	default:
		id := d.flat.Identifier()
		b.Add(format.Side{Kind: format.Special, T: d.t, Code: binary.LittleEndian.Uint32(id[:]), Data: d.flat.All()})
	}
}

// element is the next table of the open packet's vector.
func (d *aedat4Decoder) element() flatbuf.Table {
	return d.flat.Table(d.flat.Follow(d.packet.pos + 4*d.packet.next))
}

func aedat4FrameOf(t flatbuf.Table) format.Frame {
	i16 := func(field int) int { return int(int16(t.U16(field))) }
	return format.Frame{
		Start: t.I64(1), End: t.I64(2), ExposureStart: t.I64(3), ExposureEnd: t.I64(4),
		PixelFormat: int(t.U8(5)), Width: i16(6), Height: i16(7), X: i16(8), Y: i16(9),
		Pixels: t.Bytes(10),
	}
}
