package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"ganglion/pipeline/config"
)

// Paths of a file begin at its folder, those of a command line where the command
// runs, and what is not a path stays as it is.
func TestPathsBeginWhereTheyAreWritten(t *testing.T) {
	at := func(path string, sets ...string) string {
		text := "name: demo\nsource: {type: recording, path: \"" + path + "\"}\nencoder: {type: events}\n" +
			"network: {model: motion}\nreadout: {type: motion}\n"
		ps, err := config.Parse("some/where/demo.yaml", []byte(text), options(sets...))
		if err != nil {
			t.Fatal(err)
		}
		return ps[0].Source.Config.(*source).Path
	}
	for written, want := range map[string]string{
		"a.raw":               "some/where/a.raw",
		"../a.raw":            "some/a.raw",
		"./b/{name}.raw":      "some/where/b/{name}.raw",
		"${env:DIR}/a.raw":    "/data/a.raw",
		"x/${env:N}.raw":      "some/where/x/3.raw",
		"/a.raw":              "/a.raw",
		"-":                   "-",
		"udp://127.0.0.1:900": "udp://127.0.0.1:900",
		"builtin:computer":    "builtin:computer",
	} {
		if got := at(written); got != filepath.FromSlash(want) {
			t.Errorf("%s: %s, want %s", written, got, want)
		}
	}
	if got := at("a.raw", "source.path=b.raw"); got != "b.raw" {
		t.Errorf("--set: %s", got)
	}
	o, err := config.ParseSet("source={type: recording, path: b.raw}")
	if err != nil {
		t.Fatal(err)
	}
	o.Dir = "else"
	ps, err := config.Parse("some/demo.yaml", []byte(good), config.Options{Table: table, Overrides: []config.Override{o}})
	if err != nil {
		t.Fatal(err)
	}
	if got := ps[0].Source.Config.(*source).Path; got != filepath.Join("else", "b.raw") {
		t.Errorf("an override that stands in a folder: %s", got)
	}
	if got := ps[0].Sinks[0].Config.(*sink).Path; got != filepath.Join("some", "out.jsonl") {
		t.Errorf("of a sink: %s", got)
	}
}

// A configuration is the same wherever it lies.
func TestTheHashGoesByThePathsThatAreWritten(t *testing.T) {
	here, err := config.Parse("demo.yaml", []byte(good), options())
	if err != nil {
		t.Fatal(err)
	}
	there, err := config.Parse("some/demo.yaml", []byte(good), options())
	if err != nil {
		t.Fatal(err)
	}
	if here[0].Hash != there[0].Hash {
		t.Errorf("%s and %s", here[0].Hash, there[0].Hash)
	}
}

func TestTheFileOfASecretLiesBesideTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := []byte("name: demo\nsource: {type: recording, path: a, token: \"file:token\"}\nencoder: {type: events}\n" +
		"network: {model: motion}\nreadout: {type: motion}\n")
	ps, err := config.Parse(filepath.Join(dir, "demo.yaml"), text, options())
	if err != nil {
		t.Fatal(err)
	}
	if got := ps[0].Source.Config.(*source).Token; got != "geheim" {
		t.Errorf("%q", string(got))
	}
}
