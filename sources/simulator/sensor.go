package simulator

import (
	"math"

	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// The pixel model, after v2e (Hu, Liu, Delbruck 2021, section 3).
const (
	fineStepUS   = 500  // one step, µs: 2 kHz
	coarseStepUS = 2000 // one step of a scene in which every pixel changes

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
	stepUS int64
	tones  []tone // by intensity, in steps of 1/levelSteps
	pixels []pixel
	awake  []bool
	list   []uint32 // the pixels that are awake
}

func newSensor(c Config, stepUS int64, rnd source) *sensor {
	n := c.Width * c.Height
	s := &sensor{
		stepUS: stepUS, tones: newTones(stepUS),
		pixels: make([]pixel, n), awake: make([]bool, n), list: make([]uint32, 0, n),
	}
	draw := func(p purpose, i int) float32 {
		return float32(max(minThreshold, threshold+float64(thresholdSpread*rnd.normal(p, uint64(pixelKey(i, c.Width)), 0))))
	}
	for i := range s.pixels {
		s.pixels[i].on = draw(forOnThreshold, i)
		s.pixels[i].off = draw(forOffThreshold, i)
		s.pixels[i].last = math.MinInt64 / 2
	}
	return s
}

// pixelKey numbers pixels independently of the sensor's width.
func pixelKey(i, width int) uint32 { return uint32(i/width)<<16 | uint32(i%width) }

// settle makes intensity v what pixel i has always seen.
func (s *sensor) settle(i int, v float64) {
	p, t := &s.pixels[i], s.tone(v)
	p.target, p.gain = t.log, t.gain
	p.filtered, p.base = t.log, t.log
}

// see gives pixel i a new intensity and wakes it.
func (s *sensor) see(i int, v float64) {
	p, t := &s.pixels[i], s.tone(v)
	if t.log == p.target {
		return
	}
	p.target, p.gain = t.log, t.gain
	if !s.awake[i] {
		s.awake[i] = true
		s.list = append(s.list, uint32(i))
	}
}

// step advances the pixels that are awake by one step from time t on and hands
// over each event.
func (s *sensor) step(t int64, emit func(i uint32, t int64, p uint8)) {
	kept := s.list[:0]
	for _, i := range s.list {
		p := &s.pixels[i]
		was := p.filtered
		p.filtered = was + float32(p.gain*(p.target-was))
		if d := p.filtered - p.base; d >= p.on || -d >= p.off {
			p.cross(i, was, window{t, s.stepUS}, emit)
		}
		if d := p.target - p.filtered; d > settled || d < -settled {
			kept = append(kept, i)
		} else {
			s.awake[i] = false
		}
	}
	s.list = kept
}

// window is a step: its begin and its length, µs.
type window struct{ start, length int64 }

// cross finds the events of one step, in which the filtered value went from
// was to p.filtered in a straight line.
func (p *pixel) cross(i uint32, was float32, w window, emit func(i uint32, t int64, p uint8)) {
	for p.filtered-p.base >= p.on {
		p.base += p.on
		emit(i, p.crossing(was, w), pipeline.On)
	}
	for p.base-p.filtered >= p.off {
		p.base -= p.off
		emit(i, p.crossing(was, w), pipeline.Off)
	}
}

// crossing is when the filtered value met base.
func (p *pixel) crossing(was float32, w window) int64 {
	v := float64(w.length) * float64((p.base-was)/(p.filtered-was))
	return w.start + int64(min(max(v, 0), float64(w.length-1)))
}

// levelSteps is how finely an intensity is told apart: 1/16 of a grey level.
// It makes a table of the logarithm small, and the result independent of the
// last bit of a processor's arithmetic.
const levelSteps = 16

// tone is what one intensity means to a pixel.
type tone struct{ log, gain float32 }

// newTones tabulates, for intensity I, ln(I+1) and the gain of a step. In 500
// µs the low-pass covers g = 2 pi f dt of its way, with f = cutoff (.1 + .9
// I/255); n times that step covers 1-(1-g)^n.
func newTones(stepUS int64) []tone {
	table := make([]tone, 255*levelSteps+1)
	for i := range table {
		v := float64(float64(i) / levelSteps)
		corner := cutoffHz * (dimShare + (1-dimShare)*v/255)
		g := min(1, 2*math.Pi*corner*fineStepUS/1e6)
		table[i] = tone{
			log:  float32(portable.Log(v + 1)),
			gain: float32(1 - portable.Pow(1-g, float64(stepUS)/fineStepUS)),
		}
	}
	return table
}

func (s *sensor) tone(v float64) *tone {
	return &s.tones[min(max(int(float64(v*levelSteps)+.5), 0), len(s.tones)-1)]
}
