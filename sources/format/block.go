package format

import (
	"bytes"

	"ganglion/pipeline"
)

// Block is a piece of a recording: CD events (contrast detection, the address
// events of the pixels) and, beside them, whatever else the camera recorded,
// all in file order.
type Block struct {
	// Events is filled up to its capacity, which the caller chooses (see
	// [NewBlock]). Coordinates outside the sensor are delivered as they are
	// and counted as damage.
	Events []pipeline.Event
	// Side is what lay between the events.
	Side []Side
}

// minBlock is the smallest usable capacity of a block: what one record of the
// densest format holds.
const minBlock = 64

// maxSide bounds the side data of a block, and with it its memory.
const maxSide = 4096

// NewBlock returns an empty block with room for n events (at least 64).
func NewBlock(n int) *Block {
	return &Block{Events: make([]pipeline.Event, 0, max(n, minBlock))}
}

// Reset empties the block and keeps its memory.
func (b *Block) Reset() {
	if cap(b.Events) < minBlock {
		b.Events = make([]pipeline.Event, 0, minBlock)
	}
	b.Events, b.Side = b.Events[:0], b.Side[:0]
}

// Room is how many more events fit.
func (b *Block) Room() int { return cap(b.Events) - len(b.Events) }

// Full reports that a decoder should return what it has.
func (b *Block) Full() bool { return b.Room() < minBlock || len(b.Side) >= maxSide }

// Add places side data behind the events so far.
func (b *Block) Add(s Side) {
	s.Before = len(b.Events)
	b.Side = append(b.Side, s)
}

// SideKind is what a [Side] holds.
type SideKind uint8

// The kinds of side data.
const (
	// Trigger is an edge on a trigger input: Code is the channel, Value 1 for
	// a rising edge and 0 for a falling one.
	Trigger SideKind = iota + 1
	// IMUSample is a sample of the inertial measurement unit, in IMU.
	IMUSample
	// FrameImage is an image, in Frame.
	FrameImage
	// Special is anything else, in the format's own terms: Code is the
	// format's subtype, and the payload is the low Bits of Value, or Data.
	Special
)

// String is the kind as it appears among what was lost.
func (k SideKind) String() string {
	return [...]string{"", Trigger: "trigger", IMUSample: "imu", FrameImage: "frame", Special: "special"}[k]
}

// Side is one thing that a recording holds beside its CD events.
type Side struct {
	T      int64 // sensor time, µs
	Value  uint64
	Before int // it lay before Events[Before] of its block
	Code   uint32
	Bits   uint8
	Kind   SideKind
	Reset  bool // the camera says that it set its clock to zero here
	// What these point to belongs to the reader and is valid until its next
	// Read.
	IMU   *IMU
	Frame *Frame
	Data  []byte
}

// IMU is one sample of an inertial measurement unit. Where the format does
// not state the scale, Counts is set and the values are the sensor's integers.
type IMU struct {
	Accel       [3]float32 // x, y, z in g
	Gyro        [3]float32 // x, y, z in degrees/s; [Info.Gyro] has their axes
	Mag         [3]float32 // x, y, z in µT
	Temperature float32    // °C
	Counts      bool
}

// Frame is one image of a camera that has frames beside events.
type Frame struct {
	Start, End                 int64 // of the frame, µs
	ExposureStart, ExposureEnd int64 // µs
	X, Y, Width, Height        int   // of the image on the sensor, px
	PixelFormat                int   // as in OpenCV: 8 per channel after the first, plus 0 for bytes, 2 for u16
	Pixels                     []byte
}

// Clone is the side data with memory of its own.
func (s Side) Clone() Side {
	s.Data = bytes.Clone(s.Data)
	if s.IMU != nil {
		imu := *s.IMU
		s.IMU = &imu
	}
	if s.Frame != nil {
		frame := *s.Frame
		frame.Pixels = bytes.Clone(frame.Pixels)
		s.Frame = &frame
	}
	return s
}

// Shift adds to all times of the side data, µs.
func (s *Side) Shift(by int64) {
	s.T += by
	if f := s.Frame; f != nil {
		f.Start, f.End = f.Start+by, f.End+by
		f.ExposureStart, f.ExposureEnd = f.ExposureStart+by, f.ExposureEnd+by
	}
}
