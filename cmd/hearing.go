package cmd

import (
	"errors"
	"fmt"

	"ganglion/network/nir"
	"ganglion/network/train/bptt"
)

// metadata is what a file says about the model, for [readHearing] and people.
func (h *hearing) metadata(command, credit string, t *digitsTraining) nir.Metadata {
	test := nir.Metadata{}
	for _, r := range t.Test {
		test = append(test, nir.Meta{Key: fmt.Sprintf("accuracy_%g_db", r.SNR), Value: number(r.Accuracy)})
	}
	if len(t.Test) > 0 {
		test = append(test, nir.Meta{Key: "words", Value: number(float64(t.Test[0].N))})
	}
	m := nir.Metadata{
		{Key: "command", Value: text(command)},
		{Key: "decision", Value: text(string(h.pool))},
		{Key: "encoder", Value: settings(&h.encoder)},
		{Key: "labels", Value: nir.Text{Shape: []int{len(h.labels)}, Values: h.labels}},
		{Key: "profile", Value: text(h.profile.Name)},
		{Key: "rate_hz", Value: number(float64(h.rate))},
		{Key: "step_s", Value: number(h.step.Seconds())},
		{Key: "test", Value: test},
		{Key: "training", Value: nir.Metadata{
			{Key: "accuracy", Value: number(t.Accuracy)},
			{Key: "epochs", Value: number(float64(t.Epochs))},
			{Key: "loss", Value: number(t.Loss)},
			{Key: "parameters", Value: number(float64(t.Parameters))},
			{Key: "words", Value: number(float64(t.Examples))},
		}},
		{Key: "window_s", Value: number(h.window.Seconds())},
	}
	if credit != "" {
		m = append(m, nir.Meta{Key: "data", Value: text(credit)})
	}
	return m
}

// readHearing reads a model that train digits wrote.
func readHearing(path string) (*hearing, error) {
	m, err := nir.ReadFile(path, nir.Options{})
	if err != nil {
		return nil, err
	}
	h, err := hearingOf(m.Graph)
	if err != nil {
		return nil, fmt.Errorf("%s: metadata: %w", path, err)
	}
	return h, nil
}

func hearingOf(g *nir.Graph) (*hearing, error) {
	h := &hearing{graph: g}
	err := h.describe(g.Metadata)
	h.labels = textsOf(g.Metadata, "labels")
	h.window = secondsOf(g.Metadata, "window_s")
	h.pool = bptt.Pool(textOf(g.Metadata, "decision"))
	if err == nil && (len(h.labels) == 0 || h.window < h.step) {
		err = errors.New("labels or window_s is missing: train digits did not write this")
	}
	return h, err
}
