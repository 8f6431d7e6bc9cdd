package component_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type area struct {
	Width  int `key:"width" doc:"How wide it is." unit:"px" min:"1" max:"1280"`
	Height int `key:"height" doc:"How high it is." unit:"px" min:"1" max:"720"`
}

func (a area) Validate() error {
	if a.Width == 7 && a.Height == 7 {
		return errors.New("7x7 is unlucky")
	}
	return nil
}

// Shared is part of several configs.
type Shared struct {
	Seed   uint64          `key:"seed" doc:"Seed."`
	Shards component.Count `key:"shards" doc:"Number of shards." max:"64"`
}

type config struct {
	Path   string        `key:"path" doc:"The file to read." required:"true" example:"a: file.raw"`
	Pace   string        `key:"pace" doc:"How fast to go." enum:"max,realtime"`
	Mark   string        `key:"mark" doc:"What to mark." enum:",all,none"`
	Tau    time.Duration `key:"tau" doc:"Time constant." min:"1ms" max:"1s"`
	Gain   float64       `key:"gain" doc:"Gain." min:"0"`
	Shared `key:",squash"`
	Token  component.Secret `key:"token" doc:"Access token." example:"${env:TOKEN}"`
	Loud   bool             `key:"loud" doc:"Tell everything."`
	Taps   []int            `key:"taps" doc:"Distances." unit:"px" max:"9" example:"[1, 2]"`
	Field  area             `key:"field" doc:"Field of view."`
	Tiles  []area           `key:"tiles" doc:"Parts of it."`
	Room   component.Bytes  `key:"room" doc:"Room for them." max:"1GB"`
	Start  float64          `key:"begin_at" was:"on" doc:"Where it begins."`
	Only   string           `key:"only" doc:"What is taken." enum:",on,off"`
	_      int              // a config skips what is not exported
}

func (c config) Validate() error {
	var errs []error
	if c.Loud && c.Gain == 0 {
		errs = append(errs, errors.New("loud wants a gain"))
	}
	if c.Loud && c.Field.Width == 1 {
		errs = append(errs, errors.New("field.width: too narrow: 1 px"))
	}
	return errors.Join(errs...)
}

var defaults = config{Pace: "max", Tau: time.Minute / 600, Gain: .5, Taps: []int{4}, Token: "t0p", Field: area{320, 240}}

var sample = component.Encoder("sample", "a component that shows every type", defaults,
	func(config, pipeline.StreamInfo) (pipeline.Encoder, error) { return nil, nil })

func valid(change func(*config)) *config {
	c := defaults
	c.Path = "a.raw"
	change(&c)
	return &c
}

