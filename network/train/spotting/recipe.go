package spotting

import (
	"slices"
	"time"

	"ganglion/encoders/cochlea"
	"ganglion/network/sound/hearing"
	"ganglion/network/train/bptt"
	"ganglion/network/train/words"
)

// Recipe is how a word is trained: all that --set can change.
type Recipe struct {
	Rate     int            `key:"rate" doc:"Sample rate that the network hears at." unit:"Hz" min:"1000" max:"192000"`
	Encoder  cochlea.Config `key:"encoder" doc:"The ear."`
	Training bptt.Config    `key:"training" doc:"The network and its training."`
	Windows  Plan           `key:"windows" doc:"What it learns from."`
	Aim      Aim            `key:"aim" doc:"What is wanted when."`
	Smooth   time.Duration  `key:"smooth" doc:"Smoothing of the posterior." min:"1ms" max:"10s"`
}

// NewDefaultRecipe suits a word of about a second and a two-core computer.
func NewDefaultRecipe() Recipe {
	r := Recipe{
		Rate: 16_000, Encoder: cochlea.NewDefaultConfig(), Training: bptt.NewDefaultConfig(),
		Windows: defaultPlan(), Aim: defaultAim(), Smooth: 200 * time.Millisecond,
	}
	r.Encoder.Mel.High = 7600
	// Small batches, for the same windows in more steps miss fewer words
	// (docs/keywords.md); in two parts, for two cores.
	r.Training.Epochs, r.Training.Batch, r.Training.Part = 120, 16, 8
	// Delays in the recurrence miss a third as many words or fewer.
	r.Training.Delay = 200 * time.Millisecond
	return r
}

// leastWords is how many windows with the word a network learns from at least:
// with fewer, from few recordings, it has not finished learning. More cost time:
// 10,000 from 30 recordings took 114 CPU seconds a round.
const leastWords = 4_500

// Enough raises the number of epochs where there are so few recordings of the
// word that it would be heard too seldom.
func (r *Recipe) Enough(recordings int) {
	r.Training.Epochs = max(r.Training.Epochs, leastWords/max(recordings, 1))
}

// Settle derives what follows from the rest of the recipe, and refuses an ear
// that cannot be built.
func (r *Recipe) Settle() error {
	c := &r.Training
	c.Step, c.Steps, c.Classes = r.Encoder.Mel.Hop, r.Windows.Frames, wordClass+1
	ear, err := words.NewEar(r.Encoder, r.Rate)
	if err != nil {
		return err
	}
	c.Inputs = ear.Inputs()
	return nil
}

// labelsOf are the classes of a network for one word.
func labelsOf(word string) []string {
	labels := make([]string, 2)
	labels[otherClass], labels[wordClass] = "_other", word
	return labels
}

// clip is a recording of the word, or the part of it that has the word.
func (r *Recipe) clip(ear *words.Ear, s hearing.Recording) (c clip, ok bool) {
	from, to := s.Around(r.Rate)
	s = hearing.Recording{Path: s.Path, PCM: s.PCM[from:to]}
	var first int64
	c.Clip, first = ear.Hear(s.PCM)
	start, end := s.Word(r.Rate)
	n := c.Frames
	frame := func(sample int) int {
		return max(0, min(int((hearing.Micros(sample, r.Rate)-first)/r.Encoder.Mel.Hop.Microseconds())+1, n))
	}
	c.Start, c.End = frame(start), frame(end)
	return c, c.End > c.Start && c.End-c.Start < r.Windows.Frames-40
}

// material is what a network learns from.
func (r *Recipe) material(ear *words.Ear, positives, negatives, noise []hearing.Recording) (m material, unfit []string) {
	for _, s := range positives {
		if c, ok := r.clip(ear, s); ok {
			m.Clips = append(m.Clips, c)
		} else {
			unfit = append(unfit, s.Path)
		}
	}
	window := int(r.Encoder.Mel.Window.Seconds()*float64(r.Rate)) + 1
	for _, s := range negatives {
		if len(s.PCM) > 2*window {
			p, _ := ear.Hear(s.PCM)
			m.Speech = append(m.Speech, p)
		} else {
			unfit = append(unfit, s.Path)
		}
	}
	for _, s := range noise {
		if len(s.PCM) > 2*window {
			p, _ := ear.Hear(s.PCM)
			m.Noise = append(m.Noise, p)
		} else {
			unfit = append(unfit, s.Path)
		}
	}
	return m, slices.Clip(unfit)
}
