package config_test

import (
	"strings"
	"testing"

	"ganglion/pipeline/config"
)

// Whatever the document says, the reader gives pipelines or faults, and each
// fault names a place.
func FuzzParse(f *testing.F) {
	f.Add(good, "network.shards=2")
	f.Add("name: &a [*a]", "sinks.0.path=x")
	f.Add("? {a: b}\n: c\n---\n- 1\n", "a.b.c={d: [e]}")
	f.Add("name: ${env:DIR\nsource: {type: recording, <<: {path: x}}", "source.tags.0=")
	f.Add("network: {model: motion, seed: 0x1_0, step: .5s, gain: .nan}", "network.taps=[1, 2.5]")
	f.Fuzz(func(t *testing.T, text, set string) {
		o := options()
		if override, err := config.ParseSet(set); err == nil {
			o.Overrides = append(o.Overrides, override)
		}
		ps, err := config.Parse("f.yaml", []byte(text), o)
		if err == nil {
			for _, p := range ps {
				p.Resolved()
			}
			return
		}
		for _, e := range err.(config.Errors) {
			if s := e.Origin.String(); !strings.HasPrefix(s, "f.yaml") && !strings.HasPrefix(s, "--set") {
				t.Errorf("fault without a place: %v", e)
			}
		}
	})
}
