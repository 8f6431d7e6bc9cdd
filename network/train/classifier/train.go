package classifier

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/network/train/bptt"
	"ganglion/network/train/exam"
	"ganglion/pipeline"
)

// Data is what a classifier learns from.
type Data struct {
	Samples       []exam.Sample
	Width, Height int // of the sensor, px
	// Read gives the events of a recording, in a slice of its own.
	Read func(path string) ([]pipeline.Event, error)
}

// Result is how a training went.
type Result struct {
	Examples   int          `json:"examples"`
	Epochs     int          `json:"epochs"`
	Loss       float64      `json:"loss"`
	Accuracy   float64      `json:"accuracy"` // while it learned, with variations
	Parameters int          `json:"parameters"`
	Test       *exam.Report `json:"test,omitempty"` // on what was held out
}

// Model is a network that was trained.
type Model struct {
	Graph   *nir.Graph
	Labels  []string // by output
	Profile nirnet.Profile
	Step    time.Duration
	Window  time.Duration
}

// Train trains a network on the samples of data, whose labels stand for its
// outputs in order. Each epoch is saved in file; with resume it continues from
// there, as if it had never stopped.
func (r Recipe) Train(ctx context.Context, data Data, labels []string, file bptt.File, resume bool,
	watch bptt.Watch) (*Model, *Result, error) {
	if len(labels) < 2 {
		return nil, nil, fmt.Errorf("classifier: %d labels (%q), want at least 2", len(labels), labels)
	}
	c, err := r.config(data.Width, data.Height, len(labels))
	if err != nil {
		return nil, nil, fmt.Errorf("classifier: %w", err)
	}
	task := &task{
		Samples: data.Samples, Classes: len(labels), Ranges: r.Vary, Seed: c.Seed, Width: data.Width, Height: data.Height,
		Window: r.Window, Step: c.Step, Smoothing: r.Smoothing, Read: data.Read,
	}
	for _, s := range data.Samples {
		if filepath.Ext(s.Path) == ".nird" {
			return nil, nil, fmt.Errorf("%s: a classifier is trained on events, not on NIRData", s.Path)
		}
		task.Labels = append(task.Labels, slices.Index(labels, s.Label))
	}
	if slices.Contains(task.Labels, -1) {
		return nil, nil, errors.New("classifier: a sample's label is not among the labels")
	}
	trainer, err := bptt.New(c)
	if err != nil {
		return nil, nil, err
	}
	if err := file.Train(ctx, trainer, task, resume, watch); err != nil {
		return nil, nil, err
	}
	net, last := trainer.Network(), trainer.Last()
	return &Model{net.Graph(), labels, net.Profile(), c.Step, r.Window},
		&Result{Examples: len(data.Samples), Epochs: c.Epochs, Loss: last.Loss, Accuracy: last.Accuracy, Parameters: net.Parameters()}, nil
}

// Test runs samples through the model on the engine, in full.
func (m *Model) Test(ctx context.Context, samples []exam.Sample, read func(string) ([]pipeline.Event, error),
	c exam.Config) (*exam.Report, error) {
	lowered, err := nirnet.Lower(m.Graph, m.Profile, m.Step)
	if err != nil {
		return nil, err
	}
	return exam.Run(ctx, lowered, samples, m.Labels, read, c)
}

// Describe is what the file says about the model: the command that makes it,
// the credit of its recordings, if any, and how its training went.
func (m *Model) Describe(command, credit string, r *Result) nir.Metadata {
	md := nir.Metadata{
		{Key: "command", Value: nir.String(command)},
		{Key: "labels", Value: nir.Text{Shape: []int{len(m.Labels)}, Values: m.Labels}},
		{Key: "profile", Value: nir.String(m.Profile.Name)},
		{Key: "step_s", Value: nir.Number(m.Step.Seconds())},
		{Key: "training", Value: nir.Metadata{
			{Key: "accuracy", Value: nir.Number(r.Accuracy)},
			{Key: "epochs", Value: nir.Number(float64(r.Epochs))},
			{Key: "loss", Value: nir.Number(r.Loss)},
			{Key: "parameters", Value: nir.Number(float64(r.Parameters))},
			{Key: "recordings", Value: nir.Number(float64(r.Examples))},
		}},
		{Key: "window_s", Value: nir.Number(m.Window.Seconds())},
	}
	if r.Test != nil {
		md = append(md, nir.Meta{Key: "test", Value: nir.Metadata{
			{Key: "accuracy", Value: nir.Number(r.Test.Accuracy)},
			{Key: "recordings", Value: nir.Number(float64(r.Test.N))},
		}})
	}
	if credit != "" {
		md = append(md, nir.Meta{Key: "data", Value: nir.String(credit)})
	}
	return md
}
