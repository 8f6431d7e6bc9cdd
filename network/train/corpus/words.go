package corpus

import (
	"fmt"
	"sync"

	"ganglion/internal/portable"
	"ganglion/internal/random"
	"ganglion/pipeline"
)

// Range is from Least to Most.
type Range struct {
	Least float64 `key:"least" doc:"Least."`
	Most  float64 `key:"most" doc:"Most."`
}

func (r Range) draw(key random.Key, n uint64) float64 { return key.Between(n, r.Least, r.Most) }

// Ranges are what variations are drawn from.
type Ranges struct {
	Gain    Range `key:"gain" doc:"Loudness." unit:"dB"`
	Stretch Range `key:"stretch" doc:"Factor of the duration, even in its logarithm." min:"0.1" max:"10"`
	Shift   Range `key:"shift" doc:"Factor of all frequencies, even in its logarithm." min:"0.1" max:"10"`
	Tilt    Range `key:"tilt" doc:"Slope of the spectrum." unit:"dB/octave"`
	SNR     Range `key:"snr" doc:"A word to the noise around it." unit:"dB"`
}

// Usual are the ranges of the digits.
var Usual = Ranges{
	Gain: Range{-20, 20}, Stretch: Range{.8, 1.25}, Shift: Range{.9, 1.12}, SNR: Range{5, 45},
}

// Draw draws a variation.
func (r Ranges) Draw(key random.Key) Variation {
	return Variation{
		Gain: r.Gain.draw(key, 0), Stretch: r.Stretch.drawFactor(key, 1), Shift: r.Shift.drawFactor(key, 2), Tilt: r.Tilt.draw(key, 3),
	}
}

// drawFactor draws evenly in the logarithm.
func (r Range) drawFactor(key random.Key, n uint64) float64 {
	return portable.Exp(key.Between(n, portable.Log(r.Least), portable.Log(r.Most)))
}

// Words are labelled clips to learn, each alone in a window of noise. They may
// be used from several goroutines.
type Words struct {
	Clips  []Clip
	Labels []int // by clip
	Noise  Clip  // white, long
	Ranges Ranges
	Steps  int
	Seed   uint64

	ear    *Ear
	scenes sync.Pool
}

// noiseSeconds is how long the noise of Words lasts before it comes again.
const noiseSeconds = 60

// NewWords makes words without clips, in windows of steps frames.
func (e *Ear) NewWords(steps int, r Ranges, seed uint64) *Words {
	w := &Words{Ranges: r, Steps: steps, Seed: seed, ear: e}
	w.Noise = e.Clip(White(noiseSeconds*e.rate, random.New(seed).With(forNoise)))
	w.scenes.New = func() any { return e.NewScene(steps) }
	return w
}

const (
	forNoise = iota
	forWord
)

// Add adds a word.
func (w *Words) Add(pcm []float32, label int) {
	w.Clips, w.Labels = append(w.Clips, w.ear.Clip(pcm)), append(w.Labels, label)
}

// Len is the number of words.
func (w *Words) Len() int { return len(w.Clips) }

// Sample appends word i as epoch e hears it.
func (w *Words) Sample(epoch, i int, out *pipeline.Spikes) error {
	if i < 0 || i >= len(w.Clips) {
		return fmt.Errorf("corpus: word %d of %d", i, len(w.Clips))
	}
	key := random.New(w.Seed).With(forWord, uint64(epoch), uint64(i))
	s := w.scenes.Get().(*Scene)
	defer w.scenes.Put(s)
	s.Reset()
	c := w.Clips[i]
	v := w.Ranges.Draw(key)
	room := w.Steps - v.Length(c)
	at := key.With(1).Below(0, max(room, -room)+1)
	if room < 0 {
		at = -at
	}
	s.Add(c, at, v)
	snr := w.Ranges.SNR.draw(key, 4)
	level := c.Level * decibels(v.Gain-snr)
	s.AddNoise(w.Noise, key.With(2).Below(0, w.Noise.Frames), level, w.ear.Colour(Corner(key.With(3))))
	s.Encode(out)
	return nil
}
