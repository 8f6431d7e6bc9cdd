package filter_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// curve is a ROC curve: the events that are signal or noise, by falling score.
type curve struct {
	scores        []float32
	signal        []bool
	signals, rest int
}

func newCurve(scores []float32, l labelled) curve {
	var order []int
	for i := range scores {
		if l.signal[i] || l.noise[i] {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	var c curve
	for _, i := range order {
		c.scores, c.signal = append(c.scores, scores[i]), append(c.signal, l.signal[i])
		if l.signal[i] {
			c.signals++
		} else {
			c.rest++
		}
	}
	return c
}

// auc is the area under the curve: the chance that a signal event scores above
// a noise event, equal scores counting half (Mann and Whitney 1947).
func (c curve) auc() float64 {
	wins, above := 0.0, 0
	for i := 0; i < len(c.scores); {
		signals, noise := 0, 0
		for j := i; i < len(c.scores) && c.scores[i] == c.scores[j]; i++ {
			if c.signal[i] {
				signals++
			} else {
				noise++
			}
		}
		wins += float64(noise) * (float64(above) + float64(signals)/2)
		above += signals
	}
	return wins / float64(c.signals) / float64(c.rest)
}

// kept is the share of signal that a threshold keeps that keeps no more than
// the given share of noise.
func (c curve) kept(noiseShare float64) float64 {
	signals, noise, best := 0, 0, 0
	for i := 0; i < len(c.scores); {
		for j := i; i < len(c.scores) && c.scores[i] == c.scores[j]; i++ {
			if c.signal[i] {
				signals++
			} else {
				noise++
			}
		}
		if float64(noise) > noiseShare*float64(c.rest) {
			break
		}
		best = signals
	}
	return float64(best) / float64(c.signals)
}

func TestCurve(t *testing.T) {
	t.Parallel()
	l := labelled{
		signal: []bool{true, false, true, false, false, false},
		noise:  []bool{false, true, false, true, false, true},
	}
	c := newCurve([]float32{4, 3, 2, 2, 9, 1}, l) // the fifth is background
	if got, want := c.auc(), (3+.5+1)/6.; got != want {
		t.Errorf("AUC %v, want %v", got, want)
	}
	for share, want := range map[float64]float64{0: .5, .34: .5, .67: 1, 1: 1} {
		if got := c.kept(share); got != want {
			t.Errorf("at most %v of the noise: kept %v of the signal, want %v", share, got, want)
		}
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// share is the part of a group's events that passed.
func share(passed, group []bool) float64 {
	kept, all := 0, 0
	for i := range group {
		if group[i] {
			all++
			if passed[i] {
				kept++
			}
		}
	}
	return float64(kept) / float64(all)
}

// table collects cells row by row.
type table struct{ rows [][]string }

func (r *table) add(name, format string, values ...any) {
	if n := len(r.rows); n == 0 || r.rows[n-1][0] != name {
		r.rows = append(r.rows, []string{name})
	}
	last := &r.rows[len(r.rows)-1]
	*last = append(*last, fmt.Sprintf(format, values...))
}

func (r *table) markdown(columns []string) string {
	b := "| | " + strings.Join(columns, " | ") + " |\n|" + strings.Repeat(" --- |", len(columns)+1) + "\n"
	for _, row := range r.rows {
		b += "| " + strings.Join(row, " | ") + " |\n"
	}
	return b
}
