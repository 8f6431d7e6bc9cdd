package simulator

import (
	"io"
	"slices"
	"time"

	"ganglion/internal/random"
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
	// Gyro holds what the gyroscope of a camera that moves tells in the window, each
	// 1 ms, with a bias and noise; none of a scene whose camera stands still.
	Gyro []pipeline.AngularRate
}

// Simulator makes one recording, frame after frame.
type Simulator struct {
	config  Config
	end     int64 // µs
	stepUS  int64
	now     int64 // µs, a multiple of stepUS
	stage   *stage
	canvas  *canvas
	sensor  *sensor
	noise   *noise
	witness *witness
	events  []packed // of the current step
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
	rnd := source(random.Mix(c.Seed))
	step := int64(fineStepUS)
	if sc.texture {
		step = coarseStepUS
	}
	s := &Simulator{
		config: c, end: c.Duration.Microseconds(), stepUS: step,
		stage: newStage(c, sc), canvas: newCanvas(c, sc, rnd),
		sensor: newSensor(c, step, rnd), noise: newNoise(c, sc.hot, step, rnd),
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
	f.Events, f.Causes, f.Truth, f.Gyro = f.Events[:0], f.Causes[:0], f.Truth[:0], f.Gyro[:0]
	if s.now >= s.end {
		return io.EOF
	}
	f.Window = pipeline.Window{Start: s.now, End: min(s.now+FrameUS, s.end)}
	if s.canvas.scene.texture {
		f.Gyro = s.canvas.lens.gyro(f.Window, f.Gyro)
	}
	for s.now < f.End {
		s.step()
		for _, p := range s.events {
			if e, cause := p.unpack(s.now - s.stepUS); e.T < f.End {
				f.Events = append(f.Events, e)
				f.Causes = append(f.Causes, cause)
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
	next := s.now + s.stepUS
	s.noise.step(s.now, s.noiseEvent)
	s.stage.moveTo(next)
	s.witness.follow(s.stage.shapes)
	s.canvas.draw(s.sensor, s.stage.shapes, next)
	s.sensor.step(s.now, s.signalEvent)
	s.now = next
	slices.Sort(s.events)
}

func (s *Simulator) noiseEvent(k *clock, p uint8) {
	x, y := k.at()
	s.add(x, y, k.next, p, k.cause())
}

func (s *Simulator) signalEvent(i uint32, t int64, p uint8) {
	x, y := int(i)%s.config.Width, int(i)/s.config.Width
	by := cause(s.stage.shapes, x, y)
	if s.add(x, y, t, p, by) && by > 0 {
		s.witness.count(by)
	}
}

// add records an event unless its pixel is refractory.
func (s *Simulator) add(x, y int, t int64, p uint8, by int32) bool {
	last := &s.sensor.pixels[y*s.config.Width+x].last
	if d := t - *last; -refractoryUS < d && d < refractoryUS {
		return false
	}
	*last = max(*last, t)
	s.events = append(s.events, pack(t-s.now, x, y, p, by))
	return true
}
