package stdp

import (
	"errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
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
// counts. λ is the penalty. The result is [class][count].
func ridge(counts [][]float64, labels []int, classes int, penalty float64) ([][]float64, error) {
	n, d := len(counts), len(counts[0])
	x, y := mat.NewDense(n, d, nil), mat.NewDense(n, classes, nil)
	for i, row := range counts {
		norm := max(floats.Norm(row, 2), 1)
		for j, v := range row {
			x.Set(i, j, v/norm)
		}
		for k := range classes {
			y.Set(i, k, -1)
		}
		y.Set(i, labels[i], 1)
	}
	gram := mat.NewSymDense(n, nil)
	gram.SymOuterK(1, x)
	for i := range n {
		gram.SetSym(i, i, gram.At(i, i)+penalty)
	}
	var cholesky mat.Cholesky
	if !cholesky.Factorize(gram) {
		return nil, errors.New("the penalty is too small for these counts: no readout")
	}
	var dual, w mat.Dense
	if err := cholesky.SolveTo(&dual, y); err != nil {
		return nil, err
	}
	w.Mul(dual.T(), x)
	out := make([][]float64, classes)
	for k := range out {
		out[k] = mat.Row(nil, k, &w)
	}
	return out, nil
}
