package digits

import (
	"fmt"
	"sync"

	"ganglion/internal/random"
	"ganglion/network/train/words"
	"ganglion/pipeline"
)

// Ranges are what variations are drawn from.
type Ranges struct {
	Gain    words.Range `key:"gain" doc:"Loudness." unit:"dB"`
	Stretch words.Range `key:"stretch" doc:"Factor of the duration, even in its logarithm." min:"0.1" max:"10"`
	Shift   words.Range `key:"shift" doc:"Factor of all frequencies, even in its logarithm." min:"0.1" max:"10"`
	Tilt    words.Range `key:"tilt" doc:"Slope of the spectrum from the lowest to the highest band." unit:"dB"`
	SNR     words.Range `key:"snr" doc:"A word to the noise around it." unit:"dB"`
}

// draw draws a variation.
func (r Ranges) draw(key random.Key) words.Variation {
	return words.Variation{
		Gain: r.Gain.Draw(key, 0), Stretch: r.Stretch.DrawFactor(key, 1), Shift: r.Shift.DrawFactor(key, 2), Tilt: r.Tilt.Draw(key, 3),
	}
}

// examples are labelled clips to learn, each alone in a window of noise. They may
// be used from several goroutines.
type examples struct {
	Clips  []words.Clip
	Labels []int      // by clip
	Noise  words.Clip // white, long
	Ranges Ranges
	Steps  int
	Seed   uint64

	ear    *words.Ear
	scenes sync.Pool
}

// noiseSeconds is how long the noise of Words lasts before it comes again.
const noiseSeconds = 60

// newExamples makes words without clips, in windows of steps frames.
func newExamples(e *words.Ear, steps int, r Ranges, seed uint64) *examples {
	w := &examples{Ranges: r, Steps: steps, Seed: seed, ear: e}
	w.Noise = e.Clip(words.White(noiseSeconds*e.Rate(), random.New(seed).With(forNoise)))
	w.scenes.New = func() any { return e.NewScene(steps) }
	return w
}

const (
	forNoise = iota
	forWord
)

// add adds a word.
func (w *examples) add(pcm []float32, label int) {
	w.Clips, w.Labels = append(w.Clips, w.ear.Clip(pcm)), append(w.Labels, label)
}

// Len is the number of words.
func (w *examples) Len() int { return len(w.Clips) }

// Sample appends word i as epoch e hears it.
func (w *examples) Sample(epoch, i int, out *pipeline.Spikes) error {
	if i < 0 || i >= len(w.Clips) {
		return fmt.Errorf("digits: word %d of %d", i, len(w.Clips))
	}
	key := random.New(w.Seed).With(forWord, uint64(epoch), uint64(i))
	s := w.scenes.Get().(*words.Scene)
	defer w.scenes.Put(s)
	s.Reset()
	c := w.Clips[i]
	v := w.Ranges.draw(key)
	room := w.Steps - v.Length(c)
	at := key.With(1).Below(0, max(room, -room)+1)
	if room < 0 {
		at = -at
	}
	s.Add(c, at, v)
	snr := w.Ranges.SNR.Draw(key, 4)
	level := c.Level * words.Decibels(v.Gain-snr)
	s.AddNoise(w.Noise, key.With(2).Below(0, w.Noise.Frames), level, w.ear.Colour(words.Corner(key.With(3))))
	s.Encode(out)
	return nil
}
