package spotting

import (
	"slices"
	"time"

	"ganglion/encoders/cochlea"
	"ganglion/encoders/code"
	"ganglion/network/sound/hearing"
	"ganglion/network/train/bptt"
	"ganglion/pipeline"
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
		Rate: 16_000, Encoder: cochlea.Defaults(), Training: bptt.Default(),
		Windows: DefaultPlan, Aim: DefaultAim, Smooth: 200 * time.Millisecond,
	}
	r.Encoder.Mel.High = 7600
	// Small batches, for the same windows in more steps miss fewer words
	// (docs/keywords.md); in two parts, for two cores.
	r.Training.Epochs, r.Training.Batch, r.Training.Part = 120, 16, 8
	return r
}

// Settle derives what follows from the rest of the recipe, and refuses an ear
// that cannot be built.
func (r *Recipe) Settle() error {
	c := &r.Training
	c.Step, c.Steps, c.Classes = r.Encoder.Mel.Hop, r.Windows.Frames, classes
	k, err := code.New(r.Encoder.Code, r.Encoder.Mel.Bands, c.Step.Microseconds())
	if err != nil {
		return err
	}
	c.Inputs = k.Channels() * r.Encoder.Mel.Bands
	_, err = cochlea.NewMel(r.Encoder.Mel, r.Rate, 1)
	return err
}

// labelsOf are the classes of a network for one word.
func labelsOf(word string) []string {
	labels := make([]string, 2)
	labels[Other], labels[Word] = "_other", word
	return labels
}

// powers is a recording as powers of bands, and the time of the first frame, µs.
func (r *Recipe) powers(s hearing.Recording) (Sound, int64) {
	m, err := cochlea.NewMel(r.Encoder.Mel, r.Rate, 1)
	if err != nil {
		panic(err) // Settle made one
	}
	out, first := Sound{Name: s.Path}, int64(-1)
	m.Hear(0, s.PCM, func(t int64, power []float64) {
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
func (r *Recipe) clip(s hearing.Recording) (c Clip, ok bool) {
	from, to := s.Around(r.Rate)
	s = hearing.Recording{Path: s.Path, PCM: s.PCM[from:to]}
	var first int64
	c.Sound, first = r.powers(s)
	start, end := s.Word(r.Rate)
	n := c.Frames(r.Encoder.Mel.Bands)
	frame := func(sample int) int {
		return max(0, min(int((hearing.Micros(sample, r.Rate)-first)/r.Encoder.Mel.Hop.Microseconds())+1, n))
	}
	c.Start, c.End = frame(start), frame(end)
	return c, c.End > c.Start && c.End-c.Start < r.Windows.Frames-40
}

// material is what a network learns from.
func (r *Recipe) material(positives, negatives, noise []hearing.Recording) (m Material, unfit []string) {
	m.Bands = r.Encoder.Mel.Bands
	for _, s := range positives {
		if c, ok := r.clip(s); ok {
			m.Clips = append(m.Clips, c)
		} else {
			unfit = append(unfit, s.Path)
		}
	}
	window := int(r.Encoder.Mel.Window.Seconds()*float64(r.Rate)) + 1
	for _, s := range negatives {
		if len(s.PCM) > 2*window {
			p, _ := r.powers(s)
			m.Speech = append(m.Speech, p)
		} else {
			unfit = append(unfit, s.Path)
		}
	}
	for _, s := range noise {
		if len(s.PCM) > 2*window {
			p, _ := r.powers(s)
			m.Noise = append(m.Noise, p)
		} else {
			unfit = append(unfit, s.Path)
		}
	}
	return m, slices.Clip(unfit)
}

// ear is the front end from the powers on. It implements [Front].
type ear struct {
	adapt  *cochlea.Adaptation
	code   code.Code
	values []float32
	frames int64
	hop    int64 // µs
}

func (r *Recipe) newEar() Front {
	n, hop := r.Encoder.Mel.Bands, r.Encoder.Mel.Hop.Microseconds()
	k, err := code.New(r.Encoder.Code, n, hop)
	if err != nil {
		panic(err) // Settle made one
	}
	return &ear{adapt: cochlea.NewAdaptation(r.Encoder.Mel, n), code: k, values: make([]float32, n), hop: hop}
}

// Encode implements [Front].
func (e *ear) Encode(power []float64, out *pipeline.Spikes) {
	for n := len(e.values); len(power) >= n; power = power[n:] {
		e.adapt.Finish(e.values, power[:n])
		e.code.Append(e.frames*e.hop, e.values, out)
		e.frames++
	}
}
