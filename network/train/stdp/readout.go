package stdp

import (
	"errors"
	"math"
)

// ridge finds the linear map from counts to a score for each class, without an
// offset, that comes closest to +1 for the class of a sample and -1 for the
// others, with a penalty on its size (Hoerl & Kennard 1970). It is solved in
// the dual form, whose matrix is as large as there are samples:
//
//	W = Yᵀ (X Xᵀ + λ I)⁻¹ X
//
// The rows of X are the samples' counts at length 1, which changes the scores
// of a sample by one factor and so no decision: the readout is used on plain
// counts. λ is the penalty. The result is [class][count]. A library would add in
// an order of its own on each processor; here the sums are the same everywhere.
func ridge(counts [][]float64, labels []int, classes int, penalty float64) ([][]float64, error) {
	n := len(counts)
	x, gram, dual := make([][]float64, n), make([][]float64, n), make([][]float64, n)
	for i, row := range counts {
		norm := max(math.Sqrt(dot(row, row)), 1)
		x[i], gram[i], dual[i] = make([]float64, len(row)), make([]float64, i+1), make([]float64, classes)
		for j, v := range row {
			x[i][j] = v / norm
		}
		for j := range x[:i+1] {
			gram[i][j] = dot(x[i], x[j])
		}
		gram[i][i] += penalty
		for k := range dual[i] {
			dual[i][k] = -1
		}
		dual[i][labels[i]] = 1
	}
	if !factorize(gram) {
		return nil, errors.New("the penalty is too small for these counts: no readout")
	}
	substitute(gram, dual)
	out := make([][]float64, classes)
	for k := range out {
		out[k] = make([]float64, len(counts[0]))
		for i, row := range x {
			addScaled(out[k], dual[i][k], row)
		}
	}
	return out, nil
}

// factorize replaces the lower triangle of a symmetric matrix by its Cholesky
// factor L, with L Lᵀ the matrix, and reports whether it has one: whether the
// matrix is positive definite.
func factorize(a [][]float64) bool {
	for i, row := range a {
		for j := range i {
			row[j] = (row[j] - dot(row[:j], a[j][:j])) / a[j][j]
		}
		d := row[i] - dot(row[:i], row[:i])
		if !(d > 0) {
			return false
		}
		row[i] = math.Sqrt(d)
	}
	return true
}

// substitute replaces the rows of b by those of y with L Lᵀ y = b.
func substitute(l, b [][]float64) {
	for i, row := range l {
		for j := range i {
			addScaled(b[i], -row[j], b[j])
		}
		divide(b[i], row[i])
	}
	for i := len(l) - 1; i >= 0; i-- {
		divide(b[i], l[i][i])
		for j := range i {
			addScaled(b[j], -l[i][j], b[i])
		}
	}
}

func dot(a, b []float64) float64 {
	sum := 0.
	for i, v := range a {
		sum += float64(v * b[i])
	}
	return sum
}

func addScaled(dst []float64, scale float64, a []float64) {
	for i, v := range a {
		dst[i] += float64(scale * v)
	}
}

func divide(a []float64, by float64) {
	for i := range a {
		a[i] /= by
	}
}
