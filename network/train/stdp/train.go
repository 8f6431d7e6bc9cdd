package stdp

import (
	"context"
	"fmt"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
)

// Result is a trained network and how good it is.
type Result struct {
	Graph     *nir.Graph `json:"-"` // features and readout
	Classes   int        `json:"classes"`
	Learned   int        `json:"learned"` // recordings that features were learned from, without labels
	Train     int        `json:"train"`   // recordings the readout was fitted to
	Test      int        `json:"test"`
	TrainRate float64    `json:"train_accuracy"`
	TestRate  float64    `json:"test_accuracy"`
	Drift     float64    `json:"drift"`     // of the plastic weights from where they began, relative
	Confusion [][]int    `json:"confusion"` // of the test: [class][decision]
}

// The stages that Train reports its progress in.
const (
	stageLearning = "learning features"
	stageCounting = "counting spikes"
	stageTesting  = "testing"
)

// Train learns features without labels, fits a readout to the labels of four
// fifths of the recordings, and tests the network on the others. progress,
// which may be nil, hears how far each stage is.
func Train(ctx context.Context, c Config, recordings []Recording, progress func(stage string, done, total int)) (*Result, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("stdp: %w", err)
	}
	if progress == nil {
		progress = func(string, int, int) {}
	}
	r, err := run(ctx, c, recordings, progress)
	if err != nil {
		return nil, fmt.Errorf("stdp: %w", err)
	}
	return r, nil
}

func run(ctx context.Context, c Config, recordings []Recording, progress func(stage string, done, total int)) (*Result, error) {
	train, test, classes, err := split(c, recordings)
	if err != nil {
		return nil, err
	}
	at := func(stage string) func(done, total int) {
		return func(done, total int) { progress(stage, done, total) }
	}
	seen := train[:min(c.Learn, len(train))]
	f, err := learn(ctx, c, seen, at(stageLearning))
	if err != nil {
		return nil, err
	}
	counts, err := c.outputs(ctx, c.graph(f, nil), train, at(stageCounting))
	if err != nil {
		return nil, err
	}
	readout, err := ridge(counts, labels(train), classes, c.Ridge)
	if err != nil {
		return nil, err
	}
	r := &Result{Graph: c.graph(f, readout), Classes: classes, Learned: len(seen), Train: len(train), Test: len(test), Drift: f.drift}
	for i, s := range train {
		if class(scores(readout, counts[i])) == s.label {
			r.TrainRate += 1 / float64(len(train))
		}
	}
	return r, r.test(ctx, c, test, at(stageTesting))
}

// test runs the test samples through the finished graph.
func (r *Result) test(ctx context.Context, c Config, test []sample, progress func(done, total int)) error {
	out, err := c.outputs(ctx, r.Graph, test, progress)
	if err != nil {
		return err
	}
	r.Confusion = make([][]int, r.Classes)
	for k := range r.Confusion {
		r.Confusion[k] = make([]int, r.Classes)
	}
	right := 0
	for i, s := range test {
		decision := class(out[i])
		r.Confusion[s.label][decision]++
		if decision == s.label {
			right++
		}
	}
	r.TestRate = float64(right) / float64(len(test))
	return nil
}

// outputs sums the output of a graph over each sample.
func (c Config) outputs(ctx context.Context, g *nir.Graph, samples []sample, progress func(done, total int)) ([][]float64, error) {
	profile, err := nirnet.ProfileByName(Profile)
	if err != nil {
		return nil, err
	}
	profile.DT = c.Step.Seconds()
	l, err := nirnet.Lower(g, profile, c.Step)
	if err != nil {
		return nil, err
	}
	return outputs(ctx, l, samples, progress)
}

// Profile is the numeric profile that a trained network is run with, and the
// time step of its equations is the network's step.
const Profile = "norse"

func labels(samples []sample) []int {
	var all []int
	for _, s := range samples {
		all = append(all, s.label)
	}
	return all
}

func scores(readout [][]float64, counts []float64) []float64 {
	all := make([]float64, len(readout))
	for k, w := range readout {
		for j, v := range counts {
			all[k] += float64(w[j] * v)
		}
	}
	return all
}
