package baseline

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/network/motion/track"
)

// plain is DBSCAN by its definition, in n² time.
func plain(points []track.Point, eps float64, minPoints int) []int32 {
	near := func(i int) (all []int) {
		for j := range points {
			if math.Hypot(float64(points[i].X-points[j].X), float64(points[i].Y-points[j].Y)) <= eps {
				all = append(all, j)
			}
		}
		return all
	}
	of := make([]int32, len(points))
	for i := range of {
		of[i] = none
	}
	next := int32(0)
	for i := range points {
		if of[i] != none || len(near(i)) < minPoints {
			continue
		}
		of[i] = next
		for queue := []int{i}; len(queue) > 0; {
			k := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			for _, j := range near(k) {
				if of[j] == none {
					of[j] = next
					if len(near(j)) >= minPoints {
						queue = append(queue, j)
					}
				}
			}
		}
		next++
	}
	return of
}

func TestClustersAreThoseOfTheDefinition(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	for _, c := range []struct {
		eps       float64
		minPoints int
	}{{3, 4}, {10, 8}, {2.5, 2}} {
		k := newClusterer(c.eps, c.minPoints, 100, 80)
		for range 20 { // one clusterer for all, as in a readout
			points := make([]track.Point, rng.IntN(300))
			for i := range points {
				points[i] = track.Point{X: float32(rng.IntN(100)), Y: float32(rng.IntN(80))}
			}
			n := k.run(points)
			want := plain(points, c.eps, c.minPoints)
			if d := cmp.Diff(want, append([]int32{}, k.of...)); d != "" {
				t.Fatalf("eps %v, min points %d, %d points: %s", c.eps, c.minPoints, len(points), d)
			}
			for _, id := range want {
				if int(id) >= n {
					t.Fatalf("cluster %d of %d", id, n)
				}
			}
		}
	}
}
