package config_test

import (
	"testing"

	"ganglion/pipeline/config"
)

func TestWhatChangesAPipeline(t *testing.T) {
	t.Parallel()
	const text = `
name: demo
source: {type: recording, path: a.raw, token: one}
encoder: {type: events}
network: {model: motion}
readout: {type: motion, lines: [{name: door, x: 1}, {name: gate, x: 2}]}
sinks: [{type: jsonl, path: out.jsonl}]
`
	for set, want := range map[string]config.Change{
		"network.gain=1":                                   config.Same,
		"readout.lines.1.x=7":                              config.Threshold,
		"readout.lines.1.name=wall":                        config.Anything,
		"readout.lines=[{name: door, x: 1}]":               config.Anything,
		"network.gain=2":                                   config.Anything,
		"network.shards=2":                                 config.Anything,
		"network.model=copy":                               config.Anything,
		"source.token=two":                                 config.Anything,
		"sinks.0.path=other.jsonl":                         config.Anything,
		"sinks=[]":                                         config.Anything,
		"sinks.0.type=arrow":                               config.Anything,
		"encoder.region={width: 3, height: 4}":             config.Anything,
		"telemetry.listen=:1":                              config.Anything,
		"readout.lines=[{name: door, x: 9}, {name: gate}]": config.Threshold,
		"readout.lines=[{name: door, x: 1}, {name: gate, x: 2}]": config.Same,
	} {
		if got := config.Changed(mustParse(t, text), mustParse(t, text, set)); got != want {
			t.Errorf("--set %s: got %d, want %d", set, got, want)
		}
	}
	if got := config.Changed(mustParse(t, text), mustParse(t, text, "telemetry.listen=:1"), "telemetry"); got != config.Same {
		t.Errorf("a section that does not count: got %d", got)
	}
}
