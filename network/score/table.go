package score

import (
	"fmt"
	"io"
	"slices"
)

// Table collects the results of several recordings, grouped by scene.
type Table struct {
	scenes  []string // in the order they came
	results map[string][]Result
}

// Add puts one recording's result under its scene.
func (t *Table) Add(scene string, r Result) {
	if t.results == nil {
		t.results = map[string][]Result{}
	}
	if _, ok := t.results[scene]; !ok {
		t.scenes = append(t.scenes, scene)
	}
	t.results[scene] = append(t.results[scene], r)
}

// Scenes lists the scenes in the order they first came.
func (t *Table) Scenes() []string { return t.scenes }

// Scene is the median of each figure over a scene's recordings.
func (t *Table) Scene(scene string) Result {
	return combine(t.results[scene], func(v []float64) Figure { return median(v) })
}

// Mean is the mean of each figure over the scenes' medians, so that each scene
// weighs the same.
func (t *Table) Mean() Result {
	rows := make([]Result, len(t.scenes))
	for i, scene := range t.scenes {
		rows[i] = t.Scene(scene)
	}
	return combine(rows, func(v []float64) Figure {
		if len(v) == 0 {
			return Undefined()
		}
		sum := 0.
		for _, x := range v {
			sum += x
		}
		return Figure(sum / float64(len(v)))
	})
}

// combine reduces each figure over the results in which it is defined.
func combine(results []Result, reduce func([]float64) Figure) Result {
	var out Result
	for i, to := range out.figures() {
		var v []float64
		for j := range results {
			if f := *results[j].figures()[i]; f.Defined() {
				v = append(v, float64(f))
			}
		}
		*to = reduce(v)
	}
	return out
}

// columns are the figures of a Markdown table, with their precision. Those that are
// not in a wide table alone fit a terminal of 100 columns.
var columns = []struct {
	title  string
	digits int
	wide   bool
}{
	{"P", 3, false}, {"R", 3, false}, {"F1", 3, false}, {"AP50", 3, true}, {"MOTA", 3, true}, {"IDF1", 3, false}, {"switches", 1, true},
	{"false boxes/s", 2, false}, {"first box ms", 0, false}, {"centroid px", 2, true}, {"direction deg", 1, false}, {"wrong way", 3, true},
	{"speed error", 3, true},
}

// WriteMarkdown writes a row for each scene, with the range of F1 over its
// recordings, and a row with the mean over the scenes. It fits a terminal of 100
// columns; a wide table has every figure.
func (t *Table) WriteMarkdown(w io.Writer, wide bool) error {
	b := []byte("| scene | n |")
	rule := "\n| --- | ---: |"
	for _, c := range columns {
		if wide || !c.wide {
			b = fmt.Appendf(b, " %s |", c.title)
			rule += " ---: |"
		}
	}
	b = append(append(b, " F1 range |"...), rule+" --- |\n"...)
	n := 0
	for _, scene := range t.scenes {
		rows := t.results[scene]
		n += len(rows)
		b = appendRow(b, wide, scene, len(rows), t.Scene(scene), f1Range(rows))
	}
	b = appendRow(b, wide, "mean", n, t.Mean(), "")
	_, err := w.Write(b)
	return err
}

func appendRow(b []byte, wide bool, name string, n int, r Result, f1 string) []byte {
	b = fmt.Appendf(b, "| %s | %d |", name, n)
	for i, f := range r.figures() {
		if columns[i].wide && !wide {
			continue
		}
		b = append(b, ' ')
		if f.Defined() {
			b = fmt.Appendf(b, "%.*f ", columns[i].digits, float64(*f))
		}
		b = append(b, '|')
	}
	return fmt.Appendf(b, " %s |\n", f1)
}

func f1Range(rows []Result) string {
	var v []float64
	for _, r := range rows {
		if r.F1.Defined() {
			v = append(v, float64(r.F1))
		}
	}
	if len(v) == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f..%.2f", slices.Min(v), slices.Max(v))
}
