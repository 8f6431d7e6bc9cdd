package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestARecordingIsScoredAgainstTheTruthBesideIt scores one scene simulated and
// the same scene as a file.
func TestARecordingIsScoredAgainstTheTruthBesideIt(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "disk-7.raw")
	if _, stderr, code := invoke(t, "simulate", "disk", "--width", "128", "--height", "128", "--seed", "7", "--noise", "5",
		"-o", file, "--truth", filepath.Join(dir, "disk-7.jsonl")); code != 0 {
		t.Fatal(stderr)
	}
	config := filepath.Join("..", "configs", "motion.yaml")
	of := func(args ...string) map[string]any {
		out, stderr, code := invoke(t, append([]string{"eval", "motion", "--json", config}, args...)...)
		var all []struct{ Scenes map[string]map[string]any }
		if err := json.Unmarshal([]byte(out), &all); code != 0 || err != nil || len(all) != 1 {
			t.Fatalf("%v %s %s", err, out, stderr)
		}
		return all[0].Scenes["disk"]
	}
	scene, asFile := of("--scenes", "disk", "--seeds", "7"), of("--recordings", filepath.Join(dir, "*.raw"))
	if scene["f1"] != asFile["f1"] || scene["idf1"] != asFile["idf1"] || scene["f1"] == nil {
		t.Errorf("the scene scores %v, its file %v", scene, asFile)
	}
	if err := os.Remove(filepath.Join(dir, "disk-7.jsonl")); err != nil {
		t.Fatal(err)
	}
	if _, _, code := invoke(t, "eval", "motion", "--recordings", file, config); code == 0 {
		t.Error("no error without a truth")
	}
}
