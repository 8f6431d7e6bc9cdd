package cmd

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ganglion/sinks/picture"
)

// TestPictureOfTheWordComputerIsCurrent holds the curves of docs/keywords.md to the
// table above them; -update draws them.
func TestPictureOfTheWordComputerIsCurrent(t *testing.T) {
	page, err := os.ReadFile("../docs/keywords.md")
	if err != nil {
		t.Fatal(err)
	}
	chart := picture.Tradeoff{Title: "computer, five folds", Curves: []picture.Curve{{Name: "clean"}, {Name: "20 dB"}, {Name: "10 dB"}}}
	_, table, _ := strings.Cut(string(page), "false reject rate, clean | false accepts per hour, clean |")
	table, _, _ = strings.Cut(table, "\n\n")
	for row, line := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(line, "|")[1:]
		for i := range chart.Curves {
			c := &chart.Curves[i]
			rejects, accepts := figures(t, cells[1+2*i]), figures(t, cells[2+2*i])
			p := picture.Point{Threshold: figures(t, cells[0])[0], Rejects: rejects[0] / 100, Accepts: accepts[0]}
			if strings.Contains(cells[0], "**") { // in use, with its intervals
				c.Chosen = row
				p.Rejects95 = [2]float64{rejects[1] / 100, rejects[2] / 100}
				p.Accepts95 = [2]float64{accepts[1], accepts[2]}
			}
			c.Points = append(c.Points, p)
		}
	}
	sameAsStored(t, "keywords.png", chart.Paint)
}

// figures are the numbers of a cell.
func figures(t *testing.T, cell string) (list []float64) {
	t.Helper()
	for _, s := range regexp.MustCompile(`\d+(\.\d+)?`).FindAllString(cell, -1) {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		t.Fatalf("%q holds no number", cell)
	}
	return list
}
