package cmd

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"ganglion/pipeline/runner"
	"ganglion/sinks/arrow"
)

// runQuietly runs a command line in this process.
func runQuietly(t *testing.T, args ...string) {
	t.Helper()
	root := ganglion.newRoot()
	root.SetOut(io.Discard)
	root.SetArgs(args)
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
}

// TestShippedConfigRuns runs configs/motion.yaml as the README does, NATS
// server included.
func TestShippedConfigRuns(t *testing.T) {
	out := t.TempDir()
	t.Chdir("..")
	file := filepath.Join(out, "summary.json")
	runQuietly(t, "run", "configs/motion.yaml", "--summary", file, "--log-level", "error",
		"--set", "sinks.1.path="+filepath.Join(out, "d.arrow"), "--set", "sinks.2.path="+filepath.Join(out, "d.jsonl"))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s runner.Summary
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Sinks) != 3 || s.Detections.Total == 0 {
		t.Errorf("%d sinks, %d detections", len(s.Sinks), s.Detections.Total)
	}
	for _, k := range s.Sinks {
		if k.Written != s.Detections.Total {
			t.Errorf("sink %s wrote %d of %d detections", k.Name, k.Written, s.Detections.Total)
		}
	}
	rows, err := arrow.ReadDetections(filepath.Join(out, "d.arrow"))
	if err != nil || uint64(len(rows)) != s.Detections.Total {
		t.Errorf("the Arrow file holds %d of %d detections: %v", len(rows), s.Detections.Total, err)
	}
}

// TestShippedRecordingIsWhatTheSimulatorMakes holds testdata/crossing.raw, the
// input of configs/motion.yaml, and its truth to the command that makes them;
// -update runs it.
func TestShippedRecordingIsWhatTheSimulatorMakes(t *testing.T) {
	const folder = "../testdata"
	target := t.TempDir()
	if *update {
		target = folder
	}
	runQuietly(t, "simulate", "crossing", "--width", "128", "--height", "128", "--noise", "1", "--seed", "1",
		"-o", filepath.Join(target, "crossing.raw"), "--truth", filepath.Join(target, "crossing.jsonl"))
	for _, name := range []string{"crossing.raw", "crossing.jsonl"} {
		got, err := os.ReadFile(filepath.Join(target, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("testdata/%s is not what the simulator makes; go test ./cmd -update makes it", name)
		}
	}
}

// TestShippedConfigsPassTheirTests runs what the files in configs expect of
// themselves; every one expects something.
func TestShippedConfigsPassTheirTests(t *testing.T) {
	t.Chdir("..")
	files, err := filepath.Glob("configs/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d configs: %v", len(files), err)
	}
	for _, file := range files {
		runQuietly(t, "test", file)
	}
}
