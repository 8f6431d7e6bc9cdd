package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/cmd/labels"
)

// A configuration does the same from wherever it is run, and may name networks that
// come with the program.
func TestAConfigurationRunsFromAnyFolder(t *testing.T) {
	dir := t.TempDir()
	for from, to := range map[string]string{
		"../configs/keywords.yaml": "conf/keywords.yaml", "../testdata/computer.flac": "testdata/computer.flac",
	} {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		to = filepath.Join(dir, to)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	runs := map[string]bool{}
	for _, at := range []string{".", "conf", "testdata"} {
		t.Chdir(filepath.Join(dir, at))
		conf, err := filepath.Rel(filepath.Join(dir, at), filepath.Join(dir, "conf", "keywords.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		_, stderr, code := invoke(t, "run", conf, "--log-level", "error", "--set", "sinks.0.path=heard.jsonl")
		if code != 0 {
			t.Fatalf("from %s: exit code %d: %s", at, code, stderr)
		}
		heard, err := labels.ReadDetections("heard.jsonl")
		if err != nil || len(heard) != 3 {
			t.Fatalf("from %s: %d words, %v", at, len(heard), err)
		}
		runs[heard[0].Run] = true
		if _, err := os.Stat(filepath.Join(dir, "out", "keywords.arrow")); err != nil {
			t.Errorf("from %s: the output of the file does not lie beside its folder: %v", at, err)
		}
	}
	if len(runs) != 1 {
		t.Errorf("the run depends on the folder: %v", runs)
	}
	_, stderr, code := invoke(t, "run", filepath.Join(dir, "conf", "keywords.yaml"), "--set", "network.path=builtin:comp", "--set", "sinks=[]")
	if code != exitUsage || !strings.Contains(stderr,
		"builtin:comp: is not among the networks that come with the program: computer, digits, shapes, trunk") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
