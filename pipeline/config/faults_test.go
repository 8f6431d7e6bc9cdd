package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline/config"
)

// edit replaces one line of the good document.
func edit(old, new string) string {
	if !strings.Contains(good, old) {
		panic("the document has no " + old)
	}
	return strings.Replace(good, old, new, 1)
}

func TestFaultsNamePlaceKeyCauseAndNearestName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		sets       []string
		want       []string
	}{
		{"a misspelt key", edit("network: {model: motion}", "network:\n  model: motion\n  shardz: 2"), nil,
			[]string{`demo.yaml:8:3: network.shardz: unknown key, did you mean "shards"?`}},
		{"a key in the wrong case", edit("{model: motion}", "{model: motion, Shards: 2}"), nil,
			[]string{`demo.yaml:6:26: network.Shards: unknown key, did you mean "shards"?`}},
		{"a key that resembles none", edit("{model: motion}", "{model: motion, frequency: 2}"), nil,
			[]string{`demo.yaml:6:26: network.frequency: unknown key, know model, shards, step, gain, seed, taps`}},
		{"a key with a dot", edit("{model: motion}", `{model: motion, "step.x": 2}`), nil,
			[]string{`demo.yaml:6:26: network.step.x: unknown key, did you mean "step"?`}},
		{"a misspelt section", edit("readout:", "readot:"), nil,
			[]string{`demo.yaml:1:1: readout: required`, `demo.yaml:7:1: readot: unknown key, did you mean "readout"?`}},
		{"a misspelt component", edit("model: motion", "model: moton"), nil,
			[]string{`demo.yaml:6:18: network.model: unknown network "moton", did you mean "motion"?`}},
		{"an unknown component", edit("type: jsonl", "type: kafka"), nil,
			[]string{`demo.yaml:9:12: sinks.0.type: unknown sink "kafka", know jsonl, arrow`}},
		{"no component", edit("{model: motion}", "{shards: 2}"), nil,
			[]string{`demo.yaml:6:1: network: no model, know motion, copy`}},
		{"an integer that is a word", edit("{model: motion}", "{model: motion, seed: two}"), nil,
			[]string{`demo.yaml:6:32: network.seed: want a whole number, got "two"`}},
		{"an integer in quotes", edit("{model: motion}", `{model: motion, seed: "2"}`), nil,
			[]string{`demo.yaml:6:32: network.seed: want a whole number, got "2"`}},
		{"a fraction for an integer", edit("{model: motion}", "{model: motion, seed: 1.5}"), nil,
			[]string{`demo.yaml:6:32: network.seed: want a whole number, got "1.5"`}},
		{"a duration without its unit", edit("{model: motion}", "{model: motion, step: 10}"), nil,
			[]string{`demo.yaml:6:32: network.step: want a number with its unit such as 1ms (ns, us, ms, s, m, h), got "10"`}},
		{"a number for a string", edit("path: a.raw", "path: 007"), nil,
			[]string{`demo.yaml:4:9: source.path: want a string, got 007; write "007" in quotes`}},
		{"a value outside its bounds", edit("{model: motion}", "{model: motion, gain: 11}"), nil,
			[]string{`demo.yaml:6:32: network.gain: 11 is above the maximum 10`}},
		{"a list element outside its bounds", edit("{model: motion}", "{model: motion, taps: [3, 0]}"), nil,
			[]string{`demo.yaml:6:36: network.taps.1: 0 is below the minimum 1 px`}},
		{"a count of zero", edit("{model: motion}", "{model: motion, shards: 0}"), nil,
			[]string{`demo.yaml:6:34: network.shards: want auto or a positive integer, got "0"`}},
		{"a value outside an enum", edit("path: a.raw", "path: a.raw\n  pace: real-time"), nil,
			[]string{`demo.yaml:5:9: source.pace: "real-time" is not one of max, realtime, did you mean "realtime"?`}},
		{"a missing required key", edit("  path: a.raw\n", ""), nil,
			[]string{`demo.yaml:2:1: source.path: required`}},
		{"a missing required key of a list element", edit("{type: motion}", "{type: motion, lines: [{x: 3}]}"), nil,
			[]string{`demo.yaml:7:33: readout.lines.0.name: required`}},
		{"a key without a value", edit("path: a.raw", "path:"), nil,
			[]string{`demo.yaml:4:8: source.path: has no value`}},
		{"a plain value for a section", edit("{type: events}", "events"), nil,
			[]string{`demo.yaml:5:10: encoder: want a section of keys, got a plain value`}},
		{"a section for a plain value", edit("path: a.raw", "path: {a: b}"), nil,
			[]string{`demo.yaml:4:9: source.path: want a string, got a section`}},
		{"a plain value for a list", edit("{model: motion}", "{model: motion, taps: 3}"), nil,
			[]string{`demo.yaml:6:32: network.taps: want a list of integer, got a plain value`}},
		{"sinks that are not a list", edit("  - {type: jsonl, path: out.jsonl}", "  type: jsonl"), nil,
			[]string{`demo.yaml:9:3: sinks: want a list of sections, got a section`}},
		{"a section's own rule", edit("{type: events}", "{type: events, region: {width: 3}}"), nil,
			[]string{`demo.yaml:5:33: encoder.region: width and height go together`}},
		{"a key of another section of the document", good + "telemetry: {listn: x}\n", nil,
			[]string{`demo.yaml:10:13: telemetry.listn: unknown key, did you mean "listen"?`}},
		{"a key of a section that all sinks share", edit("path: out.jsonl}", "path: out.jsonl, queue: {policy: drop}}"), nil,
			[]string{`demo.yaml:9:52: sinks.0.queue.policy: "drop" is not one of block, drop-oldest`}},
		{"a key that stands twice", edit("path: a.raw", "path: a.raw\n  path: b.raw"), nil,
			[]string{`demo.yaml:5:3: source.path: stands twice, first at demo.yaml:4:3`}},
		{"a name that no subject can have", edit("name: demo", "name: a.b"), nil,
			[]string{`demo.yaml:1:7: name: want letters, digits, _ and - (subjects and file names use it), at most 64`}},
		{"no name", edit("name: demo\n", ""), nil,
			[]string{`demo.yaml:1:1: name: required`}},
		{"a secret of the wrong type is not shown", edit("path: a.raw", "path: a.raw\n  token: 4711"), nil,
			[]string{`demo.yaml:5:10: source.token: want a string; write it in quotes`}},
		{"a variable that is not set", edit("path: a.raw", "path: ${env:NOWHERE}/a.raw"), nil,
			[]string{`demo.yaml:4:9: source.path: environment variable NOWHERE is not set`}},
		{"a shell variable", edit("path: a.raw", "path: ${HOME}/a.raw"), nil,
			[]string{`demo.yaml:4:9: source.path: ${HOME} is not a reference; write ${env:NAME}, ${env:NAME:-DEFAULT}, or $${ for a plain ${`}},
		{"a reference without its end", edit("path: a.raw", "path: ${env:DIR"), nil,
			[]string{`demo.yaml:4:9: source.path: ${env:DIR is not a reference; write ${env:NAME}, ${env:NAME:-DEFAULT}, or $${ for a plain ${`}},
		{"a variable that is not a number", edit("{model: motion}", `{model: motion, seed: "${env:TOKEN}"}`), nil,
			[]string{`demo.yaml:6:32: network.seed: want a whole number, got "${env:TOKEN}"`}},
		{"a variable outside the bounds", edit("{model: motion}", `{model: motion, gain: "${env:N}0"}`), nil,
			[]string{`demo.yaml:6:32: network.gain: ${env:N}0 is above the maximum 10`}},
		{"a default outside the bounds", edit("{model: motion}", "\n  model: motion\n  gain: ${env:NOWHERE:-11}"), nil,
			[]string{`demo.yaml:8:9: network.gain: ${env:NOWHERE:-11} is above the maximum 10`}},
		{"a reference that lacks its quotes", edit("{model: motion}", "{model: motion, gain: ${env:N}}"), nil,
			[]string{"demo.yaml:5: not YAML: did not find expected ',' or '}'; between { } or [ ] a ${env:NAME} stands in quotes"}},
		{"a secret whose file is not there", edit("path: a.raw", "path: a.raw\n  token: file:/nowhere/token"), nil,
			[]string{"demo.yaml:5:10: source.token: file:/nowhere/token: no such file or directory"}},
		{"every fault is listed in the order of the file", edit("{model: motion}", "{model: motion, sed: 2, step: 1}") + "x: 1\n", nil,
			[]string{`demo.yaml:6:26: network.sed: unknown key, did you mean "seed"?`,
				`demo.yaml:6:40: network.step: want a number with its unit such as 1ms (ns, us, ms, s, m, h), got "1"`,
				`demo.yaml:10:1: x: unknown key, know name, source, encoder, network, readout, sinks, telemetry`}},
		{"no YAML", "name: [", nil,
			[]string{"demo.yaml:1: not YAML: did not find expected node content"}},
		{"a document that is a list", "- a\n", nil,
			[]string{"demo.yaml:1:1: want the keys name, source, encoder, network, readout, sinks"}},
		{"an empty file", "# nothing\n", nil, []string{"demo.yaml: holds no pipeline"}},
		{"an alias of itself", "name: &a [*a]\n", nil, nil},
		{"two pipelines of one name", good + "---\n" + good, nil,
			[]string{`demo.yaml:11:7: name: "demo" is taken by the pipeline at demo.yaml:1:1`}},

		{"--set with an unknown key", good, []string{"network.shardz=2"},
			[]string{`--set network.shardz: unknown key, did you mean "shards"?`}},
		{"--set with a wrong type", good, []string{"network.step=10"},
			[]string{`--set network.step: want a number with its unit such as 1ms (ns, us, ms, s, m, h), got "10"`}},
		{"--set of a list with a fault inside", good, []string{"sinks=[{type: jsonl, pth: x}]"},
			[]string{`--set sinks: sinks.0.pth: unknown key, did you mean "path"?`}},
		{"--set beyond the end of a list", good, []string{"sinks.1.path=x"},
			[]string{`--set sinks.1.path: sinks has 1 elements, no element "1"`}},
		{"--set below a plain value", good, []string{"source.path.x=1"},
			[]string{`--set source.path.x: source.path is a plain value and has no keys`}},
		{"--set to nothing", good, []string{"network.seed="},
			[]string{`--set network.seed: has no value`}},
		{"a wrong --set is told once for several pipelines", good + "---\n" + strings.Replace(good, "demo", "other", 1),
			[]string{"network.sed=1"},
			[]string{`--set network.sed: unknown key, did you mean "seed"?`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := parse(test.text, test.sets...)
			if err == nil {
				t.Fatal("no error")
			}
			if test.want == nil {
				return // that it ends is enough
			}
			if diff := cmp.Diff(test.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNoMessageShowsASecret(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for _, text := range []string{
		edit("path: a.raw", "path: a.raw\n  tken: ${env:TOKEN}"),
		edit("path: a.raw", "path: a.raw\n  token: {a: '${env:TOKEN}'}"),
		edit("path: a.raw", "path: a.raw\n  token: ['${env:TOKEN}']"),
		edit("path: a.raw", "path: a.raw\n  token: ${env:TOKEN}\n  pace: ${env:TOKEN}x"),
		edit("path: a.raw", "path: a.raw\n  start: ${env:TOKEN}"),
		edit("{type: jsonl, path: out.jsonl}", "{type: jsonl, password: '${env:TOKEN}'}"),
	} {
		_, err := parse(text)
		if err == nil {
			t.Errorf("no error for\n%s", text)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("the secret shows: %v", err)
		}
	}
}

func TestParseSetWantsAKeyAndYAML(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"network.shards": "--set network.shards: want key=value, such as network.shards=2",
		"=2":             "--set =2: want key=value, such as network.shards=2",
		"sinks=[{":       "--set sinks: not YAML: line 1: did not find expected node content",
		"a.password:x@":  "--set a.password:x@: want key=value, such as network.shards=2",
		"nats://a:x@b":   "--set nats://[REDACTED]@b: want key=value, such as network.shards=2",
		"sinks=[{a: b #2}]": "--set sinks: not YAML: line 1: did not find expected ',' or '}'; a # behind a blank begins a comment " +
			"unless it stands in quotes",
	} {
		if _, err := config.ParseSet(arg); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestNestedAliasesStayBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a0: &a0 x\n")
	for i := range 40 {
		n := string(rune('0'+i/10)) + string(rune('0'+i%10))
		prev := "a0"
		if i > 0 {
			prev = "b" + string(rune('0'+(i-1)/10)) + string(rune('0'+(i-1)%10))
		}
		b.WriteString("b" + n + ": &b" + n + " [*" + prev + ", *" + prev + "]\n")
	}
	_, err := parse(b.String())
	if err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("got %v", err)
	}
}
