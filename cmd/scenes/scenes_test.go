package scenes

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"ganglion/cmd/service"
	"ganglion/cmd/standard"
	"ganglion/pipeline/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// load reads configurations of the project.
func load(t *testing.T, names ...string) []*config.Pipeline {
	t.Helper()
	var files []string
	for _, name := range names {
		files = append(files, filepath.Join("..", "..", "configs", name))
	}
	pipelines, err := config.Load(files, config.Options{
		Table: standard.Components(), Sections: service.Sections(), SinkSections: service.SinkSections(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return pipelines
}

// scored runs pipelines on takes and returns the tables beside the results.
func scored(t *testing.T, o Options, pipelines []*config.Pipeline) ([]*Result, string) {
	t.Helper()
	takes, err := o.Takes()
	if err != nil {
		t.Fatal(err)
	}
	results, err := Score(t.Context(), pipelines, takes)
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := WriteMarkdown(&table, true, results); err != nil {
		t.Fatal(err)
	}
	return results, table.String()
}

// TestMotionMeetsItsGates runs the shipped motion config on scenes with seeds
// that its settings were not tuned on. GANGLION_LONG takes all of them, and the
// baseline beside.
func TestMotionMeetsItsGates(t *testing.T) {
	t.Parallel()
	o := Options{Scenes: "disk,bar-45,crossing,low-contrast,noise", Seeds: "11", Noise: 5, Width: 128, Height: 128}
	configs := []string{"motion.yaml"}
	if os.Getenv("GANGLION_LONG") != "" {
		o.Scenes, o.Seeds = "all", "11-15"
		configs = append(configs, "baseline.yaml")
	}
	results, table := scored(t, o, load(t, configs...))
	t.Log("\n" + table)
	r := results[0]
	if !(r.Mean.F1 >= .74) || !(r.Mean.IDF1 >= .72) {
		t.Errorf("mean F1 %v, IDF1 %v: want .74 and .72", r.Mean.F1, r.Mean.IDF1)
	}
	for name, s := range r.Scenes {
		single := name == "disk" || strings.HasPrefix(name, "bar-")
		if single && !(s.DirectionErrDegMedian <= 2.5) {
			t.Errorf("%s: direction error %v degrees: want 2.5", name, s.DirectionErrDegMedian)
		}
		if name == "noise" && s.FalseBoxesPerS != 0 {
			t.Errorf("%v boxes a second in noise: want none", s.FalseBoxesPerS)
		}
	}
}

// Several configurations stand side by side, and what has no objects beside the mean.
func TestConfigurationsAreComparedSceneByScene(t *testing.T) {
	t.Parallel()
	o := Options{Scenes: "disk,noise", Seeds: "3-4", Noise: 1, Width: 64, Height: 64}
	results, table := scored(t, o, load(t, "motion.yaml", "baseline.yaml"))
	if len(results) != 2 || results[0].Config == results[1].Config {
		t.Fatalf("%+v", results)
	}
	for _, want := range []string{
		"### " + results[0].Config + "\n", "### " + results[1].Config + ": beside the mean\n", "### side by side",
		"\n| scene | " + results[0].Config + " | " + results[1].Config + " |\n", "\n| disk | ", "\n| noise | - / - / - |", "\n| **mean** | ",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
	if m := results[0].Mean; m != results[0].Scenes["disk"] {
		t.Errorf("the mean of one scene: %+v", m)
	}
}
