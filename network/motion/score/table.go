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

// columns are the figures of a Markdown table, with their precision.
var columns = []struct {
	title  string
	digits int
}{
	{"P", 3}, {"R", 3}, {"F1", 3}, {"AP50", 3}, {"MOTA", 3}, {"IDF1", 3}, {"switches", 1},
	{"false boxes/s", 2}, {"first box ms", 0}, {"centroid px", 2}, {"direction deg", 1}, {"wrong way", 3}, {"speed error", 3},
}

// WriteMarkdown writes a row for each scene, with the range of F1 over its
// recordings, and a row with the mean over the scenes.
func (t *Table) WriteMarkdown(w io.Writer) error {
	b := []byte("| scene | n |")
	rule := "\n| --- | ---: |"
	for _, c := range columns {
		b = fmt.Appendf(b, " %s |", c.title)
		rule += " ---: |"
	}
	b = append(append(b, " F1 range |"...), rule+" --- |\n"...)
	n := 0
	for _, scene := range t.scenes {
		rows := t.results[scene]
		n += len(rows)
		b = appendRow(b, scene, len(rows), t.Scene(scene), f1Range(rows))
	}
	b = appendRow(b, "mean", n, t.Mean(), "")
	_, err := w.Write(b)
	return err
}

func appendRow(b []byte, name string, n int, r Result, f1 string) []byte {
	b = fmt.Appendf(b, "| %s | %d |", name, n)
	for i, f := range r.figures() {
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
