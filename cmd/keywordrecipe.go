package cmd

import (
	"slices"
	"time"

	"ganglion/encoders/cochlea"
	"ganglion/encoders/code"
	"ganglion/network/train/bptt"
	recipe "ganglion/network/train/words"
	"ganglion/pipeline"
)

// keywordRecipe is how a word is trained: all that --set can change.
type keywordRecipe struct {
	Rate     int            `key:"rate" doc:"Sample rate that the network hears at." unit:"Hz" min:"1000" max:"192000"`
	Encoder  cochlea.Config `key:"encoder" doc:"The ear."`
	Training bptt.Config    `key:"training" doc:"The network and its training."`
	Windows  recipe.Plan    `key:"windows" doc:"What it learns from."`
	Aim      recipe.Aim     `key:"aim" doc:"What is wanted when."`
	Smooth   time.Duration  `key:"smooth" doc:"Smoothing of the posterior." min:"1ms" max:"10s"`
}

func keywordDefaults() keywordRecipe {
	r := keywordRecipe{
		Rate: 16_000, Encoder: cochlea.Defaults(), Training: bptt.Default(),
		Windows: recipe.DefaultPlan, Aim: recipe.DefaultAim, Smooth: 200 * time.Millisecond,
	}
	r.Encoder.Mel.High = 7600
	// Small batches, for the same windows in more steps miss fewer words
	// (docs/keywords.md); in two parts, for two cores.
	r.Training.Epochs, r.Training.Batch, r.Training.Part = 120, 16, 8
	return r
}

// newKeywordRecipe is the defaults with the values of --set.
func newKeywordRecipe(sets []string) (keywordRecipe, error) {
	r := keywordDefaults()
	if err := applySets(&r, sets); err != nil {
		return r, err
	}
	c := &r.Training
	c.Step, c.Steps, c.Classes = r.Encoder.Mel.Hop, r.Windows.Frames, len(keywordLabels(""))
	k, err := code.New(r.Encoder.Code, r.Encoder.Mel.Bands, c.Step.Microseconds())
	if err != nil {
		return r, usage(err)
	}
	c.Inputs = k.Channels() * r.Encoder.Mel.Bands
	if _, err := cochlea.NewMel(r.Encoder.Mel, r.Rate, 1); err != nil {
		return r, usage(err)
	}
	return r, nil
}

// keywordLabels are the classes of a network for one word.
func keywordLabels(word string) []string {
	labels := make([]string, 2)
	labels[recipe.Other], labels[recipe.Word] = "_other", word
	return labels
}

// powers is a recording as powers of bands, and the time of the first frame, µs.
func (r *keywordRecipe) powers(s sound) (recipe.Sound, int64) {
	m, err := cochlea.NewMel(r.Encoder.Mel, r.Rate, 1)
	if err != nil {
		panic(err) // newKeywordRecipe made one
	}
	out, first := recipe.Sound{Name: s.path}, int64(-1)
	m.Hear(0, s.pcm, func(t int64, power []float64) {
		if first < 0 {
			first = t
		}
		for _, p := range power {
			out.Power = append(out.Power, float32(p))
		}
	})
	return out, first
}

// clip is a recording of the word, or the part of it that has the word.
func (r *keywordRecipe) clip(s sound) (c recipe.Clip, ok bool) {
	from, to := s.around(r.Rate)
	s = sound{path: s.path, pcm: s.pcm[from:to]}
	var first int64
	c.Sound, first = r.powers(s)
	start, end := s.word(r.Rate)
	n := c.Frames(r.Encoder.Mel.Bands)
	frame := func(sample int) int {
		return max(0, min(int((micros(sample, r.Rate)-first)/r.Encoder.Mel.Hop.Microseconds())+1, n))
	}
	c.Start, c.End = frame(start), frame(end)
	return c, c.End > c.Start && c.End-c.Start < r.Windows.Frames-40
}

// material is what a network learns from.
func (r *keywordRecipe) material(positives, negatives, noise []sound) (m recipe.Material, unfit []string) {
	m.Bands = r.Encoder.Mel.Bands
	for _, s := range positives {
		if c, ok := r.clip(s); ok {
			m.Clips = append(m.Clips, c)
		} else {
			unfit = append(unfit, s.path)
		}
	}
	window := int(r.Encoder.Mel.Window.Seconds()*float64(r.Rate)) + 1
	for _, s := range negatives {
		if len(s.pcm) > 2*window {
			p, _ := r.powers(s)
			m.Speech = append(m.Speech, p)
		} else {
			unfit = append(unfit, s.path)
		}
	}
	for _, s := range noise {
		if len(s.pcm) > 2*window {
			p, _ := r.powers(s)
			m.Noise = append(m.Noise, p)
		} else {
			unfit = append(unfit, s.path)
		}
	}
	return m, slices.Clip(unfit)
}

// ear is the front end from the powers on. It implements [recipe.Front].
type ear struct {
	adapt  *cochlea.Adaptation
	code   code.Code
	values []float32
	frames int64
	hop    int64 // µs
}

func (r *keywordRecipe) newEar() recipe.Front {
	n, hop := r.Encoder.Mel.Bands, r.Encoder.Mel.Hop.Microseconds()
	k, err := code.New(r.Encoder.Code, n, hop)
	if err != nil {
		panic(err) // newKeywordRecipe made one
	}
	return &ear{adapt: cochlea.NewAdaptation(r.Encoder.Mel, n), code: k, values: make([]float32, n), hop: hop}
}

// Encode implements [recipe.Front].
func (e *ear) Encode(power []float64, out *pipeline.Spikes) {
	for n := len(e.values); len(power) >= n; power = power[n:] {
		e.adapt.Finish(e.values, power[:n])
		e.code.Append(e.frames*e.hop, e.values, out)
		e.frames++
	}
}
