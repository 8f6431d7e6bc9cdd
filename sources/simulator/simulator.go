package simulator

import (
	"cmp"
	"io"
	"slices"
	"time"

	"ganglion/pipeline"
)

// FrameUS is the length of a [Frame] and the period of the truth, µs.
const FrameUS = 10_000

// Frame is what happened in one window of up to 10 ms.
type Frame struct {
	pipeline.Window
	Events []pipeline.Event // ascending by time, then row, column, polarity
	Causes []int32          // parallel to Events: an object's id, or [Background], [Shot], [Leak], [Hot]
	// Truth holds one entry for each object in sight at Window.End, none when
	// the recording ends within the frame's 10 ms.
	Truth []pipeline.Truth
}

// Simulator makes one recording, frame after frame.
type Simulator struct {
	config  Config
	end     int64 // µs
	now     int64 // µs, a multiple of stepUS
	stage   *stage
	canvas  *canvas
	sensor  *sensor
	noise   *noise
	witness *witness
	events  []caused // of the current step
}

type caused struct {
	pipeline.Event
	cause int32
}

// New sets a scene up at time 0. It draws the sensor's fixed pattern, which
// takes about 0.3 µs a pixel.
func New(c Config) (*Simulator, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	sc, err := findScene(c.Scene)
	if err != nil {
		return nil, err
	}
	if c.Duration == 0 {
		c.Duration = sc.defaultDuration()
	}
	rnd := source(mix(c.Seed))
	s := &Simulator{
		config: c, end: c.Duration.Microseconds(),
		stage: newStage(c, sc), canvas: newCanvas(c, sc, rnd),
		sensor: newSensor(c, rnd), noise: newNoise(c, sc.hot, rnd),
	}
	s.witness = &witness{canvas: s.canvas, tally: make([]tally, len(sc.actors))}
	s.witness.follow(s.stage.shapes)
	s.canvas.first(s.sensor, s.stage.shapes)
	return s, nil
}

// Duration is the length of the recording.
func (s *Simulator) Duration() time.Duration { return s.config.Duration }

// Next fills f with the next frame, reusing its memory, and returns io.EOF
// after the last.
func (s *Simulator) Next(f *Frame) error {
	f.Events, f.Causes, f.Truth = f.Events[:0], f.Causes[:0], f.Truth[:0]
	if s.now >= s.end {
		return io.EOF
	}
	f.Window = pipeline.Window{Start: s.now, End: min(s.now+FrameUS, s.end)}
	for s.now < f.End {
		s.step()
		for _, e := range s.events {
			if e.T < f.End {
				f.Events = append(f.Events, e.Event)
				f.Causes = append(f.Causes, e.cause)
			}
		}
	}
	if s.now == f.Start+FrameUS && f.End == s.now {
		f.Truth = s.witness.tell(s.stage.shapes, s.now, f.Truth)
	}
	return nil
}

// step advances everything by one step and leaves its events, sorted.
func (s *Simulator) step() {
	s.events = s.events[:0]
	s.noise.step(s.now, s.noiseEvent)
	s.stage.moveTo(s.now + stepUS)
	s.witness.follow(s.stage.shapes)
	s.canvas.draw(s.sensor, s.stage.shapes, s.now+stepUS)
	s.sensor.step(s.now, s.signalEvent)
	s.now += stepUS
	slices.SortFunc(s.events, func(a, b caused) int {
		return cmp.Or(cmp.Compare(a.T, b.T), cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X),
			cmp.Compare(a.P, b.P), cmp.Compare(a.cause, b.cause))
	})
}

func (s *Simulator) noiseEvent(k *clock, p uint8) {
	s.add(k.pixel, k.next, p, k.cause())
}

func (s *Simulator) signalEvent(i uint32, t int64, p uint8) {
	by := cause(s.stage.shapes, int(i)%s.config.Width, int(i)/s.config.Width)
	if s.add(i, t, p, by) && by > 0 {
		s.witness.count(by)
	}
}

// add records an event unless the pixel is refractory.
func (s *Simulator) add(i uint32, t int64, p uint8, by int32) bool {
	last := &s.sensor.pixels[i].last
	if d := t - *last; -refractoryUS < d && d < refractoryUS {
		return false
	}
	*last = max(*last, t)
	x, y := int(i)%s.config.Width, int(i)/s.config.Width
	s.events = append(s.events, caused{pipeline.Event{T: t, X: uint16(x), Y: uint16(y), P: p}, by})
	return true
}
