package config_test

import (
	"errors"
	"strings"
	"testing"
)

func TestFaultsOfPartsStandAtTheirKeys(t *testing.T) {
	t.Parallel()
	p := mustParse(t, strings.Replace(good, "path: a.raw", "path: ${env:DIR}/a.raw\n  pace: max", 1), "network.taps=[1]", "network.shards=3")
	for _, c := range []struct{ path, message, want string }{
		{"source", "recording /data/a.raw: no such file", "demo.yaml:4:9: source.path: recording ${env:DIR}/a.raw: no such file"},
		{"source", "start: 1s is beyond the end", "demo.yaml:3:3: source.start: 1s is beyond the end"},
		{"network", `network "motion": 3 shards outside 1..2`, "--set network.shards: 3 shards outside 1..2"},
		{"network", `layer "tap": too long`, `--set network.taps: layer "tap": too long`},
		{"network", "gain is too high", "demo.yaml:7:10: network: gain is too high"},
		{"encoder", "the stream carries audio", "demo.yaml:6:10: encoder: the stream carries audio"},
		{"sinks.0", "out.jsonl: is a folder", "demo.yaml:10:25: sinks.0.path: out.jsonl: is a folder"},
		{"keep", "no sound", "demo.yaml:1:1: keep: no sound"},
	} {
		if got := p.Fault(c.path, errors.New(c.message)).Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
