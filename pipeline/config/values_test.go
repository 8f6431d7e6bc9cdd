package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
)

// store has a value of every kind.
type store struct {
	Label   string           `key:"label" doc:"Text."`
	URL     string           `key:"url" doc:"Where."`
	Key     component.Secret `key:"key" doc:"Key."`
	Size    component.Bytes  `key:"size" doc:"Room." max:"1GB"`
	Number  int              `key:"number" doc:"Number."`
	Share   float64          `key:"share" doc:"Share."`
	Live    bool             `key:"live" doc:"Whether it is live."`
	Begin   float64          `key:"begin_at" was:"on" doc:"Where it begins."`
	End     float64          `key:"end_below" was:"off" doc:"Where it ends."`
	Enabled bool             `key:"enabled" was:"yes" doc:"Whether it is there."`
	Only    string           `key:"only" doc:"What is taken." enum:",on,off"`
	Numbers []int            `key:"numbers" doc:"Numbers."`
}

func stored(t *testing.T, env map[string]string, lines string, sets ...string) (*config.Pipeline, *store, error) {
	t.Helper()
	o := options(sets...)
	o.Table = append(slices.Clone(table), component.Sink("store", "values", store{}, func(store, component.Env) (pipeline.Sink, error) {
		return nil, nil
	}))
	o.Env = func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	text := strings.Replace(good, "{type: jsonl, path: out.jsonl}", "type: store"+strings.ReplaceAll("\n"+lines, "\n", "\n    "), 1)
	ps, err := config.Parse("demo.yaml", []byte(text), o)
	if err != nil {
		return nil, nil, err
	}
	return ps[0], ps[0].Sinks[0].Config.(*store), nil
}

func TestTheEnvironmentGivesWhatAKeyWants(t *testing.T) {
	t.Parallel()
	env := map[string]string{"N": "8", "F": "0.5", "YES": "true", "SIZE": "64MiB", "DIGITS": "0123", "EMPTY": "", "TRUE": "true", "W": " 7 "}
	_, got, err := stored(t, env, `label: ${env:DIGITS}
url: ${env:NOWHERE:-nats://host:4222}
key: ${env:DIGITS}
size: ${env:SIZE}
number: "${env:N}"
share: ${env:F}
live: ${env:YES}
begin_at: ${env:NOWHERE:-2}
end_below: ${env:EMPTY:-3}
enabled: ${env:NOWHERE:-true}
only: "${env:NOWHERE:-}"
numbers: ["${env:N}", "${env:NOWHERE:-9}", "${env:W}", "1${env:N}"]`)
	want := &store{Label: "0123", URL: "nats://host:4222", Key: "0123", Size: 64 << 20, Number: 8, Share: .5, Live: true, Begin: 2, End: 3,
		Enabled: true, Numbers: []int{8, 9, 7, 18}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for line, want := range map[string]string{
		"number: ${env:F}":          `want a whole number, got "${env:F}"`,
		"number: ${env:NOWHERE:-x}": `want a whole number, got "${env:NOWHERE:-x}"`,
		"live: ${env:N}":            `want true or false, got "${env:N}"`,
		"number: ${env:EMPTY}":      "has no value",
		"label: ${env:NOWHERE}":     "NOWHERE is not set",
		"label: ${env::-x}":         "is not a reference",
		"size: ${env:N}000000000":   "${env:N}000000000 is above the maximum 1GB",
	} {
		if _, _, err := stored(t, env, line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}

func TestEarlierNamesOfKeysAreAccepted(t *testing.T) {
	t.Parallel()
	base, _, err := stored(t, nil, "begin_at: 2")
	if err != nil {
		t.Fatal(err)
	}
	for lines, want := range map[string]store{
		"on: 2\noff: 1":          {Begin: 2, End: 1},
		"true: 2\nfalse: 1":      {Begin: 2, End: 1}, // what a tool that reads YAML 1.1 leaves of them
		"begin_at: 2\nyes: true": {Begin: 2, Enabled: true},
		"only: on":               {Only: "on"},
		"only: false":            {Only: "off"},
	} {
		p, got, err := stored(t, nil, lines)
		if err != nil || cmp.Diff(&want, got) != "" {
			t.Errorf("%s: %v %s", lines, err, cmp.Diff(&want, got))
			continue
		}
		if p.Hash != base.Hash {
			t.Errorf("%s: the hash depends on the name of a key", lines)
		}
	}
	if _, got, err := stored(t, nil, "begin_at: 2", "sinks.0.on=5"); err != nil || got.Begin != 5 {
		t.Errorf("--set by the earlier name: %v, %v", got, err)
	}
	if _, got, err := stored(t, nil, "on: 2", "sinks.0.begin_at=5"); err != nil || got.Begin != 5 {
		t.Errorf("--set over the earlier name: %v, %v", got, err)
	}
	_, _, err = stored(t, nil, "on: 2\nbegin_at: 3")
	want := "demo.yaml:10:5: sinks.0.on: is the earlier name of begin_at, which stands at demo.yaml:11:5"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("both names: %v", err)
	}
}

func TestListingsShowNoSecret(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SECRET": "geheim"}
	for _, lines := range []string{
		"key: geheim", "key: ${env:SECRET}", "key: ${env:NOWHERE:-geheim}", "key: file:" + file, "url: nats://tom:geheim@host:4222",
		"url: nats://tom:geheim@${env:NOWHERE:-host}", "url: nats://a,nats://geheim@b", "url: https://host?token=geheim",
	} {
		p, got, err := stored(t, env, lines)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(got.Key)+got.URL, "geheim") {
			t.Errorf("%s: the secret did not arrive", lines)
		}
		if key := string(got.Key); key != "" && key != "geheim" {
			t.Errorf("%s: key %q", lines, key)
		}
		if shown := fmt.Sprint(p.Resolved()); strings.Contains(shown, "geheim") && !strings.Contains(lines, ":-geheim") {
			t.Errorf("%s: %s", lines, shown)
		}
	}
}

func TestSetTakesHashesAsText(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]store{
		"sinks.0.label=door #2":         {Label: "door #2"},
		"sinks.0.label=#2":              {Label: "#2"},
		"sinks.0.label= a # b ":         {Label: "a # b"},
		"sinks.0.label='door #2'":       {Label: "door #2"},
		"sinks.0.label=a#b":             {Label: "a#b"},
		"sinks.0.numbers=[1, 2] # both": {Numbers: []int{1, 2}},
		"sinks.0.number=5":              {Number: 5},
	} {
		_, got, err := stored(t, nil, "share: 0", set)
		if err != nil || cmp.Diff(&want, got) != "" {
			t.Errorf("%s: %v %s", set, err, cmp.Diff(&want, got))
		}
	}
	if _, _, err := stored(t, nil, "share: 0", "sinks.0.number=5 # five"); err == nil || !strings.Contains(err.Error(), `got "5 # five"`) {
		t.Errorf("a number with a comment: %v", err)
	}
}
