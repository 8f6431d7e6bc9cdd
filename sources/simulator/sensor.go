package simulator

import (
	"math"

	"ganglion/pipeline"
)

// The pixel model, after v2e (Hu, Liu, Delbruck 2021, section 3).
const (
	stepUS = 500 // one step, µs: 2 kHz

	cutoffHz = 200. // low-pass corner at full intensity (v2e: 300, its noisy setting 30)
	dimShare = .1   // share of the corner that is left in darkness

	threshold       = .2  // mean change of ln(I+1) that makes an event
	thresholdSpread = .03 // its standard deviation over the pixels
	minThreshold    = .05

	refractoryUS = 500 // a pixel's shortest time between two events

	settled = 1e-3 // a pixel sleeps when its filter is this close to its target
)

// pixel is the state of one pixel of the sensor.
type pixel struct {
	filtered float32 // low-passed log intensity
	base     float32 // its value at the last event
	target   float32 // log intensity
	gain     float32 // share of the distance to the target that a step covers
	on, off  float32 // thresholds
	last     int64   // time of the last event, µs
}

// sensor holds the pixels and the list of those that are awake.
type sensor struct {
	width  int
	pixels []pixel
	awake  []bool
	list   []uint32 // the pixels that are awake
}

func newSensor(c Config, rnd source) *sensor {
	n := c.Width * c.Height
	s := &sensor{width: c.Width, pixels: make([]pixel, n), awake: make([]bool, n), list: make([]uint32, 0, n)}
	draw := func(p purpose, i int) float32 {
		return float32(max(minThreshold, threshold+thresholdSpread*rnd.normal(p, pixelKey(i, c.Width), 0)))
	}
	for i := range s.pixels {
		s.pixels[i].on = draw(forOnThreshold, i)
		s.pixels[i].off = draw(forOffThreshold, i)
		s.pixels[i].last = math.MinInt64 / 2
	}
	return s
}

// pixelKey numbers pixels independently of the sensor's width.
func pixelKey(i, width int) uint64 { return uint64(i/width)<<16 | uint64(i%width) }

// settle makes intensity v what pixel i has always seen.
func (s *sensor) settle(i int, v float64) {
	p := &s.pixels[i]
	p.target, p.gain = tone(v)
	p.filtered, p.base = p.target, p.target
}

// see gives pixel i a new intensity and wakes it.
func (s *sensor) see(i int, v float64) {
	p := &s.pixels[i]
	target, gain := tone(v)
	if target == p.target {
		return
	}
	p.target, p.gain = target, gain
	if !s.awake[i] {
		s.awake[i] = true
		s.list = append(s.list, uint32(i))
	}
}

// step advances the pixels that are awake from t to t+stepUS and hands over
// each event.
func (s *sensor) step(t int64, emit func(i uint32, t int64, p uint8)) {
	kept := s.list[:0]
	for _, i := range s.list {
		p := &s.pixels[i]
		was := p.filtered
		p.filtered = was + float32(p.gain*(p.target-was))
		p.cross(i, was, t, emit)
		if d := p.target - p.filtered; d > settled || d < -settled {
			kept = append(kept, i)
		} else {
			s.awake[i] = false
		}
	}
	s.list = kept
}

// cross finds the events of one step, in which the filtered value went from
// was to p.filtered in a straight line.
func (p *pixel) cross(i uint32, was float32, t int64, emit func(i uint32, t int64, p uint8)) {
	for p.filtered-p.base >= p.on {
		p.base += p.on
		emit(i, t+p.share(was), pipeline.On)
	}
	for p.base-p.filtered >= p.off {
		p.base -= p.off
		emit(i, t+p.share(was), pipeline.Off)
	}
}

// share is how long after the begin of the step the filtered value met base, µs.
func (p *pixel) share(was float32) int64 {
	v := stepUS * float64((p.base-was)/(p.filtered-was))
	return int64(min(max(v, 0), stepUS-1))
}

// levelSteps is how finely an intensity is told apart: 1/16 of a grey level.
// It makes a table of the logarithm small, and the result independent of the
// last bit of a processor's arithmetic.
const levelSteps = 16

type toneEntry struct{ log, gain float32 }

var tones = func() (table [256 * levelSteps]toneEntry) {
	for i := range table {
		v := float64(i) / levelSteps
		corner := cutoffHz * (dimShare + (1-dimShare)*v/255)
		table[i] = toneEntry{
			log:  float32(math.Log(v + 1)),
			gain: float32(min(1, 2*math.Pi*corner*stepUS/1e6)),
		}
	}
	return table
}()

// tone is the log intensity ln(I+1) of intensity I and the low-pass gain of a
// step, 2 pi f dt with f = cutoff (.1 + .9 I/255).
func tone(v float64) (log, gain float32) {
	e := &tones[min(max(int(v*levelSteps+.5), 0), len(tones)-1)]
	return e.log, e.gain
}
