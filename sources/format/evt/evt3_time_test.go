package evt

import (
	"testing"

	"ganglion/pipeline"
)

// TestEVT3TimeStartsOverAtItsBoundary lets TIME_HIGH fall by one less than a
// wrap takes and by as much, and lets words from before a wrap come late.
func TestEVT3TimeStartsOverAtItsBoundary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		highs  []uint16
		want   int64 // µs after the last
		damage string
	}{
		"one less than a wrap":               {[]uint16{3000, 3000 - 2047}, (3000 - 2047) << 12, "non_monotonic_time_high"},
		"the least fall that is a wrap":      {[]uint16{3000, 3000 - 2048}, evt3Wrap + (3000-2048)<<12, "non_monotonic_time_high"},
		"a wrap":                             {[]uint16{4095, 0}, evt3Wrap, ""},
		"a wrap just not from end to end":    {[]uint16{4000, 160}, evt3Wrap + 160<<12, "non_monotonic_time_high"},
		"a wrap from end to end, words lost": {[]uint16{4000, 159}, evt3Wrap + 159<<12, "non_continuous_time_high"},
		"late from before the wrap":          {[]uint16{4095, 0, 3840}, 3840 << 12, "non_monotonic_time_high"},
		"too far to be from before":          {[]uint16{4095, 0, 3839}, evt3Wrap + 3839<<12, "non_continuous_time_high"},
		"nothing is from before the start":   {[]uint16{0, 3840}, 3840 << 12, "non_continuous_time_high"},
		"one step back":                      {[]uint16{5, 4}, 4 << 12, "non_monotonic_time_high"},
		"one step forward":                   {[]uint16{5, 6}, 6 << 12, ""},
		"two steps forward":                  {[]uint16{5, 7}, 7 << 12, "non_continuous_time_high"},
		"the same word keeps the low part":   {[]uint16{5, 5}, 5 << 12, ""},
		"whatever comes first is the start":  {[]uint16{4095}, 4095 << 12, ""},
	} {
		clock := newEVT3Time(0)
		var damage pipeline.DamageReport
		for _, high := range c.highs {
			clock.setHigh(&damage, high, 0)
		}
		var kind string
		for _, d := range damage.List() {
			kind += d.Kind
		}
		if clock.t != c.want || kind != c.damage {
			t.Errorf("%s: time %d and damage %q, want %d and %q", name, clock.t, kind, c.want, c.damage)
		}
	}
}
