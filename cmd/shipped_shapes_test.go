package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ganglion/pipeline"
	"ganglion/sinks/arrow"
)

// TestShippedShapesAreToldApart runs configs/shapes.yaml and wants the three
// shapes by name, once each, while they pass: the disk until 1.79 s, the bar
// until 3.41 s, the cross until the end (the truth of the simulator).
func TestShippedShapesAreToldApart(t *testing.T) {
	out := filepath.Join(t.TempDir(), "d.arrow")
	t.Chdir("..")
	runQuietly(t, "run", "configs/shapes.yaml", "--log-level", "error", "--set", "sinks=[{type: arrow, path: "+out+"}]")
	found, err := arrow.ReadDetections(out)
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	ends := []int64{1_790_000, 3_410_000, 5_000_000}
	for i, d := range found {
		labels = append(labels, d.Label)
		if d.Kind != pipeline.Class || i < len(ends) && (d.T > ends[i] || i > 0 && d.T < ends[i-1]) {
			t.Errorf("%s %q at %d µs", d.Kind, d.Label, d.T)
		}
	}
	if !slices.Equal(labels, []string{"disk", "bar", "cross"}) {
		t.Errorf("%q", labels)
	}
}

// TestShippedShapesAreWhatTheSimulatorMakes holds the events of testdata/shapes.h5,
// which takes little more than half of the space of EVT3, to the command that makes
// them; -update runs it.
func TestShippedShapesAreWhatTheSimulatorMakes(t *testing.T) {
	const shipped = "../testdata/shapes.h5"
	made, back := filepath.Join(t.TempDir(), "made.raw"), filepath.Join(t.TempDir(), "back.raw")
	runQuietly(t, "simulate", "shapes", "--width", "136", "--height", "136", "--noise", "1", "--seed", "3", "--duration", "5s", "-o", made)
	if *update {
		runQuietly(t, "convert", made, shipped)
	}
	runQuietly(t, "convert", shipped, back) // EVT3 again, in which the same writer gives the same bytes
	want, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(back)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("testdata/shapes.h5 is not what the simulator makes; go test ./cmd -update makes it")
	}
}
