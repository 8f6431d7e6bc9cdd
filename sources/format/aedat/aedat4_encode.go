package aedat

import (
	"encoding/binary"
	"math"

	"ganglion/internal/compression"
	"ganglion/pipeline"
	"ganglion/sources/format"
)

// createAEDAT4 writes with the compression that the header names, or LZ4 as DV
// does.
func createAEDAT4(s *format.Sink) (format.Encoder, error) {
	if s.Info.Width <= 0 || s.Info.Height <= 0 {
		return nil, errNoSize
	}
	s.Info.Gyro = caerGyro
	e := &aedat4Encoder{s: s, number: 1, open: -1}
	for i, c := range aedat4Codecs {
		if c.name == s.Info.Header.Get(aedat4Compression) {
			e.number = i
		}
	}
	e.codec = aedat4Codecs[e.number].codec
	return e, nil
}

// A packet ends after so many elements or so much sensor time, or when an
// element of another kind comes: what lies between the events stays there.
const (
	aedat4PacketEvents = 4000 // 64 kB: as much as is read at a time
	aedat4PacketSide   = 256
	aedat4PacketTime   = 10_000 // µs
)

// Numbers of the streams that are written, see aedat4Streams.
const (
	aedat4EventStream = iota
	aedat4FrameStream
	aedat4IMUStream
	aedat4TriggerStream
)

type aedat4Encoder struct {
	s       *format.Sink
	number  int // of the compression
	codec   compression.Codec
	pack    compression.Encoder
	started bool
	written int64 // bytes of the recording so far

	open        int    // stream of the packet that is being filled, or -1
	content     []byte // of it, or of the latest one
	n           int    // elements of it
	first, last int64  // their times, µs
	pending     []aedat4Sample
	table       []aedat4Row
}

// aedat4Sample is an element of a packet of tables.
type aedat4Sample struct {
	t      int64
	imu    format.IMU
	source uint8 // of a trigger
}

func (e *aedat4Encoder) Events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := &events[i]
		if ev.X > math.MaxInt16 || ev.Y > math.MaxInt16 {
			e.s.Lost.Add(format.AddressRange, 0, ev.T, 1)
			continue
		}
		if !e.fits(aedat4EventStream, ev.T, aedat4PacketEvents) {
			dst = e.begin(dst, aedat4EventStream, ev.T)
			e.content = appendAEDAT4Vector(e.content[:0], aedat4Events)
		}
		e.n++
		e.last = ev.T
		e.content = binary.LittleEndian.AppendUint64(e.content, uint64(ev.T))
		e.content = binary.LittleEndian.AppendUint64(e.content, uint64(ev.X)|uint64(ev.Y)<<16|uint64(min(ev.P, 1))<<32)
	}
	return dst
}

// fits reports whether an element at time t belongs into the open packet.
func (e *aedat4Encoder) fits(stream int, t int64, most int) bool {
	return e.open == stream && e.n < most && uint64(t-e.first) < aedat4PacketTime
}

// begin ends the open packet and opens the next.
func (e *aedat4Encoder) begin(dst []byte, stream int, t int64) []byte {
	dst = e.flush(dst)
	e.open, e.n, e.first = stream, 0, t
	return dst
}

func (e *aedat4Encoder) Side(dst []byte, s *format.Side) []byte {
	switch {
	case s.Kind == format.FrameImage && aedat4CanHold(s.Frame):
		dst = e.begin(dst, aedat4FrameStream, s.T)
		e.content = appendAEDAT4Frame(e.content[:0], s.T, s.Frame)
		e.n, e.last = 1, s.T
		return e.flush(dst)
	case s.Kind == format.IMUSample && !s.IMU.Counts:
		return e.element(dst, aedat4IMUStream, aedat4Sample{t: s.T, imu: *s.IMU})
	case s.Kind == format.Trigger && s.Code == 0:
		return e.element(dst, aedat4TriggerStream, aedat4Sample{t: s.T, source: aedat4Falling - uint8(s.Value&1)})
	case s.Kind == format.Trigger && s.Code&^0xFF == aedat4Source:
		return e.element(dst, aedat4TriggerStream, aedat4Sample{t: s.T, source: uint8(s.Code)})
	}
	e.s.Lose(s)
	return dst
}

func aedat4CanHold(f *format.Frame) bool {
	for _, v := range []int{f.X, f.Y, f.Width, f.Height} {
		if int(int16(v)) != v {
			return false
		}
	}
	return f.PixelFormat >= 0 && f.PixelFormat <= math.MaxInt8 && len(f.Pixels) <= aedat4Slack-1024
}

// element puts a sample into a packet of tables.
func (e *aedat4Encoder) element(dst []byte, stream int, s aedat4Sample) []byte {
	if !e.fits(stream, s.t, aedat4PacketSide) {
		dst = e.begin(dst, stream, s.t)
	}
	e.n++
	e.last = s.t
	e.pending = append(e.pending, s)
	return dst
}

// flush writes the open packet.
func (e *aedat4Encoder) flush(dst []byte) []byte {
	if e.open < 0 {
		return dst
	}
	dst = e.start(dst)
	switch e.open {
	case aedat4EventStream:
		binary.LittleEndian.PutUint32(e.content[28:], uint32(e.n))
	case aedat4IMUStream:
		e.content = appendAEDAT4IMU(e.content[:0], e.pending)
	case aedat4TriggerStream:
		e.content = appendAEDAT4Triggers(e.content[:0], e.pending)
	}
	e.pending = e.pending[:0]
	at := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(e.open))
	dst = e.compressed(append(dst, 0, 0, 0, 0))
	size := len(dst) - at - aedat4Head
	binary.LittleEndian.PutUint32(dst[at+4:], uint32(size))
	if e.s.Patch != nil {
		e.table = append(e.table, aedat4Row{
			offset: e.written + aedat4Head, stream: int32(e.open), size: int32(size), n: int64(e.n), first: e.first, last: e.last,
		})
	}
	e.written += int64(len(dst) - at)
	e.open = -1
	return dst
}

// compressed appends the content, with its length before it.
func (e *aedat4Encoder) compressed(dst []byte) []byte {
	binary.LittleEndian.PutUint32(e.content, uint32(len(e.content)-4))
	return e.pack.Append(dst, e.content, e.codec)
}

// start writes the header when it is due.
func (e *aedat4Encoder) start(dst []byte) []byte {
	if e.started {
		return dst
	}
	e.started = true
	at := len(dst)
	dst = append(dst, aedat4Magic...)
	dst = appendAEDAT4Header(dst, e.number, appendAEDAT4Info(nil, e.s.Info, aedat4Codecs[e.number].name))
	e.written = int64(len(dst) - at)
	return dst
}

// Finish ends the last packet. Where the header can still be reached, the file
// table follows.
func (e *aedat4Encoder) Finish(dst []byte) []byte {
	dst = e.start(e.flush(dst))
	if e.s.Patch == nil {
		return dst
	}
	e.content = appendAEDAT4Table(e.content[:0], e.table)
	dst = e.s.Spill(e.compressed(dst))
	e.s.Patch(binary.LittleEndian.AppendUint64(nil, uint64(e.written)), aedat4Position)
	return dst
}
