package config_test

import (
	"slices"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
)

// tuned is a configuration with presets.
type tuned struct {
	Preset string  `key:"preset" doc:"Defaults for a use." enum:",low,high"`
	Level  float64 `key:"level" doc:"Level."`
	Gain   float64 `key:"gain" doc:"Gain."`
}

func (c *tuned) UsePreset(name string) {
	switch name {
	case "low":
		c.Level = .1
	case "high":
		c.Level, c.Gain = .9, 5
	}
}

func TestAPresetSetsDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		readout string
		set     []string
		want    tuned
		err     string
	}{
		{"{type: tuned}", nil, tuned{"", .5, 1}, ""},
		{"{type: tuned, preset: low}", nil, tuned{"low", .1, 1}, ""},
		{"{type: tuned, gain: 2, preset: high}", nil, tuned{"high", .9, 2}, ""},
		{"{type: tuned, level: 0, preset: high}", nil, tuned{"high", 0, 5}, ""},
		{"{type: tuned, gain: 2}", []string{"readout.preset=high"}, tuned{"high", .9, 2}, ""},
		{"{type: tuned, preset: highest}", nil, tuned{}, `"highest"`},
		{"{type: tuned, preset: 3}", nil, tuned{}, "preset"},
	} {
		o := options(c.set...)
		o.Table = append(slices.Clone(table), component.Readout("tuned", "a readout with presets", tuned{Level: .5, Gain: 1},
			func(tuned, pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return nil, nil }))
		ps, err := config.Parse("demo.yaml", []byte(strings.Replace(good, "{type: motion}", c.readout, 1)), o)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want %s", c.readout, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.readout, err)
			continue
		}
		if got := *ps[0].Readout.Config.(*tuned); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.readout, got, c.want)
		}
	}
}
