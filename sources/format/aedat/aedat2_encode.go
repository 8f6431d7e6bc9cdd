package aedat

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

var errNoSize = errors.New("needs the sensor's size")

func createAEDAT2(s *format.Sink) (format.Encoder, error) {
	chip, err := aedatChipFor(s.Info)
	return &aedat2Encoder{s: s, chip: chip}, err
}

type aedat2Encoder struct {
	s       *format.Sink
	chip    aedatChip
	t0      int64 // µs
	last    int64 // µs, since t0
	started bool
}

func (e *aedat2Encoder) Events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := &events[i]
		a, ok := e.chip.address(ev)
		if !ok {
			e.s.Lost.Add(format.AddressRange, 0, ev.T, 1)
			continue
		}
		if dst, ok = e.goTo(dst, ev.T); !ok {
			e.s.Lost.Add(format.TimeRange, 0, ev.T, 1)
			continue
		}
		dst = e.word(dst, a)
	}
	return dst
}

func (e *aedat2Encoder) word(dst []byte, a uint32) []byte {
	dst = binary.BigEndian.AppendUint32(dst, a)
	return binary.BigEndian.AppendUint32(dst, uint32(e.last))
}

// goTo moves to time t, or returns false when a reader would not get there: a
// step of 35 minutes or more looks like the counter's wrap.
func (e *aedat2Encoder) goTo(dst []byte, t int64) ([]byte, bool) {
	if !e.started {
		dst = e.start(dst, t)
		e.last = t - e.t0
		return dst, true
	}
	step := t - e.t0 - e.last
	if int64(int32(step)) != step {
		return dst, false
	}
	e.last += step
	return dst, true
}

// start writes the header; t0 is 0 as long as the counter can express the
// first time without it.
func (e *aedat2Encoder) start(dst []byte, t int64) []byte {
	e.started = true
	more := format.Header{{Key: aedatChipKey, Value: e.chip.class}}
	if e.s.Info.Width != e.chip.width || e.s.Info.Height != e.chip.height {
		more = append(more, format.Field{Key: aedatGeometry, Value: fmt.Sprintf("%dx%d", e.s.Info.Width, e.s.Info.Height)})
	}
	if t < math.MinInt32 || t > math.MaxInt32 {
		e.t0 = t &^ math.MaxInt32
		more = append(more, format.Field{Key: aedatT0, Value: strconv.FormatInt(e.t0, 10)})
	}
	return appendAEDATHeader(dst, e.s.Info.Header, more)
}

func (e *aedat2Encoder) Side(dst []byte, s *format.Side) []byte {
	edge := e.chip.davis && s.Kind == format.Trigger && s.Code == 0
	sample := e.chip.davis && s.Kind == format.IMUSample && s.IMU.Counts
	word := s.Kind == format.Special && s.Code == aedatWord && uint32(s.Value)&e.chip.special != 0
	if !edge && !sample && !word {
		e.s.Lose(s)
		return dst
	}
	dst, ok := e.goTo(dst, s.T)
	switch {
	case !ok:
		e.s.Lose(s)
	case edge:
		dst = e.word(dst, davisPin|davisFalling|uint32(s.Value&1))
	case word:
		dst = e.word(dst, uint32(s.Value))
	default:
		dst = e.sample(dst, s.IMU)
	}
	return dst
}

func (e *aedat2Encoder) sample(dst []byte, m *format.IMU) []byte {
	values := [imuValues]float32{m.Accel[0], m.Accel[1], m.Accel[2], m.Temperature, m.Gyro[0], m.Gyro[1], m.Gyro[2]}
	for i, v := range values {
		dst = e.word(dst, davisIMU|uint32(i)<<28|uint32(uint16(int16(v)))<<12)
	}
	return dst
}

func (e *aedat2Encoder) Finish(dst []byte) []byte {
	if !e.started {
		dst = e.start(dst, 0)
	}
	return dst
}
