package score

import "math"

// assign pairs rows with columns one to one so that the sum of the weights is
// largest, and returns each row's column or -1. Pairs without weight (0) are
// not made. It is the Hungarian algorithm with potentials (Kuhn 1955, in the
// O(n² m) form of Jonker and Volgenant 1987).
func assign(weight [][]float64, columns int) []int {
	rows := len(weight)
	if columns == 0 || rows == 0 {
		return filled(rows)
	}
	if rows > columns {
		return invert(assign(transpose(weight, columns), rows), rows)
	}
	h := hungarian{
		weight: weight, rowPotential: make([]float64, rows+1), columnPotential: make([]float64, columns+1),
		rowOf: make([]int, columns+1), from: make([]int, columns+1),
	}
	for r := 1; r <= rows; r++ {
		h.augment(r)
	}
	result := filled(rows)
	for c := 1; c <= columns; c++ {
		if r := h.rowOf[c]; r > 0 && weight[r-1][c-1] > 0 {
			result[r-1] = c - 1
		}
	}
	return result
}

// hungarian is the state of the algorithm. Rows and columns count from 1; 0
// stands for the row that is being placed.
type hungarian struct {
	weight                        [][]float64
	rowPotential, columnPotential []float64
	rowOf                         []int // the row each column has, 0 for none
	from                          []int // the column before it on the shortest path
}

// augment gives row r a column along the shortest path of reduced costs.
func (h *hungarian) augment(r int) {
	n := len(h.rowOf)
	slack, done := make([]float64, n), make([]bool, n)
	for c := range slack {
		slack[c] = math.Inf(1)
	}
	h.rowOf[0] = r
	at := 0
	for h.rowOf[at] != 0 {
		done[at] = true
		at = h.extend(at, slack, done)
	}
	for at != 0 {
		h.rowOf[at] = h.rowOf[h.from[at]]
		at = h.from[at]
	}
}

// extend adds the nearest column to the shortest-path tree and returns it.
func (h *hungarian) extend(at int, slack []float64, done []bool) int {
	row, next, delta := h.rowOf[at], 0, math.Inf(1)
	for c := 1; c < len(slack); c++ {
		if done[c] {
			continue
		}
		cost := -h.weight[row-1][c-1] - h.rowPotential[row] - h.columnPotential[c]
		if cost < slack[c] {
			slack[c], h.from[c] = cost, at
		}
		if slack[c] < delta {
			delta, next = slack[c], c
		}
	}
	for c := range slack {
		if done[c] {
			h.rowPotential[h.rowOf[c]] += delta
			h.columnPotential[c] -= delta
		} else {
			slack[c] -= delta
		}
	}
	return next
}

func transpose(m [][]float64, columns int) [][]float64 {
	t := make([][]float64, columns)
	for c := range t {
		t[c] = make([]float64, len(m))
		for r := range m {
			t[c][r] = m[r][c]
		}
	}
	return t
}

// invert turns each column's row into each row's column.
func invert(rowOf []int, rows int) []int {
	result := filled(rows)
	for c, r := range rowOf {
		if r >= 0 {
			result[r] = c
		}
	}
	return result
}

func filled(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = -1
	}
	return s
}
