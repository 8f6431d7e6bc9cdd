package bptt

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSpikesArriveAfterTheirNeuronsDelay(t *testing.T) {
	t.Parallel()
	a := newAxons(4, 3)
	a.whole = []int{3, 0, 1, 3}
	fired := [][]uint32{{0, 1, 2, 3}, {2}, {0, 1}, {}, {3}, {}, {}, {1}, {}}
	want := [][]uint32{{1}, {2}, {1, 2}, {0, 3}, {}, {0}, {}, {1, 3}, {}}
	for range 2 { // after a reset nothing is left of the first time
		for k, ids := range fired {
			if got := a.next([]uint32{}, ids); !cmp.Equal(got, want[k]) {
				t.Errorf("step %d: %v, want %v", k, got, want[k])
			}
		}
		a.next(nil, []uint32{0, 3})
		a.reset()
	}
}
