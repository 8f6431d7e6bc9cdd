package digraph

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestEdgesBetweenComponentsLeadForward(t *testing.T) {
	for name, c := range map[string]struct {
		edges map[int][]int
		want  [][]int
	}{
		"nothing":                     {map[int][]int{}, [][]int{}},
		"a chain, numbered backwards": {map[int][]int{3: {2}, 2: {1}, 1: nil}, [][]int{{3}, {2}, {1}}},
		"without edges":               {map[int][]int{2: nil, 0: nil, 1: nil}, [][]int{{0}, {1}, {2}}},
		"an edge to itself":           {map[int][]int{0: {0, 1}, 1: nil}, [][]int{{0}, {1}}},
		"edges twice":                 {map[int][]int{0: {1, 1}, 1: nil}, [][]int{{0}, {1}}},
		"two loops in a row":          {map[int][]int{4: {7}, 7: {4, 0}, 0: {1}, 1: {0, 9}, 9: nil}, [][]int{{4, 7}, {0, 1}, {9}}},
	} {
		t.Run(name, func(t *testing.T) {
			var nodes []int
			for n := range c.edges {
				nodes = append(nodes, n) // in an order that changes
			}
			if d := cmp.Diff(c.want, Components(nodes, func(n int) []int { return c.edges[n] })); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestComponentsAreWhatReachesEachOther holds any small graph to its definition.
func TestComponentsAreWhatReachesEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 7
		var reaches [n][n]bool
		edges := make([][]int, n)
		for i := range n {
			edges[i] = rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 3).Draw(t, "edges")
			reaches[i][i] = true
			for _, to := range edges[i] {
				reaches[i][to] = true
			}
		}
		for via := range n {
			for a := range n {
				for b := range n {
					reaches[a][b] = reaches[a][b] || reaches[a][via] && reaches[via][b]
				}
			}
		}
		place := map[int]int{}
		for i, part := range Components([]int{0, 1, 2, 3, 4, 5, 6}, func(from int) []int { return edges[from] }) {
			for _, m := range part {
				place[m] = i
			}
		}
		for a := range n {
			for b := range n {
				if same := reaches[a][b] && reaches[b][a]; same != (place[a] == place[b]) || reaches[a][b] && place[a] > place[b] {
					t.Fatalf("%d is in component %d, %d in %d; %v", a, place[a], b, place[b], edges)
				}
			}
		}
	})
}