func TestValidateReportsEveryBrokenRule(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*config)
		want   []string
	}{
		"a valid config has no problem": {func(c *config) {}, nil},
		"a required field is missing":   {func(c *config) { c.Path = "" }, []string{"path: required"}},
		"a misspelt enum value gets a suggestion": {func(c *config) { c.Pace = "maxx" },
			[]string{`pace: "maxx" is not one of max, realtime, did you mean "max"?`}},
		"an empty string that the enum lacks is wrong": {func(c *config) { c.Pace = "" }, []string{`pace: "" is not one of max, realtime`}},
		"an empty string that the enum lists is fine":  {func(c *config) { c.Mark = "" }, nil},
		"a duration is too long": {func(c *config) { c.Tau = 2 * time.Minute },
			[]string{"tau: 2m is above the maximum 1s"}},
		"a number is too small":                {func(c *config) { c.Gain = -1 }, []string{"gain: -1 is below the minimum 0"}},
		"a count is too large":                 {func(c *config) { c.Shards = 65 }, []string{"shards: 65 is above the maximum 64"}},
		"an automatic count passes any bounds": {func(c *config) { c.Shards = component.Auto }, nil},
		"a list element is too large": {func(c *config) { c.Taps = []int{1, 10} },
			[]string{"taps.1: 10 is above the maximum 9 px"}},
		"every field is reported": {func(c *config) { c.Path, c.Gain = "", -1 },
			[]string{"path: required", "gain: -1 is below the minimum 0"}},
		"the config's own method has the last word": {func(c *config) { c.Loud, c.Gain = true, 0 }, []string{"loud wants a gain"}},
		"its joined errors are told one by one, at the keys they name": {func(c *config) { c.Loud, c.Gain, c.Field.Width = true, 0, 1 },
			[]string{"loud wants a gain", "field.width: too narrow: 1 px"}},
		"a section's own method is asked":   {func(c *config) { c.Field = area{7, 7} }, []string{"field: 7x7 is unlucky"}},
		"so is that of a section in a list": {func(c *config) { c.Tiles = []area{{1, 1}, {7, 7}} }, []string{"tiles.1: 7x7 is unlucky"}},
		"a bound in a list of sections": {func(c *config) { c.Tiles = []area{{0, 1}} },
			[]string{"tiles.0.width: 0 is below the minimum 1 px"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range component.Validate(valid(test.change)) {
				got = append(got, p.Error())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScalarFaultIsStrictAboutTypes(t *testing.T) {
	t.Parallel()
	fields := map[string]component.Field{}
	for _, f := range sample.Fields() {
		fields[f.Key] = f
	}
	tests := []struct {
		name, key string
		value     any
		text      string
		want      string
	}{
		{"a number is not a string", "path", int64(12), "12", `want a string, got 12; write "12" in quotes`},
		{"a number is not a secret and is not shown", "token", int64(4711), "4711", "want a string; write it in quotes"},
		{"a word is not a bool", "loud", "yes", "yes", `want true or false, got "yes"`},
		{"a duration wants its unit", "tau", int64(10), "10", `want a number with its unit such as 100ms (ns, us, ms, s, m, h), got "10"`},
		{"a duration in its unit", "tau", "10ms", "10ms", ""},
		{"a fraction is not an integer", "seed", 1.5, "1.5", `want a whole number, got "1.5"`},
		{"a negative seed", "seed", int64(-1), "-1", "-1 is below the minimum 0"},
		{"the largest seed", "seed", uint64(1<<64 - 1), "18446744073709551615", ""},
		{"an integer serves as a number", "gain", int64(2), "2", ""},
		{"not a number", "gain", "x", "x", `want a number, got "x"`},
		{"a count is automatic", "shards", "auto", "auto", ""},
		{"a count of zero", "shards", int64(0), "0", `want auto or a positive integer, got "0"`},
		{"a size with its unit", "room", "64MiB", "64MiB", ""},
		{"a size in bytes", "room", int64(1000), "1000", ""},
		{"a size without a number", "room", "MiB", "MiB",
			`want a size such as 64MiB or 1GB (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB), got "MiB"`},
		{"a size below nothing", "room", int64(-1), "-1", "-1 is below the minimum 0"},
		{"a word that YAML 1.1 makes a boolean of", "only", true, "true", ""},
		{"a boolean that no word is", "pace", true, "true", `want a string, got true; write "true" in quotes`},
		{"nothing at all", "path", nil, "", "has no value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := fields[test.key].ScalarFault(test.value, test.text); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestTextsMatchTheGoldenFiles(t *testing.T) {
	t.Parallel()
	schema, err := json.MarshalIndent(sample.Schema(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string]string{
		"testdata/describe.txt": sample.Describe(),
		"testdata/reference.md": component.Table{sample}.Reference(),
		"testdata/schema.json":  string(schema) + "\n",
	} {
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-update rewrites it):\n%s", file, diff)
		}
	}
}

func TestSchemaAcceptsAndRefuses(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(sample.Schema())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("sample.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("sample.json")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{
		`{"type":"sample","path":"a","tau":"1.5ms","shards":"auto","taps":[3],"tiles":[{"width":3}]}`: true,
		`{"type":"sample","path":"a","shards":2,"mark":""}`:                                           true,
		`{"type":"other","path":"a"}`:                                                                 false,
		`{"type":"sample"}`:                                                                           false,
		`{"type":"sample","path":"a","tau":10}`:                                                       false,
		`{"type":"sample","path":"a","x":1}`:                                                          false,
		`{"type":"sample","path":"a","seed":-1}`:                                                      false,
		`{"type":"sample","path":"a","shards":0}`:                                                     false,
		`{"type":"sample","path":"a","pace":""}`:                                                      false,
		`{"type":"sample","path":"a","taps":[10]}`:                                                    false,
	}
	for text, want := range tests {
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := schema.Validate(instance); (got == nil) != want {
			t.Errorf("%s: valid should be %t, got %v", text, want, got)
		}
	}
}

func TestLeavesHideSecretsAndReachEveryValue(t *testing.T) {
	t.Parallel()
	c := valid(func(c *config) { c.Tiles = []area{{1, 2}}; c.Path = "yes" })
	var got []string
	for _, l := range component.Leaves(c) {
		got = append(got, l.Path+"="+l.Text)
	}
	want := []string{`path="yes"`, "pace=max", `mark=""`, "tau=100ms", "gain=0.5", "seed=0", "shards=auto",
		`token="[REDACTED]"`, "loud=false", "taps=[4]", "field.width=320", "field.height=240",
		"tiles.0.width=1", "tiles.0.height=2", "room=0", "begin_at=0", `only=""`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFilesOfListsAndSectionsAreFoundAndMapped(t *testing.T) {
	type part struct {
		Mask string `key:"mask" file:"read" doc:"A picture."`
	}
	cfg := struct {
		Path  string   `key:"path" file:"write" doc:"A file."`
		Dir   string   `key:"dir" file:"folder" doc:"A folder."`
		None  string   `key:"none" file:"read" doc:"A file."`
		Word  string   `key:"word" doc:"No file."`
		Both  []string `key:"both" file:"read" doc:"Files."`
		Parts []part   `key:"parts" doc:"Sections."`
		Part  part     `key:"part" doc:"A section."`
	}{"a", "b", "", "c", []string{"d", "e"}, []part{{"f"}, {""}}, part{"g"}}
	want := []component.File{
		{"path", "a", true}, {"both.0", "d", false}, {"both.1", "e", false}, {"parts.0.mask", "f", false}, {"part.mask", "g", false},
	}
	if diff := cmp.Diff(want, component.Files(&cfg)); diff != "" {
		t.Error(diff)
	}
	component.MapFiles(&cfg, func(path, name string) string { return path + "=" + name })
	got := []string{cfg.Path, cfg.Dir, cfg.None, cfg.Word, cfg.Both[1], cfg.Parts[0].Mask, cfg.Part.Mask}
	if diff := cmp.Diff([]string{"path=a", "dir=b", "", "c", "both.1=e", "parts.0.mask=f", "part.mask=g"}, got); diff != "" {
		t.Error(diff)
	}
}
