package chart

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func curve() Curve {
	return Curve{Name: "clean", Chosen: 1, Points: []Point{
		{FalsePerHour: 12, Miss: .01}, {FalsePerHour: 3, Miss: .04, FalsePerHour95: [2]float64{1, 7}, Miss95: [2]float64{.02, .09}}, {Miss: .3},
	}}
}

func TestATradeoffIsDrawn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "det.png")
	if err := Tradeoff(file, "computer", 1.3, []Curve{curve()}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(b))
	if err != nil || picture.Bounds().Dx() < 300 {
		t.Fatalf("%v: %v", picture.Bounds(), err)
	}
	colours := map[[3]uint32]int{}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			r, g, b, _ := picture.At(x, y).RGBA()
			colours[[3]uint32{r, g, b}]++
		}
	}
	other := filepath.Join(t.TempDir(), "det.png")
	c := curve()
	c.Points[0].Miss = .5
	if err := Tradeoff(other, "computer", 1.3, []Curve{c}); err != nil {
		t.Fatal(err)
	}
	if o, err := os.ReadFile(other); err != nil || bytes.Equal(o, b) || len(colours) < 3 {
		t.Errorf("another curve looks the same, or the picture is empty: %v, %d colours", err, len(colours))
	}
}

func TestWhatCannotBeDrawnIsRefused(t *testing.T) {
	dir := t.TempDir()
	for name, err := range map[string]error{
		"another format": Tradeoff(filepath.Join(dir, "det.bmp"), "", 1, []Curve{curve()}),
		"no curve":       Tradeoff(filepath.Join(dir, "det.png"), "", 1, nil),
		"no point":       Tradeoff(filepath.Join(dir, "det.png"), "", 1, []Curve{{Name: "empty"}}),
		"no time":        Tradeoff(filepath.Join(dir, "det.png"), "", 0, []Curve{curve()}),
		"no folder":      Tradeoff(filepath.Join(dir, "none", "det.png"), "", 1, []Curve{curve()}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTicksAreRoundNumbers(t *testing.T) {
	var labels []string
	for _, k := range (ticks{}).Ticks(.4, 21) {
		labels = append(labels, k.Label)
	}
	if got, want := len(labels), 6; got != want || labels[0] != "0.5" || labels[5] != "20" {
		t.Errorf("%q", labels)
	}
}
