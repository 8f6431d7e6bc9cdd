package hearing

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

// Ear is how a network hears that was trained on sound.
type Ear struct {
	Encoder cochlea.Config // key encoder
	Rate    int            // key rate_hz
	Step    time.Duration  // key step_s
	Profile nirnet.Profile // key profile, with the step as its dt
}

// Metadata is the ear as a model file has it.
func (e *Ear) Metadata() nir.Metadata {
	var encoder nir.Metadata
	for _, l := range component.Leaves(&e.Encoder) {
		encoder = append(encoder, nir.Meta{Key: l.Path, Value: nir.String(l.Text)})
	}
	return nir.Metadata{
		{Key: "encoder", Value: encoder},
		{Key: "profile", Value: nir.String(e.Profile.Name)},
		{Key: "rate_hz", Value: nir.Number(float64(e.Rate))},
		{Key: "step_s", Value: nir.Number(e.Step.Seconds())},
	}
}

// ReadEar takes what the metadata of a model says.
func ReadEar(md nir.Metadata) (e Ear, err error) {
	e.Encoder = cochlea.NewDefaultConfig()
	if err := applySettings(&e.Encoder, md.Section("encoder")); err != nil {
		return e, err
	}
	e.Rate, e.Step = int(md.Number("rate_hz")), md.Seconds("step_s")
	name := md.Text("profile")
	if e.Rate < 1 || e.Step < time.Microsecond || name == "" {
		return e, errors.New("rate_hz, step_s or profile is missing: ganglion train did not write this")
	}
	e.Profile, err = nirnet.ProfileByName(name)
	e.Profile.DT = e.Step.Seconds()
	return e, err
}

// applySettings puts values by their paths, as YAML, into a config.
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
