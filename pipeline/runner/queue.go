package runner

import (
	"context"
	"slices"
	"sync"
	"time"
)

// cause is why something was dropped. The zero cause means that it was not.
type cause int

const (
	delivered cause = iota
	queueFull
	writeFailed
	drainDeadline
	runFailed
	lostLater
	outputGone
	refused
	causes
	duplicate // which is neither delivered now nor dropped
)

var causeNames = [causes]string{"delivered", "queue_full", "write_failed", "drain_deadline", "run_failed", "lost_after_write",
	"output_gone", "refused"}

// Causes lists every cause of a drop, as [Drop] names them.
func Causes() []string { return slices.Clone(causeNames[queueFull:]) }

// account counts what passed a queue. The queue's lock guards it, so that
// in = out + dropped + queued whenever the lock is free.
type account struct {
	in, out, queued uint64
	duplicates      uint64 // the consumer holds them from before
	dropped         [causes]uint64
}

func (a *account) enter(n uint64) { a.in, a.queued = a.in+n, a.queued+n }

func (a *account) leave(n uint64, c cause) {
	a.queued -= n
	switch c {
	case delivered:
		a.out += n
	case duplicate:
		a.duplicates += n
	default:
		a.dropped[c] += n
	}
}

// queue is a bounded queue between one producer and one consumer. It holds at
// most its capacity, beside the entry a blocked producer waits with and those
// that the consumer has taken and not yet settled; all of them count as queued.
type queue[T any] struct {
	policy   string
	capacity int
	size     func(T) uint64 // what an entry weighs in the second account

	room, ready chan struct{} // capacity 1: the state changed, look again

	mu      sync.Mutex // guards all below
	ring    []T        // grows, up to the capacity, as far as entries ever waited
	head, n int
	closed  bool    // the producer is done
	ended   cause   // why the consumer left, or delivered while it is there
	entries account // counts entries
	weight  account // counts what they weigh
}

func newQueue[T any](capacity int, policy string, size func(T) uint64) *queue[T] {
	return &queue[T]{
		policy: policy, size: size, capacity: capacity, ring: make([]T, min(capacity, firstRing)),
		room: make(chan struct{}, 1), ready: make(chan struct{}, 1),
	}
}

// firstRing is how many entries a queue has memory for at the beginning.
const firstRing = 16

// grow doubles the ring.
func (q *queue[T]) grow() {
	ring := make([]T, min(2*len(q.ring), q.capacity))
	n := copy(ring, q.ring[q.head:])
	copy(ring[n:], q.ring[:q.head])
	q.ring, q.head = ring, 0
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// push hands v to the consumer. Under [Block] it waits for room until the
// context ends. When it returns true, an entry was dropped, which is v or an
// older one, and belongs to the producer again.
func (q *queue[T]) push(ctx context.Context, v T) (dropped T, was bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.entries.enter(1)
	q.weight.enter(q.size(v))
	for q.n == q.capacity && q.policy == Block && q.ended == delivered {
		q.mu.Unlock()
		var late bool
		select {
		case <-q.room:
		case <-ctx.Done():
			late = true
		}
		q.mu.Lock()
		if late && q.n == q.capacity {
			return v, q.drop(v, drainDeadline)
		}
	}
	switch {
	case q.ended != delivered:
		return v, q.drop(v, q.ended)
	case q.n == q.capacity && q.policy == DropNewest:
		return v, q.drop(v, queueFull)
	case q.n == q.capacity:
		dropped, was = q.take(), true
		q.drop(dropped, queueFull)
	}
	if q.n == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+q.n)%len(q.ring)] = v
	q.n++
	signal(q.ready)
	return dropped, was
}

// refuse accounts for an entry that came and could not even be pushed.
func (q *queue[T]) refuse(v T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.entries.enter(1)
	q.weight.enter(q.size(v))
	q.drop(v, queueFull)
}

func (q *queue[T]) drop(v T, c cause) bool {
	q.entries.leave(1, c)
	q.weight.leave(q.size(v), c)
	return true
}

func (q *queue[T]) take() T {
	var zero T
	v := q.ring[q.head]
	q.ring[q.head] = zero
	q.n--
	q.head = (q.head + 1) % len(q.ring)
	return v
}

// close announces that nothing more will be pushed.
func (q *queue[T]) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	signal(q.ready)
}

// pop waits for entries and appends them to dst up to its capacity, as long as
// each goes together with the first. It is done when the queue is closed and
// empty or the context has ended, and returns without entries when wake does.
// What it returns must be settled.
func (q *queue[T]) pop(ctx context.Context, dst []T, together func(first, next T) bool, wake <-chan time.Time) (_ []T, done bool) {
	for {
		if ctx.Err() != nil {
			return dst, true
		}
		q.mu.Lock()
		for q.n > 0 && len(dst) < cap(dst) && (len(dst) == 0 || together(dst[0], q.ring[q.head])) {
			dst = append(dst, q.take())
		}
		some, closed := len(dst) > 0, q.closed
		q.mu.Unlock()
		if some || closed {
			signal(q.room)
			return dst, !some
		}
		select {
		case <-q.ready:
		case <-wake:
			return dst, false
		case <-ctx.Done():
		}
	}
}

// settle accounts for popped entries: delivered, or dropped for a cause.
func (q *queue[T]) settle(entries []T, c cause) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, v := range entries {
		q.entries.leave(1, c)
		q.weight.leave(q.size(v), c)
	}
	signal(q.room) // for settled
}

// settled waits until the consumer has settled everything that was pushed,
// which the producer's goroutine alone may ask. It is false when the context
// ends first or the consumer has left.
func (q *queue[T]) settled(ctx context.Context) bool {
	for {
		q.mu.Lock()
		done, ended := q.entries.queued == 0, q.ended != delivered
		q.mu.Unlock()
		if done || ended {
			return !ended
		}
		select {
		case <-q.room:
		case <-ctx.Done():
			return false
		}
	}
}

// end is the consumer's last call: what the queue still holds and what is
// pushed later is dropped. It hands each held entry to release.
func (q *queue[T]) end(c cause, release func(T)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = c
	for q.n > 0 {
		v := q.take()
		q.drop(v, c)
		release(v)
	}
	signal(q.room)
}

// revoke turns up to n delivered entries into dropped ones.
func (q *queue[T]) revoke(n uint64, c cause) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = min(n, q.entries.out)
	q.entries.out -= n
	q.entries.dropped[c] += n
}

// accounts returns both accounts at one instant.
func (q *queue[T]) accounts() (entries, weight account) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.entries, q.weight
}
