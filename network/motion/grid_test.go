package motion

import (
	"math"
	"math/rand/v2"
	"testing"

	"ganglion/network/motion/track"
)

// at is a spike in the middle of a pixel.
func at(x, y float32) spike { return spike{Point: track.Point{X: x, Y: y}} }

// clusters counts what the cells of some spikes join to, and the largest.
func clusters(link float64, spikes ...spike) (n, largest int) {
	g := newGrid(10, 10)
	for i := range spikes {
		g.add(g.cell(&spikes[i]), &spikes[i])
	}
	g.join(link)
	sizes := map[int32]int{}
	for _, c := range g.active {
		sizes[g.find(c)]++
	}
	for _, s := range sizes {
		largest = max(largest, s)
	}
	return len(sizes), largest
}

func TestCellsJoinByTheMeanPlacesOfTheirSpikes(t *testing.T) {
	t.Parallel()
	const a, b = 2, 2 + cellSize
	for _, c := range []struct {
		name       string
		link       float64
		spikes     []spike
		n, largest int
	}{
		{"one cell", 1, []spike{at(a, a), at(a, a)}, 1, 1},
		{"at the link", cellSize, []spike{at(a, a), at(b, a)}, 1, 2},
		{"beyond it", cellSize - .01, []spike{at(a, a), at(b, a)}, 2, 1},
		{"the mean decides, not the sum", cellSize, []spike{at(a, a), at(a, a), at(b, a), at(b, a), at(b, a)}, 1, 2},
		{"nor does a single spike", cellSize, []spike{at(a, a), at(b, a), at(b+1, a)}, 2, 1},
		{"below and to the left", 1.5 * cellSize, []spike{at(b, a), at(a, b)}, 1, 2},
		{"a chain is one", cellSize, []spike{at(a, a), at(b, a), at(b, b), at(b+cellSize, b), at(b+cellSize, b+cellSize)}, 1, 5},
		{"the far end of a row is not near its start", cellSize, []spike{at(a+9*cellSize, a), at(a, b)}, 2, 1},
		{"two chains", cellSize, []spike{at(a, a), at(b, a), at(a, b+3*cellSize), at(b, b+3*cellSize), at(b+cellSize, b+3*cellSize)}, 2, 3},
	} {
		if n, largest := clusters(c.link, c.spikes...); n != c.n || largest != c.largest {
			t.Errorf("%s: %d clusters, the largest of %d cells; want %d of %d", c.name, n, largest, c.n, c.largest)
		}
	}
}

// TestCellsJoinAsAllPairsWithinTheLinkDo compares the cells within reach with all others, for
// links below, at and between whole cells, on a grid whose rows begin anywhere in a word.
func TestCellsJoinAsAllPairsWithinTheLinkDo(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, link := range []float64{1, 4, 4.5, 7.9, 8, 8.5, 12, 300} {
		g := newGrid(45, 20)
		for range 2 { // the second time over what the first has left
			g.reset()
			for range 250 {
				s := at(float32(rng.IntN(45*cellSize)), float32(rng.IntN(20*cellSize)))
				g.add(g.cell(&s), &s)
			}
			g.join(link)
			all := apart(g, link)
			for i, a := range g.active {
				for _, b := range g.active[:i] {
					if got, want := g.parent[a] == g.parent[b], all[a] == all[b]; got != want {
						t.Fatalf("link %v: cells %d and %d in one cluster: %t, want %t", link, a, b, got, want)
					}
				}
			}
		}
	}
}

// apart numbers the clusters of the active cells by looking at every pair again and again.
func apart(g *grid, link float64) map[int32]int {
	number := map[int32]int{}
	for i, c := range g.active {
		number[c] = i
	}
	for changed := true; changed; {
		changed = false
		for _, a := range g.active {
			for _, b := range g.active {
				if number[a] > number[b] && g.distance(a, b) <= link {
					number[a], changed = number[b], true
				}
			}
		}
	}
	return number
}

func TestBeyondTheLastWholeCellThereIsNone(t *testing.T) {
	t.Parallel()
	g := newGrid(10, 5)
	for _, c := range []struct {
		x, y float32
		want int32
	}{{0, 0, 0}, {cellSize - 1, cellSize - 1, 0}, {cellSize, 0, 1}, {0, cellSize, 10}, {10*cellSize - 1, 5*cellSize - 1, 49},
		{10 * cellSize, 0, -1}, {0, 5 * cellSize, -1}} {
		s := at(c.x, c.y)
		if got := g.cell(&s); got != c.want {
			t.Errorf("(%v, %v) is in cell %d, want %d", c.x, c.y, got, c.want)
		}
	}
}

