package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestThePictureOfTheNeuronIsCurrent holds the picture of docs/concepts.md to the
// commands that make it; -update runs them.
func TestThePictureOfTheNeuronIsCurrent(t *testing.T) {
	const picture = "../docs/images/lif.png"
	dir := t.TempDir()
	disk, small, made := filepath.Join(dir, "disk.raw"), filepath.Join(dir, "small.raw"), filepath.Join(dir, "lif.png")
	runQuietly(t, "simulate", "disk", "-o", disk, "--width", "16", "--height", "16", "--duration", "250ms")
	runQuietly(t, "convert", disk, small, "--filter", "downsample: {factor: 2}")
	runQuietly(t, "infer", "../testdata/tiny.nir", small, "--profile", "snntorch", "--layer", "lif", "--plot", made)
	got, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(picture, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what infer makes; go test ./cmd -update makes it", picture)
	}
}
