package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestShippedRecordingIsWhatTheSimulatorMakes holds testdata/crossing.raw, the
// input of configs/motion.yaml, and its truth to the command that makes them;
// -update runs it.
func TestShippedRecordingIsWhatTheSimulatorMakes(t *testing.T) {
	const folder = "../../testdata"
	target := t.TempDir()
	if *update {
		target = folder
	}
	root := newRoot()
	root.SetOut(io.Discard)
	root.SetArgs([]string{"simulate", "crossing", "--width", "128", "--height", "128", "--noise", "1", "--seed", "1",
		"-o", filepath.Join(target, "crossing.raw"), "--truth", filepath.Join(target, "crossing.jsonl")})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
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
			t.Errorf("testdata/%s is not what the simulator makes; go test ./cmd/ganglion -update makes it", name)
		}
	}
}
