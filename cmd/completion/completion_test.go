package completion_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"ganglion/cmd"
	"ganglion/cmd/standard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAShellCompletesNamesAndValues(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"list ":                  "sink",
		"describe ":              "parquet",
		"schema mo":              "motion",
		"simulate cr":            "crossing",
		"simulate ":              "clicks",
		"view x.raw --style ":    "surface",
		"view x.raw --style h":   "heat",
		"view x.flac --code ":    "burst",
		"infer x --profile sn":   "snntorch",
		"infer builtin:":         "builtin:computer",
		"nir info builtin:":      "builtin:shapes",
		"eval nir b":             "builtin:digits",
		"train keyword --from ":  "scratch",
		"train keyword --from b": "builtin:trunk",
		"convert a b --to ":      "evt3",
		"convert a b --from ":    "hdf5-ecf",
		"convert a b --time ":    "split",
		"run ":                   "yaml",
		"create recording/eve":   "recording/events",
		"eval motion --scenes ":  "disk",
		"eval digits --model bu": "builtin:digits",
	} {
		list := completions(t, line)
		if !slices.Contains(list, want) {
			t.Errorf("%q: %q is not among %q", line, want, list)
		}
	}
	if list := completions(t, "simulate crossing "); slices.Contains(list, "disk") {
		t.Errorf("a second scene: %q", list)
	}
	if list := completions(t, "convert a b --to "); slices.Contains(list, "evt4") {
		t.Errorf("a format that is only read: %q", list)
	}
}

// completions is what a shell is told.
func completions(t *testing.T, line string) (list []string) {
	t.Helper()
	args := strings.Fields(line)
	if strings.HasSuffix(line, " ") {
		args = append(args, "")
	}
	root := cmd.Root(standard.Components()...)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(new(bytes.Buffer))
	root.SetArgs(append([]string{"__complete"}, args...))
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(out.String()) {
		if name, _, _ := strings.Cut(strings.TrimSpace(l), "\t"); !strings.HasPrefix(name, ":") {
			list = append(list, name)
		}
	}
	return list
}
