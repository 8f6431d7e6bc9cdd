package digits

import (
	"context"
	"slices"

	"ganglion/network/sound/hearing"
	"ganglion/network/train/bptt"
	"ganglion/network/train/words"
)

// Result is how a training went.
type Result struct {
	Examples   int     `json:"examples"`
	Epochs     int     `json:"epochs"`
	Loss       float64 `json:"loss"`
	Accuracy   float64 `json:"accuracy"`
	Parameters int     `json:"parameters"`
	Test       []Test  `json:"test"`
}

// Test is the result on what was held out.
type Test struct {
	SNR      float64 `json:"snr_db"`
	N        int     `json:"n"`
	Accuracy float64 `json:"accuracy"`
}

// testSNR are the signal-to-noise ratios that a model is tested at, dB.
var testSNR = []float64{45, 20, 10}

// task is the words as a task of the trainer.
type task struct {
	*examples
	classes int
	recipe  *Recipe
}

func (t task) Loss(_, i int, logits, grad []float32) (float64, bool) {
	return t.recipe.Pool.Loss(logits, grad, t.classes, t.Labels[i], t.recipe.Smoothing)
}

// Train trains a network on words. Each epoch is saved in file; with resume it
// continues from there, as if it had never stopped.
func (r Recipe) Train(ctx context.Context, all []Word, file bptt.File, resume bool, watch bptt.Watch) (*Model, *Result, error) {
	ear, err := words.NewEar(r.Encoder, Rate)
	if err != nil {
		return nil, nil, err
	}
	labels := labelsOf(all)
	c := r.Training
	c.Step = r.Encoder.Mel.Hop
	c.Inputs, c.Classes, c.Steps = ear.Inputs(), len(labels), int(r.Window/c.Step)
	t := task{newExamples(ear, c.Steps, r.Vary, c.Seed), len(labels), &r}
	for _, w := range all {
		t.add(w.PCM, slices.Index(labels, w.Label))
	}
	trainer, err := bptt.New(c)
	if err != nil {
		return nil, nil, err
	}
	if err := file.Train(ctx, trainer, t, resume, watch); err != nil {
		return nil, nil, err
	}
	result := &Result{Examples: len(all), Epochs: c.Epochs}
	net := trainer.Network()
	last := trainer.Last()
	result.Loss, result.Accuracy, result.Parameters = last.Loss, last.Accuracy, net.Parameters()
	m := &Model{hearing.Ear{Encoder: r.Encoder, Rate: Rate, Step: c.Step, Profile: net.Profile()}, labels, r.Window, net.Graph(), r.Pool}
	return m, result, nil
}

// TestHeldOut tests a model on words that it was not trained on, in more and
// more noise.
func (m *Model) TestHeldOut(ctx context.Context, held []Word, result *Result) error {
	for _, snr := range testSNR {
		c, err := m.Test(ctx, held, snr, 1)
		if err != nil {
			return err
		}
		result.Test = append(result.Test, Test{snr, c.N, c.Accuracy})
	}
	return nil
}

// labelsOf lists the labels of words, ascending.
func labelsOf(all []Word) []string {
	var labels []string
	for _, w := range all {
		labels = append(labels, w.Label)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}
