package cmd

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"ganglion/encoders/cochlea"
	"ganglion/network/train/bptt"
	"ganglion/network/train/corpus"
	"ganglion/pipeline"
	"ganglion/sources/audio"
)

// digitsRecipe is how spoken digits are trained: all that --set can change.
type digitsRecipe struct {
	Encoder   cochlea.Config `key:"encoder"`
	Training  bptt.Config    `key:"training"`
	Vary      corpus.Ranges  `key:"vary"`
	Window    time.Duration  `key:"window" doc:"What the network hears of a word and the noise around it." min:"100ms" max:"10s"`
	Pool      bptt.Pool      `key:"pool" doc:"How the logits of all steps become one decision." enum:"mean-probability,mean-logit,max-logit"`
	Smoothing float64        `key:"smoothing" doc:"Label smoothing." min:"0" max:"0.5"`
}

// digitsRate is the sample rate that digits are heard at, Hz.
const digitsRate = 8000

func digitsDefaults() digitsRecipe {
	r := digitsRecipe{Encoder: cochlea.Defaults(), Training: bptt.Default(), Vary: corpus.Usual, Window: time.Second, Smoothing: .05, Pool: bptt.MeanLogit}
	r.Training.Epochs, r.Training.Rate, r.Training.Delay = 40, .03, 200*time.Millisecond
	return r
}

// newDigitsRecipe is the defaults with the values of --set.
func newDigitsRecipe(sets []string) (digitsRecipe, error) {
	r := digitsDefaults()
	if err := applySets(&r, sets); err != nil {
		return r, err
	}
	r.Training.Step = r.Encoder.Mel.Hop
	return r, nil
}

// digitsTask is the words as a task of the trainer.
type digitsTask struct {
	*corpus.Words
	classes int
	recipe  *digitsRecipe
}

func (t digitsTask) Loss(_, i int, logits, grad []float32) (float64, bool) {
	return t.recipe.Pool.Loss(logits, grad, t.classes, t.Labels[i], t.recipe.Smoothing)
}

// word is a recording and its sound.
type word struct {
	corpus.Recording
	pcm []float32
}

// readWords reads the recordings of a folder that want takes, mixed to one
// channel at a rate.
func readWords(ctx context.Context, dir string, rate int, want func(corpus.Recording) bool) ([]word, error) {
	recordings, _, err := corpus.Recordings(dir)
	if err != nil {
		return nil, err
	}
	var words []word
	for _, r := range recordings {
		if !want(r) {
			continue
		}
		pcm, _, damage, err := audio.Load(ctx, r.Path, rate)
		if err != nil {
			return nil, err
		}
		if len(damage) > 0 {
			return nil, fmt.Errorf("%s: %v", r.Path, damage[0])
		}
		words = append(words, word{r, pcm})
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("%s: no recording is left to take", dir)
	}
	return words, nil
}

// labelsOf lists the labels of words, ascending.
func labelsOf(words []word) []string {
	var labels []string
	for _, w := range words {
		labels = append(labels, w.Label)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// hearWord is the word in noise as spikes, from the first whole step on, and
// how many steps it takes.
func hearWord(c cochlea.Config, pcm []float32, rate int) (s pipeline.Spikes, steps int, err error) {
	e, err := cochlea.New(c, pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: rate, Channels: 1})
	if err != nil {
		return s, 0, err
	}
	b := pipeline.Batch{PCM: pcm}
	b.End = math.MaxInt64
	if _, err := e.Encode(&b, &s); err != nil {
		return s, 0, err
	}
	return s, int(int64(len(pcm)) * 1_000_000 / int64(rate) / c.Mel.Hop.Microseconds()), nil
}
