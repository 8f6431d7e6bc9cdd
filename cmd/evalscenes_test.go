package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMotionMeetsItsGates runs the shipped motion config on scenes with seeds
// that its settings were not tuned on. GANGLION_LONG takes all of them, and the
// baseline beside.
func TestMotionMeetsItsGates(t *testing.T) {
	configs := []string{filepath.Join("..", "configs", "motion.yaml")}
	f := sceneFlags{scenes: "disk,bar-45,crossing,low-contrast,noise", seeds: "11", noise: 5, width: 128, height: 128}
	if os.Getenv("GANGLION_LONG") != "" {
		f.scenes, f.seeds = "all", "11-15"
		configs = append(configs, filepath.Join("..", "configs", "baseline.yaml"))
	}
	results, err := ganglion.evalScenes(t.Context(), f, configs)
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := writeScenes(&table, results); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
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

func TestSeedAndSceneLists(t *testing.T) {
	if seeds, err := seedList("3-5"); err != nil || len(seeds) != 3 || seeds[2] != 5 {
		t.Errorf("%v, %v", seeds, err)
	}
	for _, text := range []string{"", "x", "5-3", "1-5000", "-1"} {
		if seeds, err := seedList(text); err == nil {
			t.Errorf("%q gives seeds %v", text, seeds)
		}
	}
	if scenes, err := chosenScenes("all"); err != nil || len(scenes) != 19 {
		t.Errorf("%v, %v", scenes, err)
	}
	if _, err := chosenScenes("disk,dusk"); err == nil || !strings.Contains(err.Error(), `"dusk"`) {
		t.Errorf("%v", err)
	}
}
