package main

import (
	"errors"
	"fmt"
	"time"

	"ganglion/encoders/cochlea"
	"ganglion/network/bptt"
	"ganglion/network/nir"
	"ganglion/network/nirnet"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
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

func text(s string) nir.Text      { return nir.Text{Values: []string{s}} }
func number(v float64) nir.Tensor { return nir.Float64(nil, []float64{v}) }

// settings are the values of a config by their paths, as YAML.
func settings(cfg any) nir.Metadata {
	var m nir.Metadata
	for _, l := range component.Leaves(cfg) {
		m = append(m, nir.Meta{Key: l.Path, Value: text(l.Text)})
	}
	return m
}

// readHearing reads a model that train digits wrote.
func readHearing(path string) (*hearing, error) {
	m, err := nir.ReadFile(path, nir.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	h, err := hearingOf(m.Graph)
	if err != nil {
		return nil, fmt.Errorf("%s: metadata: %w", path, err)
	}
	return h, nil
}

func hearingOf(g *nir.Graph) (*hearing, error) {
	h := &hearing{encoder: cochlea.Defaults(), graph: g}
	var err error
	for _, e := range g.Metadata {
		switch v := e.Value.(type) {
		case nir.Metadata:
			if e.Key == "encoder" {
				err = errors.Join(err, applySettings(&h.encoder, v))
			}
		case nir.Text:
			switch {
			case e.Key == "labels":
				h.labels = v.Values
			case e.Key == "decision" && len(v.Values) == 1:
				h.pool = bptt.Pool(v.Values[0])
			case e.Key == "profile" && len(v.Values) == 1:
				var found error
				h.profile, found = nirnet.ProfileByName(v.Values[0])
				err = errors.Join(err, found)
			}
		case nir.Tensor:
			if v.Len() != 1 {
				continue
			}
			switch e.Key {
			case "rate_hz":
				h.rate = int(v.At(0))
			case "step_s":
				h.step = time.Duration(v.At(0)*1e6+.5) * time.Microsecond
			case "window_s":
				h.window = time.Duration(v.At(0)*1e6+.5) * time.Microsecond
			}
		}
	}
	h.profile.DT = h.step.Seconds()
	if err == nil && (len(h.labels) == 0 || h.profile.Name == "" || h.rate < 1 || h.step < time.Microsecond || h.window < h.step) {
		err = errors.New("labels, profile, rate_hz, step_s or window_s is missing: train digits did not write this")
	}
	return h, err
}

// applySettings is the reverse of settings.
func applySettings(cfg any, m nir.Metadata) error {
	var overrides []config.Override
	for _, e := range m {
		v, ok := e.Value.(nir.Text)
		if !ok || len(v.Values) != 1 {
			return fmt.Errorf("%s is no text", e.Key)
		}
		o, err := config.ParseSet(e.Key + "=" + v.Values[0])
		if err != nil {
			return err
		}
		overrides = append(overrides, o)
	}
	return config.Apply(cfg, overrides)
}
