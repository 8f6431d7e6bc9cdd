package runner

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// subBits sets the resolution of a histogram: 2^subBits buckets per power of
// two, so a quantile is at most 1/32 above the true value.
const subBits = 5

// Histogram counts durations in logarithmic buckets of fixed number, as
// HdrHistogram does. Any goroutine may record; nothing allocates.
type Histogram struct {
	buckets [(64 - subBits + 1) << subBits]atomic.Uint64
	count   atomic.Uint64
	sum     atomic.Int64
	max     atomic.Int64
}

// bucket is the index for v ns: the values below 2^subBits have a bucket each,
// and each power of two above is cut into 2^subBits equal parts.
func bucket(v uint64) int {
	if v < 1<<subBits {
		return int(v)
	}
	shift := bits.Len64(v) - 1 - subBits
	return shift<<subBits + int(v>>shift)
}

// ceiling is the largest value of bucket i.
func ceiling(i int) uint64 {
	if i < 2<<subBits {
		return uint64(i)
	}
	shift := i>>subBits - 1
	return uint64(i-shift<<subBits+1)<<shift - 1
}

// Record counts a duration; a negative one counts as 0.
func (h *Histogram) Record(d time.Duration) {
	d = max(d, 0)
	h.buckets[bucket(uint64(d))].Add(1)
	h.count.Add(1)
	h.sum.Add(int64(d))
	for {
		old := h.max.Load()
		if int64(d) <= old || h.max.CompareAndSwap(old, int64(d)) {
			return
		}
	}
}

// quantile is the smallest bucket ceiling that a share q of the durations does
// not exceed; 0 when there are none.
func (h *Histogram) quantile(q float64) time.Duration {
	rank := uint64(q * float64(h.count.Load()))
	var sum uint64
	for i := range h.buckets {
		if sum += h.buckets[i].Load(); sum > rank {
			return min(time.Duration(ceiling(i)), time.Duration(h.max.Load()))
		}
	}
	return time.Duration(h.max.Load())
}

// Cumulative returns how many durations are within each of the ascending
// bounds, and the sum of all.
func (h *Histogram) Cumulative(bounds []time.Duration) (counts []uint64, total uint64, sum time.Duration) {
	i := 0
	for _, b := range bounds {
		for i < len(h.buckets) && ceiling(i) <= uint64(b) {
			total += h.buckets[i].Load()
			i++
		}
		counts = append(counts, total)
	}
	for ; i < len(h.buckets); i++ {
		total += h.buckets[i].Load()
	}
	return counts, total, time.Duration(h.sum.Load())
}