func TestACellKnowsTheLatestOfItsNeighbours(t *testing.T) {
	t.Parallel()
	g := newGrid(3, 3)
	g.activate(0, 7)
	g.activate(5, 9)
	g.activate(8, 3)
	for c, want := range []int64{7, 9, 9, 7, 9, 9, never, 9, 9} {
		if got := g.latest[c]; got != want {
			t.Errorf("cell %d: %d, want %d", c, got, want)
		}
	}
}

func TestCellsOfAnIntervalStayOnTheSensor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lo, hi float64
		x0, x1 int
	}{
		{0, cellSize, 0, 1}, {-3, cellSize - .1, 0, 0}, {-9, -1, 0, 0}, {9 * cellSize, 99 * cellSize, 9, 9}, {2 * cellSize, 4*cellSize - 1, 2, 3},
	} {
		if x0, x1 := cells(c.lo, c.hi, 10); x0 != c.x0 || x1 != c.x1 {
			t.Errorf("%v to %v: cells %d to %d, want %d to %d", c.lo, c.hi, x0, x1, c.x0, c.x1)
		}
	}
}

// claiming is a readout with the one track whose claims are looked at, of 10 x 10
// px at (50, 50).
func claiming(t *testing.T, v track.Vec, misses int) (*Readout, *track.Track) {
	t.Helper()
	c := NewDefaultModelConfig()
	c.Shards = 1
	m, err := New(c, []int{2, 100, 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	r, err := NewReadout(NewDefaultReadoutConfig(), m.Layers())
	if err != nil {
		t.Fatal(err)
	}
	return r, &track.Track{Centre: track.Vec{X: 50, Y: 50}, Size: track.Vec{X: 10, Y: 10}, Velocity: v, Misses: misses}
}

func TestATracksGateWidensWithItsSpeedAndItsMisses(t *testing.T) {
	t.Parallel()
	r, still := claiming(t, track.Vec{}, 0)
	gate := r.cfg.Cluster.Gate
	for _, c := range []struct {
		v      track.Vec
		misses int
		want   float64
	}{{track.Vec{}, 0, gate}, {track.Vec{X: 30, Y: -40}, 0, gate + .5}, {track.Vec{}, 2, gate + 3}, {track.Vec{X: 100}, 1, gate + 2.5}} {
		still.Velocity, still.Misses = c.v, c.misses
		if got := r.gate(still); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v px/s, %d misses: a gate of %v px, want %v", c.v, c.misses, got, c.want)
		}
	}
}

// TestPaintedCellsHoldWhatATrackMayClaim covers the cells of the gated box, and
// behind it those of the way that it came within the memory.
func TestPaintedCellsHoldWhatATrackMayClaim(t *testing.T) {
	t.Parallel()
	for _, v := range []track.Vec{{}, {X: 400}, {X: -400}, {Y: 400}, {Y: -400}} {
		r, k := claiming(t, v, 0)
		r.claims.reset(1)
		r.paint(0, k)
		back, gate := r.cfg.Memory.Seconds()+r.gauge.Lead, r.gate(k)
		lo := track.Vec{X: 45 - gate - max(v.X, 0)*back, Y: 45 - gate - max(v.Y, 0)*back}
		hi := track.Vec{X: 55 + gate - min(v.X, 0)*back, Y: 55 + gate - min(v.Y, 0)*back}
		for y := range r.grid.h {
			for x := range r.grid.w {
				want := float64((x+1)*cellSize) > lo.X && float64(x*cellSize) <= hi.X &&
					float64((y+1)*cellSize) > lo.Y && float64(y*cellSize) <= hi.Y
				if got := r.claims.painted[y*r.grid.w+x].n == 1; got != want {
					t.Errorf("%v px/s: cell (%d, %d) painted %t, want %t", v, x, y, got, want)
				}
			}
		}
	}
}

func TestASnapshotOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	r, _ := claiming(t, track.Vec{}, 0)
	snapshot, err := r.AppendState(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.RestoreState(snapshot); err != nil {
		t.Errorf("its own: %v", err)
	}
	for _, version := range []byte{readoutState - 1, readoutState + 1, 0xff} {
		if err := r.RestoreState(append([]byte{version}, snapshot[1:]...)); err == nil {
			t.Errorf("version %d is taken, want %d alone", version, readoutState)
		}
	}
}
