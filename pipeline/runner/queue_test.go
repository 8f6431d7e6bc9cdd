package runner

import (
	"testing"
	"time"
)

// TestAQueueTakesMemoryAsFarAsEntriesWait: a long queue that is rarely full must
// not take more with each entry that goes through.
func TestAQueueTakesMemoryAsFarAsEntriesWait(t *testing.T) {
	t.Parallel()
	const capacity = 1000
	q := newQueue(capacity, DropNewest, func(int) uint64 { return 1 })
	take := make([]int, 0, capacity)
	next, want := 0, 0
	through := func(n int) {
		t.Helper()
		for range n {
			q.push(t.Context(), next)
			next++
		}
		taken, _ := q.pop(t.Context(), take, func(_, _ int) bool { return true }, make(chan time.Time))
		q.settle(taken, delivered)
		for _, v := range taken {
			if v != want {
				t.Fatalf("%d where %d belongs", v, want)
			}
			want++
		}
	}
	for i := range 10_000 {
		through(1 + i%firstRing)
	}
	if len(q.ring) != firstRing {
		t.Errorf("room for %d entries where %d waited at most", len(q.ring), firstRing)
	}
	for _, n := range []int{17, 5, 300, 7, capacity} { // order is kept wherever the ring begins
		through(n)
	}
	if len(q.ring) != capacity {
		t.Errorf("room for %d entries, want %d", len(q.ring), capacity)
	}
	want = next
	through(capacity + 3)
	if a, _ := q.accounts(); a.dropped[queueFull] != 3 {
		t.Errorf("%d dropped of 3 too many", a.dropped[queueFull])
	}
}

// What waits when the consumer leaves, and what comes later, is accounted to the
// cause, and handed back.
func TestWhatAConsumerLeavesBehindIsCounted(t *testing.T) {
	t.Parallel()
	q := newQueue(8, DropNewest, func(v int) uint64 { return uint64(v) })
	for _, v := range []int{10, 20, 30} {
		q.push(t.Context(), v)
	}
	left := 0
	q.end(drainDeadline, func(v int) { left += v })
	q.push(t.Context(), 40)
	accounts, weights := q.accounts()
	entries, weight := accounts.dropped[drainDeadline], weights.dropped[drainDeadline]
	if left != 60 || entries != 4 || weight != 100 {
		t.Errorf("handed back %d of 60, %d entries of 4 and a weight of %d of 100 counted", left, entries, weight)
	}
}
