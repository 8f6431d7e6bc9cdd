package picture

import (
	"fmt"
	"math"
)

// scale is the vertical axis of a panel: n rows, the lowest first, with a
// frequency each, Hz, or without.
type scale struct {
	n     int
	hertz []float64
}

// octaves are the frequencies that an axis may name, Hz.
var octaves = []float64{20, 50, 100, 200, 500, 1000, 2000, 4000, 8000, 16000}

// ticks are round rows, or octaves.
func (s scale) ticks() (all []tick) {
	mark := func(row float64, label string) {
		all = append(all, tick{(row + .5) / float64(s.n), label})
	}
	if len(s.hertz) < 2 {
		step := int(max(1, roundUp(float64(s.n)/9)))
		for row := 0; row < s.n; row += step {
			mark(float64(row), fmt.Sprint(row))
		}
		return all
	}
	for _, f := range octaves {
		if row, ok := s.row(f); ok {
			mark(row, hertzLabel(f))
		}
	}
	return all
}

// row is where a frequency lies between the rows.
func (s scale) row(f float64) (float64, bool) {
	for i := 1; i < len(s.hertz); i++ {
		if lo, hi := s.hertz[i-1], s.hertz[i]; f >= lo && f <= hi && hi > lo {
			return float64(i-1) + math.Log(f/lo)/math.Log(hi/lo), true
		}
	}
	return 0, false
}

func hertzLabel(f float64) string {
	if f >= 1000 {
		return fmt.Sprintf("%g kHz", f/1000)
	}
	return fmt.Sprintf("%g Hz", f)
}
