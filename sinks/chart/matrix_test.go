package chart

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dark counts the pixels that are darker than half.
func dark(t *testing.T, file string) int {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			if r, g, b, _ := m.At(x, y).RGBA(); (r+g+b)/3 < 0x8000 {
				n++
			}
		}
	}
	return n
}

func TestAConfusionIsDrawn(t *testing.T) {
	dir := t.TempDir()
	sure, unsure := filepath.Join(dir, "sure.png"), filepath.Join(dir, "unsure.png")
	if err := Confusion(sure, "sure", []string{"a", "b"}, [][]int{{9, 0, 0}, {0, 9, 0}}); err != nil {
		t.Fatal(err)
	}
	if err := Confusion(unsure, "unsure", []string{"a", "b"}, [][]int{{3, 3, 3}, {3, 3, 3}}); err != nil {
		t.Fatal(err)
	}
	if a, b := dark(t, sure), dark(t, unsure); a < 2*b {
		t.Errorf("%d dark pixels of a sure classifier, %d of one that guesses", a, b)
	}
	if err := Confusion(filepath.Join(dir, "x.gif"), "", []string{"a"}, [][]int{{1}}); err == nil || !strings.Contains(err.Error(), ".png") {
		t.Error(err)
	}
	if err := Confusion(sure, "", []string{"a"}, nil); err == nil {
		t.Error("labels without counts are drawn")
	}
}

func TestSpikesAndMembranesAreDrawn(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.png")
	if err := Traces(file, "layer", []Spike{{1, 0}, {2, 1}}, [][]float32{{0, 1}, {.5, .25}, {1, 0}}, 1, []int{0, 1}); err != nil {
		t.Fatal(err)
	}
	both := dark(t, file)
	if err := Traces(file, "layer", nil, nil, 1, nil); err != nil {
		t.Fatal(err)
	}
	if n := dark(t, file); n >= both {
		t.Errorf("%d dark pixels without spikes and membranes, %d with them", n, both)
	}
	if err := Traces(file, "", nil, [][]float32{{0}}, 1, []int{1}); err == nil || !strings.Contains(err.Error(), "no neuron 1") {
		t.Error(err)
	}
}
