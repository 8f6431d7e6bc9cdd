package cmd

import (
	"errors"
	"fmt"
	"time"

	"ganglion/encoders/cochlea"
	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
)

// trainedEar is how a network hears that was trained on sound, as the metadata
// of its file says: every train command writes these keys.
type trainedEar struct {
	encoder cochlea.Config // encoder
	rate    int            // rate_hz
	step    time.Duration  // step_s
	profile nirnet.Profile // profile, with the step as its dt
}

// describe takes what the metadata says.
func (e *trainedEar) describe(md nir.Metadata) error {
	e.encoder = cochlea.Defaults()
	for _, m := range md {
		if section, ok := m.Value.(nir.Metadata); ok && m.Key == "encoder" {
			if err := applySettings(&e.encoder, section); err != nil {
				return err
			}
		}
	}
	e.rate, e.step = int(numberOf(md, "rate_hz")), secondsOf(md, "step_s")
	name := textOf(md, "profile")
	if e.rate < 1 || e.step < time.Microsecond || name == "" {
		return errors.New("rate_hz, step_s or profile is missing: ganglion train did not write this")
	}
	var err error
	e.profile, err = nirnet.ProfileByName(name)
	e.profile.DT = e.step.Seconds()
	return err
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

// textsOf is the texts of an entry.
func textsOf(md nir.Metadata, key string) []string {
	for _, m := range md {
		if v, ok := m.Value.(nir.Text); ok && m.Key == key {
			return v.Values
		}
	}
	return nil
}

// textOf is an entry that is one text, or "".
func textOf(md nir.Metadata, key string) string {
	if v := textsOf(md, key); len(v) == 1 {
		return v[0]
	}
	return ""
}

// numberOf is an entry that is one number, or 0.
func numberOf(md nir.Metadata, key string) float64 {
	for _, m := range md {
		if v, ok := m.Value.(nir.Tensor); ok && m.Key == key && v.Len() == 1 {
			return v.At(0)
		}
	}
	return 0
}

// secondsOf is an entry that is a number of seconds, to the microsecond.
func secondsOf(md nir.Metadata, key string) time.Duration {
	return time.Duration(float64(numberOf(md, key)*1e6)+.5) * time.Microsecond
}

// applySettings is the reverse of settings.
func applySettings(cfg any, m nir.Metadata) error {
	var overrides []config.Override
	for _, e := range m {
		v, ok := e.Value.(nir.Text)
		if !ok || len(v.Values) != 1 {
			return fmt.Errorf("%s is not a text", e.Key)
		}
		o, err := config.ParseSet(e.Key + "=" + v.Values[0])
		if err != nil {
			return err
		}
		overrides = append(overrides, o)
	}
	return config.Apply(cfg, overrides)
}
