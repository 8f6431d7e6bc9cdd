package filter

import (
	"cmp"
	"math"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// stcf is the spatio-temporal correlation filter (Guo and Delbruck 2022,
// doi:10.1109/TPAMI.2022.3152999; jAER's SpatioTemporalCorrelationFilter): an
// event is kept when the newest events of at least k of its 8 neighbours are
// not older than dt. With k = 1 it is the background activity filter
// (Delbruck 2008).
//
// The score of an event is minus the age of the k-th newest neighbour in µs,
// -Inf where fewer than k neighbours ever had an event; the threshold is -dt.
type stcf struct {
	dt        int64 // µs
	k         int
	polarity  bool // only neighbours of the event's polarity count
	countSelf bool

	// last holds the newest event of each pixel as T<<1 | P, or nothing. A
	// border of one pixel around the sensor stays at nothing and saves every
	// test for the edge. Comparing two entries compares their times.
	last   []int64
	stride int
}

// nothing is the entry of a pixel without an event: older than any event.
const nothing = math.MinInt64

func newSTCF(c Config, s Size) filter {
	f := &stcf{
		dt: us(c.DT, 25*time.Millisecond), k: cmp.Or(c.K, 2),
		polarity: c.MatchPolarity, countSelf: c.CountSelf,
		last: make([]int64, (s.Width+2)*(s.Height+2)), stride: s.Width + 2,
	}
	fill(f.last, nothing)
	return f
}

func newBAF(c Config, s Size) filter {
	c.K = 1
	return newSTCF(c, s)
}

func (f *stcf) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		i := (int(e.Y)+1)*f.stride + int(e.X) + 1
		support := 0
		if f.polarity {
			support = f.matching(i, (e.T-f.dt)<<1, int64(e.P))
		} else {
			support = f.support(i, (e.T-f.dt)<<1)
		}
		f.last[i] = e.T<<1 | int64(e.P)
		if support < f.k {
			continue
		}
		events[n] = e
		n++
	}
	return events[:n]
}

// support counts the neighbours of pixel i whose entry is at least oldest.
func (f *stcf) support(i int, oldest int64) int {
	above := (*[3]int64)(f.last[i-f.stride-1:])
	here := (*[3]int64)(f.last[i-1:])
	below := (*[3]int64)(f.last[i+f.stride-1:])
	n := one(above[0] >= oldest) + one(above[1] >= oldest) + one(above[2] >= oldest) +
		one(here[0] >= oldest) + one(here[2] >= oldest) +
		one(below[0] >= oldest) + one(below[1] >= oldest) + one(below[2] >= oldest)
	if f.countSelf {
		n += one(here[1] >= oldest)
	}
	return n
}

// matching is support with the neighbours of one polarity alone.
func (f *stcf) matching(i int, oldest, p int64) int {
	n := 0
	for _, v := range f.neighbours(i) {
		n += one(v >= oldest && v&1 == p)
	}
	return n
}

// neighbours returns the entries around pixel i, and its own when it counts.
func (f *stcf) neighbours(i int) [9]int64 {
	l, s := f.last, f.stride
	n := [9]int64{
		l[i-s-1], l[i-s], l[i-s+1],
		l[i-1], l[i+1],
		l[i+s-1], l[i+s], l[i+s+1],
		nothing,
	}
	if f.countSelf {
		n[8] = l[i]
	}
	return n
}

// one is 1 for true; the compiler makes it a flag, not a branch.
func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (f *stcf) Score(events []pipeline.Event, dst []float32) []float32 {
	for _, e := range events {
		i := (int(e.Y)+1)*f.stride + int(e.X) + 1
		newest := f.neighbours(i)
		if f.polarity {
			for j, v := range newest {
				if v&1 != int64(e.P) {
					newest[j] = nothing
				}
			}
		}
		f.last[i] = e.T<<1 | int64(e.P)
		score := float32(math.Inf(-1))
		if v := kthLargest(newest, f.k); v != nothing {
			score = float32(v>>1 - e.T)
		}
		dst = append(dst, score)
	}
	return dst
}

// kthLargest returns the k-th largest value, k from 1, by partial selection.
func kthLargest(v [9]int64, k int) int64 {
	for i := range k {
		for j := i + 1; j < len(v); j++ {
			if v[j] > v[i] {
				v[i], v[j] = v[j], v[i]
			}
		}
	}
	return v[k-1]
}

func (f *stcf) AppendState(b []byte) ([]byte, error) { return state.Append(b, f.fields) }

func (f *stcf) RestoreState(b []byte) error { return state.Restore(b, f.fields) }

func (f *stcf) fields(c *state.Codec) { state.Array(c, f.last) }

var _ scorer = (*stcf)(nil)
