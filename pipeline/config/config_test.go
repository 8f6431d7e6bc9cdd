package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
)

func mustParse(t *testing.T, text string, sets ...string) *config.Pipeline {
	t.Helper()
	ps, err := parse(text, sets...)
	if err != nil {
		t.Fatal(err)
	}
	return ps[0]
}

func TestDecodingFillsTypedConfigsOverDefaults(t *testing.T) {
	t.Parallel()
	p := mustParse(t, `
name: demo
source: {type: recording, path: "${env:DIR}/a.raw", start: 1.5s, token: "${env:TOKEN}", tags: ["$${x}", b]}
encoder: {type: events, region: {width: 3, height: 4}}
network: {model: motion, shards: 2, gain: 2, seed: 18446744073709551615, taps: [7]}
readout: {type: motion, lines: [{name: CamLeft, x: -3}, {name: door}]}
sinks:
  - {type: jsonl, path: out.jsonl, queue: {policy: drop-oldest}}
  - {type: arrow, path: out.arrow}
telemetry: {listen: "127.0.0.1:9000"}
`)
	got := []any{p.Source.Config, p.Encoder.Config, p.Network.Config, p.Readout.Config,
		p.Sinks[0].Config, p.Sinks[0].Sections.Of("queue"), p.Sinks[1].Sections.Of("queue"), p.Sections.Of("telemetry")}
	want := []any{
		&source{Path: "/data/a.raw", Pace: "max", Start: 1500 * time.Millisecond, Token: "hunter2", Tags: []string{"${x}", "b"}},
		&encoder{Region: region{3, 4}},
		&network{Shards: 2, Step: time.Millisecond, Gain: 2, Seed: 1<<64 - 1, Taps: []int{7}},
		&readout{Lines: []line{{"CamLeft", -3}, {"door", 0}}},
		&sink{Path: "out.jsonl"}, &queue{4096, "drop-oldest"}, &queue{4096, "block"},
		&telemetry{Listen: "127.0.0.1:9000"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p.Sections.Of("nothing") != nil {
		t.Error("an undeclared section has settings")
	}
}

func TestDecodingLeavesTheDeclaredDefaultsAlone(t *testing.T) {
	t.Parallel()
	mustParse(t, good, "network.taps=[1, 1]")
	if diff := cmp.Diff([]int{4, 3}, defaultTaps); diff != "" {
		t.Errorf("the list of the declaration changed: %s", diff)
	}
	if got := mustParse(t, good).Network.Config.(*network).Taps; len(got) != 2 || got[0] != 4 {
		t.Errorf("the next pipeline got %v", got)
	}
}

func TestOverridesReplaceInOrder(t *testing.T) {
	t.Parallel()
	p := mustParse(t, good, "network.shards=2", "network.shards=3", "sinks.0.path=x.jsonl",
		"source={type: recording, path: b.raw}", "telemetry.listen=':1'", "source.pace=realtime")
	if got := p.Network.Config.(*network).Shards; got != 3 {
		t.Errorf("shards %v", got)
	}
	if got := p.Sinks[0].Config.(*sink).Path; got != "x.jsonl" {
		t.Errorf("path %q", got)
	}
	if diff := cmp.Diff(&source{Path: "b.raw", Pace: "realtime"}, p.Source.Config); diff != "" {
		t.Error(diff)
	}
	p = mustParse(t, good, "sinks=[{type: arrow, path: a}, {type: jsonl, path: b}]", "sinks.1.path=c")
	if len(p.Sinks) != 2 || p.Sinks[0].Spec.Name != "arrow" || p.Sinks[1].Config.(*sink).Path != "c" {
		t.Errorf("sinks %+v", p.Sinks)
	}
	if got := mustParse(t, good, "sinks.0.path=-").Sinks[0].Config.(*sink).Path; got != "-" {
		t.Errorf("path %q", got)
	}
	if p = mustParse(t, good, "sinks=[]"); len(p.Sinks) != 0 {
		t.Errorf("sinks %+v", p.Sinks)
	}
}

func TestAFlagOfItsOwnSetsAStringAndNamesItself(t *testing.T) {
	t.Parallel()
	o := options()
	o.Overrides = []config.Override{config.SetString("--input", "source.path", "12")}
	ps, err := config.Parse("demo.yaml", []byte(good), o)
	if err != nil || ps[0].Source.Config.(*source).Path != "12" {
		t.Errorf("%v %v", ps, err)
	}
	o.Overrides = []config.Override{config.SetString("--input", "source.pth", "x")}
	_, err = config.Parse("demo.yaml", []byte(good), o)
	if want := `--input: source.pth: unknown key, did you mean "path"?`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestHashCoversExactlyWhatCanChangeDetections(t *testing.T) {
	t.Parallel()
	base := mustParse(t, good).Hash
	if len(base) != 16 {
		t.Errorf("hash %q has not 16 digits", base)
	}
	for set, changes := range map[string]bool{
		"network.shards=3": false, "sinks=[]": false, "source.path=x": false, "source.pace=realtime": false,
		"name=other": false, "telemetry.listen=':1'": false, "network.step=1ms": false, "source.token=x": false,
		"network.taps=[4, 3]": false, "network.step=1000us": false,
		"network.step=2ms": true, "network.gain=1.5": true, "network={model: copy}": true,
		"readout.lines=[{name: a}]": true, "encoder.region={width: 1, height: 1}": true,
	} {
		if got := mustParse(t, good, set).Hash; (got != base) != changes {
			t.Errorf("--set %s: hash %s after %s, should change: %t", set, got, base, changes)
		}
	}
}

func TestResolvedNamesTheOriginOfEachValue(t *testing.T) {
	t.Parallel()
	p := mustParse(t, strings.Replace(good, "path: a.raw", "path: ${env:DIR}/a.raw\n  token: abc\n  tags: [\"${env:TOKEN}\"]", 1),
		"network.shards=2", "sinks.0.password=xyz")
	var got []string
	for _, v := range p.Resolved() {
		got = append(got, fmt.Sprintf("%s=%s (%s)", v.Path, v.Text, v.Origin))
	}
	want := []string{
		`name=demo (demo.yaml:1:7)`,
		`source.type=recording (demo.yaml:3:9)`,
		`source.path="${env:DIR}/a.raw" (demo.yaml:4:9)`,
		`source.pace=max (default)`,
		`source.start=0s (default)`,
		`source.token="[REDACTED]" (demo.yaml:5:10)`,
		`source.tags=["${env:TOKEN}"] (demo.yaml:6:9)`,
		`encoder.type=events (demo.yaml:7:17)`,
		`encoder.region.width=0 (default)`,
		`encoder.region.height=0 (default)`,
		`network.model=motion (demo.yaml:8:18)`,
		`network.shards=2 (--set network.shards)`,
		`network.step=1ms (default)`,
		`network.gain=1 (default)`,
		`network.seed=0 (default)`,
		`network.taps=[4, 3] (default)`,
		`readout.type=motion (demo.yaml:9:17)`,
		`readout.lines=[] (default)`,
		`sinks.0.type=jsonl (demo.yaml:11:12)`,
		`sinks.0.path=out.jsonl (demo.yaml:11:25)`,
		`sinks.0.password="[REDACTED]" (--set sinks.0.password)`,
		`sinks.0.queue.detections=4096 (default)`,
		`sinks.0.queue.policy=block (default)`,
		`telemetry.listen="" (default)`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadReadsFilesAndFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	named := func(name string) string { return strings.Replace(good, "demo", name, 1) }
	write("b.yaml", named("b1")+"---\n"+named("b2")+"---\n")
	write("a.yml", named("a"))
	write("notes.txt", "no pipeline")
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	ps, err := config.Load([]string{dir}, options())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range ps {
		names = append(names, p.Name+" of "+filepath.Base(p.File))
	}
	if diff := cmp.Diff([]string{"a of a.yml", "b1 of b.yaml", "b2 of b.yaml"}, names); diff != "" {
		t.Error(diff)
	}

	write("c.yaml", named("a"))
	write("big.yaml", strings.Repeat("#", 1<<20+1))
	for path, want := range map[string]string{
		"absent.yaml": "absent.yaml: no such file or directory",
		"empty":       "empty: no .yaml file in this folder",
		"big.yaml":    "big.yaml: larger than 1048576 bytes, this is not a configuration",
	} {
		if _, err := config.Load([]string{filepath.Join(dir, path)}, options()); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	_, err = config.Load([]string{filepath.Join(dir, "a.yml"), filepath.Join(dir, "c.yaml")}, options())
	if err == nil || !strings.Contains(err.Error(), `c.yaml:1:7: name: "a" is taken by the pipeline at `) {
		t.Errorf("two files with one name: %v", err)
	}
}

func TestSchemaAgreesWithTheReader(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(config.Schema(options()))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("pipeline.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("pipeline.json")
	if err != nil {
		t.Fatal(err)
	}
	head := `"name":"a","source":{"type":"recording","path":"p"},"encoder":{"type":"events"},"readout":{"type":"motion"}`
	for text, want := range map[string]bool{
		`{` + head + `,"network":{"model":"motion","shards":"auto"}}`:                                                      true,
		`{` + head + `,"network":{"model":"copy"},"sinks":[{"type":"arrow","path":"x","queue":{"policy":"drop-oldest"}}]}`: true,
		`{` + head + `,"network":{"model":"copy"},"telemetry":{"listen":"x"}}`:                                             true,
		`{` + head + `}`: false,
		`{` + head + `,"network":{"model":"copy","shards":2}}`:                                      false,
		`{` + head + `,"network":{"model":"motion","shardz":2}}`:                                    false,
		`{` + head + `,"network":{"model":"moton"}}`:                                                false,
		`{` + head + `,"network":{"model":"copy"},"extra":1}`:                                       false,
		`{` + head + `,"network":{"model":"copy"},"sinks":[{"path":"x"}]}`:                          false,
		`{` + head + `,"network":{"model":"copy"},"sinks":[{"type":"arrow","queue":{}}]}`:           false,
		`{` + head + `,"network":{"model":"copy"},"telemetry":{"listn":"x"}}`:                       false,
		`{"name":"a.b",` + strings.TrimPrefix(head, `"name":"a",`) + `,"network":{"model":"copy"}}`: false,
	} {
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance); (err == nil) != want {
			t.Errorf("schema on %s: want valid %t, got %v", text, want, err)
		}
		if _, err := parse(text); (err == nil) != want { // JSON is YAML
			t.Errorf("reader on %s: want valid %t, got %v", text, want, err)
		}
	}
}

func ExampleParse() {
	table := component.Table{ /* the program's components */ }
	_, err := config.Parse("motion.yaml", []byte("name: motion\nsorce: {type: recording}\n"), config.Options{
		Table: table,
		Env:   os.LookupEnv,
	})
	fmt.Println(strings.Split(err.Error(), "\n")[4])
	// Output: motion.yaml:2:1: sorce: unknown key, did you mean "source"?
}
