package runner

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestABucketHoldsItsValueAndIsAtMostThreePercentWide(t *testing.T) {
	t.Parallel()
	values := []uint64{0, 1, 31, 32, 33, 63, 64, 65, 1000, 1 << 20, math.MaxInt64}
	for range 1000 {
		values = append(values, rand.Uint64()>>(1+rand.IntN(63)))
	}
	for _, v := range values {
		i := bucket(v)
		if top := ceiling(i); top < v || float64(top) > float64(v)*(1+1.0/32)+1 {
			t.Errorf("%d is in a bucket up to %d", v, top)
		}
		if i > 0 && ceiling(i-1) >= v {
			t.Errorf("%d belongs in the bucket up to %d", v, ceiling(i-1))
		}
	}
}

func TestQuantilesAreThoseOfTheSortedDurations(t *testing.T) {
	t.Parallel()
	var h Histogram
	if h.quantile(.5) != 0 {
		t.Error("an empty histogram has a median")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var all []time.Duration
	for range 10000 {
		d := time.Duration(math.Exp(rng.Float64() * 20))
		all = append(all, d)
		h.Record(d)
	}
	slices.Sort(all)
	for _, q := range []float64{.5, .9, .99} {
		want, got := all[int(q*10000)], h.quantile(q)
		if got < want || float64(got) > float64(want)*1.033 {
			t.Errorf("quantile %v: %v, want %v", q, got, want)
		}
	}
	if l := h.Summary(); l.Batches != 10000 || l.MaxMS != milliseconds(all[9999]) {
		t.Errorf("summary %+v", l)
	}
}

func TestCumulativeCountsAreExactToABucket(t *testing.T) {
	t.Parallel()
	var h Histogram
	for i := range 1000 {
		h.Record(time.Duration(i) * time.Millisecond)
	}
	h.Record(-time.Second) // a wall clock that was set back counts as 0
	counts, total, sum := h.Cumulative([]time.Duration{0, 10 * time.Millisecond, 500 * time.Millisecond, time.Hour})
	if total != 1001 || sum != 499500*time.Millisecond || counts[0] != 2 || counts[3] != 1001 {
		t.Errorf("counts %v of %d, sum %v", counts, total, sum)
	}
	if counts[1] < 10 || counts[1] > 12 || counts[2] < 483 || counts[2] > 502 {
		t.Errorf("counts %v", counts)
	}
}

func TestEmitDelayForgetsADriftingSensorClock(t *testing.T) {
	t.Parallel()
	wall := time.Unix(1_700_000_000, 0)
	c := delayClock{begun: wall}
	for s := range int64(3600) { // the sensor clock loses 100 µs a second
		now := wall.Add(time.Duration(s) * time.Second)
		sensor := s*1_000_000 - s*100
		c.observe(now, sensor)
		if d := c.of(now.Add(5*time.Millisecond), sensor); d < 5000 || d > 5000+120*100 {
			t.Fatalf("after %d s: %d µs", s, d)
		}
	}
}
