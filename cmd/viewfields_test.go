package cmd

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/network/nir"
)

// TestViewShowsReceptiveFields looks at layers of the networks that come with the
// program and of one that has none to show.
func TestViewShowsReceptiveFields(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "fields.png")
	for _, c := range []struct {
		file, node string
		want       string
	}{
		{"../configs/shapes.nir", "", "convolution1_in: 2x5x5 weights onto each of 16 channels"},
		{"../configs/shapes.nir", "convolution2_in", "16x3x3 weights onto each of 32 channels"},
		{"../configs/shapes.nir", "readout_in", "32x9x9 weights onto each of 3 neurons"},
		{"builtin:digits", "", "onto each of"},
		{"builtin:computer", "", "hidden1_in: a row of 160 weights onto each of 128 neurons"},
	} {
		args := []string{"view", c.file, "-o", out}
		if c.node != "" {
			args = append(args, "--node", c.node)
		}
		said := output(t, args...)
		if !strings.Contains(said, c.want) {
			t.Errorf("%v: %s", args, said)
		}
		f, err := os.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(f)
		f.Close()
		if err != nil || img.Bounds().Dx() < 300 {
			t.Errorf("%v: %v", args, err)
		}
	}
	for want, args := range map[string][]string{
		"the nodes with weights are convolution1_in, convolution2_in, readout_in": {"--node", "pool"},
		"--style is for recordings, not for a network":                            {"--style", "decay"},
	} {
		r := runCommand(t.Context(), append([]string{"view", "../configs/shapes.nir", "-o", out}, args...)...)
		if r.code != exitUsage || !strings.Contains(r.stderr, want) {
			t.Errorf("%v: exit code %d, %s", args, r.code, r.stderr)
		}
	}
	if r := runCommand(t.Context(), "view", "../configs/shapes.nir", "-o", filepath.Join(dir, "a.gif")); r.code != exitUsage {
		t.Errorf("a film of weights: exit code %d", r.code)
	}
	r := runCommand(t.Context(), "view", filepath.Join(dir, "none.nir"), "-o", out)
	if r.code == 0 || !strings.Contains(r.stderr, "none.nir") {
		t.Errorf("a file that is not there: %s", r.stderr)
	}
}

// TestADenseLayerBehindAFlattenedGridSeesIt follows the shapes back, and stops where
// values are computed.
func TestADenseLayerBehindAFlattenedGridSeesIt(t *testing.T) {
	t.Parallel()
	dense := func(out, in int) *nir.Linear {
		return &nir.Linear{Weight: nir.Float32([]int{out, in}, make([]float32, out*in))}
	}
	g := &nir.Graph{
		Nodes: []nir.Node{
			{Name: "a", Op: &nir.Input{Shape: []int{2, 3, 4}}},
			{Name: "b", Op: &nir.Flatten{EndDim: -1, InputShape: []int{2, 3, 4}}},
			{Name: "c", Op: dense(24, 24)},
			{Name: "d", Op: dense(5, 24)},
			{Name: "e", Op: &nir.Output{}},
		},
		Edges: []nir.Edge{{From: "a", To: "b"}, {From: "b", To: "c"}, {From: "c", To: "d"}, {From: "d", To: "e"}},
	}
	path := filepath.Join(t.TempDir(), "dense.nir")
	if err := nir.WriteFile(path, &nir.Model{Graph: g}); err != nil {
		t.Fatal(err)
	}
	picture := path + ".png"
	if said := output(t, "view", path, "-o", picture); !strings.Contains(said, "c: 2x3x4 weights onto each of 24 neurons") ||
		!strings.Contains(said, "(--node): d") {
		t.Error(said)
	}
	said := output(t, "view", path, "-o", picture, "--node", "d")
	if !strings.Contains(said, "d: a row of 24 weights onto each of 5 neurons") {
		t.Error(said)
	}
	scale := &nir.Scale{Scale: nir.Float32([]int{24}, make([]float32, 24))}
	g.Nodes[2], g.Nodes[3] = nir.Node{Name: "c", Op: scale}, nir.Node{Name: "d", Op: scale}
	w, err := newWeighted(g)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.pick(""); err == nil || !strings.Contains(err.Error(), "no node with weights") {
		t.Error(err)
	}
}
