package cmd

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/network/nir"
	"ganglion/pipeline"
)

// anotherWord writes the shipped model under the name of another word.
func anotherWord(t *testing.T, word string) string {
	t.Helper()
	m, err := nir.ReadFile("configs/computer.nir", nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range m.Graph.Metadata {
		if e.Key == "labels" {
			m.Graph.Metadata[i].Value = nir.Text{Shape: []int{2}, Values: []string{"_other", word}}
		}
	}
	file := filepath.Join(t.TempDir(), word+".nir")
	if err := nir.WriteFile(file, &nir.Model{Graph: m.Graph}); err != nil {
		t.Fatal(err)
	}
	return file
}

// One pipeline hears words of models that were trained apart, each as if it were
// alone.
func TestOnePipelineHearsTheWordsOfSeveralModels(t *testing.T) {
	t.Chdir("..")
	other := anotherWord(t, "rechner")
	want := runKeywords(t)
	args := func(words string, more ...string) []string {
		models := "[configs/computer.nir, " + other + "]"
		return append([]string{
			"--set", "network.path=''", "--set", "network.models=" + models, "--set", "readout={type: keyword, lock_out: 0s, models: " + models +
				words + "}",
		}, more...)
	}
	same := func(name string, got []pipeline.Detection, label string) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%s: %d detections, want %d", name, len(got), len(want))
			return
		}
		for i, d := range got {
			w := want[i]
			if label != "computer" && d.Model == w.Model {
				t.Errorf("%s: the model of %q is %s", name, d.Label, d.Model)
			}
			w.Label, w.Model, w.Run = label, d.Model, d.Run
			if diff := cmp.Diff(lines([]pipeline.Detection{w}), lines([]pipeline.Detection{d})); diff != "" {
				t.Errorf("%s (-alone +several):\n%s", name, diff)
			}
		}
	}
	same("the first word", runKeywords(t, args(", words: [{label: computer}]")...), "computer")
	same("the second word", runKeywords(t, args(", words: [{label: rechner}]")...), "rechner")
	same("in shards", runKeywords(t, args(", words: [{label: rechner}]", "--set", "network.shards=3")...), "rechner")
	if all := runKeywords(t, args("")...); len(all) != len(want) || all[0].Label != "computer" {
		t.Errorf("of equals the first is detected: %d detections, %v", len(all), all)
	}
}

func TestModelsSideBySideAreCheckedAtTheStart(t *testing.T) {
	t.Chdir("..")
	other := anotherWord(t, "computer")
	for want, set := range map[string][]string{
		"models: there is a path as well": {"network.models=[" + other + "]"},
		"both know \"computer\"": {"network={model: nir, step: 10ms, models: [configs/computer.nir, " + other + "]}",
			"readout={type: keyword, models: [configs/computer.nir, " + other + "]}"},
		"give network.models the same": {"readout={type: keyword, models: [configs/computer.nir]}"},
		"no place for model":           {"readout={type: keyword, model: configs/computer.nir, models: [configs/computer.nir]}"},
		"network.path: required":       {"network={model: nir}"},
	} {
		args := []string{"run", "configs/keywords.yaml", "--log-level", "error"}
		for _, s := range set {
			args = append(args, "--set", s)
		}
		if r := runCommand(t.Context(), args...); r.code == 0 || !strings.Contains(r.stderr, want) {
			t.Errorf("%v: exit code %d, want %q:\n%s", set, r.code, want, r.stderr)
		}
	}
}
