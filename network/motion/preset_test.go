package motion

import (
	"reflect"
	"strings"
	"testing"
)

// TestEveryPresetChangesTheDefaults goes through the names that the key admits.
func TestEveryPresetChangesTheDefaults(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[ReadoutConfig]().FieldByName("Preset")
	seen := map[differences]string{}
	for name := range strings.SplitSeq(field.Tag.Get("enum"), ",") {
		c := NewDefaultReadoutConfig()
		c.UsePreset(name)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		key := differences{c.Sensitivity, c.Cluster, c.Track.Confirm, c.Track.Join, c.Camera.Moving, c.Track.Wanted.MinSpeed}
		if other, ok := seen[key]; ok {
			t.Errorf("the presets %q and %q are the same", name, other)
		}
		seen[key] = name
	}
	if len(seen) != 8 {
		t.Errorf("%d presets, want seven and the defaults", len(seen))
	}
}

// differences are what presets differ in.
type differences struct {
	sensitivity float64
	cluster     ClusterConfig
	confirm     int
	join        float64
	moving      bool
	minSpeed    float64
}

func TestSensitivityIsHowLittleEvidenceIsEnough(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sensitivity, evidence float64
		spikes                int
	}{{1, 18, 6}, {2, 9, 3}, {.5, 36, 12}, {10, 1.8, leastSpikes}} {
		cfg := NewDefaultReadoutConfig()
		cfg.Sensitivity = c.sensitivity
		if got := cfg.tracks().Evidence; got != c.evidence || cfg.minSpikes() != c.spikes {
			t.Errorf("sensitivity %v: evidence %v, %d spikes; want %v, %d", c.sensitivity, got, cfg.minSpikes(), c.evidence, c.spikes)
		}
	}
}
