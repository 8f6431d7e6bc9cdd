package words

import (
	"math"

	"ganglion/encoders/cochlea"
	"ganglion/encoders/code"
	"ganglion/pipeline"
)

// Variation is how a clip is changed. The zero value is not a change.
type Variation struct {
	Gain    float64 // dB
	Stretch float64 // factor of the duration; 0 for 1
	Shift   float64 // factor of all frequencies, as of a shorter vocal tract; 0 for 1
	Tilt    float64 // dB from the lowest to the highest band, half of it either way
}

// Scene is sound in the making: clips and noise are added as powers, then it is
// encoded. It keeps its memory and is used from one goroutine at a time.
type Scene struct {
	ear    *Ear
	Steps  int
	power  []float64 // [steps, bands]
	frame  []float64
	from   []float64 // by band: where it takes its power from
	weight []float64 // by band
}

// NewScene makes silence of some frames.
func (e *Ear) NewScene(steps int) *Scene {
	n := e.Bands()
	return &Scene{
		ear: e, Steps: steps, power: make([]float64, steps*n),
		frame: make([]float64, n), from: make([]float64, n), weight: make([]float64, n),
	}
}

// Reset makes the scene silent again.
func (s *Scene) Reset() { clear(s.power) }

// Length is how many frames a clip takes, varied.
func (v Variation) Length(c Clip) int {
	return int(math.Ceil(float64(c.Frames) * factor(v.Stretch)))
}

func factor(x float64) float64 {
	if x == 0 {
		return 1
	}
	return x
}

// Add adds a clip, varied, with its first frame at frame at, which may lie
// before the scene. What lies outside is lost.
func (s *Scene) Add(c Clip, at int, v Variation) {
	n := s.ear.Bands()
	stretch, shift := factor(v.Stretch), factor(v.Shift)
	for i, f := range s.ear.centres {
		s.from[i] = s.ear.place(f / shift)
		slope := float64(i)/float64(max(n-1, 1)) - .5
		s.weight[i] = Decibels(v.Gain + float64(v.Tilt*slope))
	}
	for j := max(at, 0); j < min(at+v.Length(c), s.Steps); j++ {
		place := float64(j-at) / stretch
		k := int(place)
		right := place - float64(k)
		if !s.between(c, k, right) {
			continue
		}
		row := s.power[j*n : (j+1)*n]
		for i := range row {
			row[i] += float64(s.weight[i] * take(s.frame, s.from[i]))
		}
	}
}

// between writes the powers of a clip a part right from frame k to the next.
func (s *Scene) between(c Clip, k int, right float64) bool {
	n := len(s.frame)
	if k >= c.Frames {
		return false
	}
	a := c.Power[k*n : (k+1)*n]
	if right == 0 {
		copy(s.frame, a)
		return true
	}
	for i, p := range a {
		s.frame[i] = float64((1 - right) * p)
	}
	if k+1 < c.Frames {
		for i, p := range c.Power[(k+1)*n : (k+2)*n] {
			s.frame[i] += float64(right * p)
		}
	}
	return true
}

// take is the power at a place between the bands.
func take(p []float64, place float64) float64 {
	if place < 0 || place > float64(len(p)-1) {
		return 0
	}
	k := int(place)
	right := place - float64(k)
	v := float64((1 - right) * p[k])
	if right > 0 {
		v += float64(right * p[k+1])
	}
	return v
}

// AddNoise adds a noise from one of its frames on, over and over, over the
// whole scene. level is its mean power, all bands together; each band is
// weighted by colour, which may be nil. Recorded noise rises and falls:
// [Scene.AddRecorded].
func (s *Scene) AddNoise(c Clip, from int, level float64, colour []float64) {
	var mean float64
	for i, p := range c.Mean {
		mean += float64(p * weight(colour, i))
	}
	if mean > 0 {
		s.loop(c, from, level/mean, colour)
	}
}

// AddRecorded is AddNoise for a level that is the mean over what the scene
// holds of the noise.
func (s *Scene) AddRecorded(c Clip, from int, level float64) {
	n := s.ear.Bands()
	var sum float64
	for j := range s.Steps {
		k := (from + j) % c.Frames
		for _, p := range c.Power[k*n : (k+1)*n] {
			sum += p
		}
	}
	if sum > 0 {
		s.loop(c, from, level*float64(s.Steps)/sum, nil)
	}
}

func (s *Scene) loop(c Clip, from int, scale float64, colour []float64) {
	n := s.ear.Bands()
	for j := range s.Steps {
		k := (from + j) % c.Frames
		row := s.power[j*n : (j+1)*n]
		for i, p := range c.Power[k*n : (k+1)*n] {
			row[i] += float64(scale * p * weight(colour, i))
		}
	}
}

func weight(colour []float64, i int) float64 {
	if colour == nil {
		return 1
	}
	return colour[i]
}

// Powers are the powers of the bands of all frames, [Steps, bands], to read or
// to change.
func (s *Scene) Powers() []float64 { return s.power }

// Encode appends the spikes of the scene, heard by an ear that was in silence
// before. Frame k has the time k hops.
func (s *Scene) Encode(out *pipeline.Spikes) { s.ear.NewFront().Encode(s.power, out) }

// Front is an ear from the powers on, with what it has heard.
type Front struct {
	adapt  *cochlea.Adaptation
	code   code.Code
	frame  []float64
	values []float32
	frames int64
	hop    int64 // µs
}

// NewFront makes a front that has heard nothing.
func (e *Ear) NewFront() *Front {
	k, err := code.New(e.config.Code, e.Bands(), e.hop())
	if err != nil {
		panic(err) // NewEar made one
	}
	n := e.Bands()
	return &Front{adapt: cochlea.NewAdaptation(e.config.Mel, n), code: k, frame: make([]float64, n), values: make([]float32, n), hop: e.hop()}
}

// Encode appends the spikes of the frames in power, [frames, bands]. Frame k of
// all that the front has been given has the time k hops.
func (f *Front) Encode(power []float64, out *pipeline.Spikes) {
	for n := len(f.frame); len(power) >= n; power = power[n:] {
		copy(f.frame, power)
		f.adapt.Finish(f.values, f.frame)
		f.code.Append(f.frames*f.hop, f.values, out)
		f.frames++
	}
}
