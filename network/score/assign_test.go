package score

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAssign(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		weight  [][]float64
		columns int
		want    []int
	}{
		{"no rows", nil, 3, []int{}},
		{"no columns", [][]float64{{}, {}}, 0, []int{-1, -1}},
		{"a pair without weight is not made", [][]float64{{0}}, 1, []int{-1}},
		{"the greedy choice is not the best", [][]float64{{9, 8}, {8, 1}}, 2, []int{1, 0}},
		{"more rows than columns", [][]float64{{1}, {3}, {2}}, 1, []int{-1, 0, -1}},
		{"more columns than rows", [][]float64{{1, 3, 2}}, 3, []int{1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, assign(tt.weight, tt.columns)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAssignIsAsGoodAsTryingAll(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		rows, columns := 1+rnd.IntN(5), 1+rnd.IntN(5)
		weight := make([][]float64, rows)
		for r := range weight {
			weight[r] = make([]float64, columns)
			for c := range weight[r] {
				weight[r][c] = float64(max(0, rnd.IntN(12)-4))
			}
		}
		sum := 0.
		used := map[int]bool{}
		for r, c := range assign(weight, columns) {
			if c < 0 {
				continue
			}
			if used[c] || weight[r][c] == 0 {
				t.Fatalf("%v: column %d is taken twice or has no weight", weight, c)
			}
			used[c] = true
			sum += weight[r][c]
		}
		if best := bestSum(weight, columns, 0, 0); sum != best {
			t.Fatalf("%v: sum %v, best %v", weight, sum, best)
		}
	}
}

// bestSum tries every assignment of the rows from r on; taken is a bit set of columns.
func bestSum(weight [][]float64, columns, r, taken int) float64 {
	if r == len(weight) {
		return 0
	}
	best := bestSum(weight, columns, r+1, taken)
	for c := range columns {
		if taken&(1<<c) == 0 {
			best = max(best, weight[r][c]+bestSum(weight, columns, r+1, taken|1<<c))
		}
	}
	return best
}
