package network

import "math"

// never is a time that does not come.
const never = math.MaxInt64

// firings is a shard's queue of the neurons that may fire by themselves, by the
// time at which to look at them: a binary heap by time, then id, with at most
// one entry for each neuron. Times and places belong to the layer.
type firings struct {
	due   []int64 // by neuron
	place []int32 // by neuron: where it stands in heap; -1 for nowhere
	heap  []uint32
}

// first is when to look at the next neuron, or never.
func (q *firings) first() int64 {
	if len(q.heap) == 0 {
		return never
	}
	return q.due[q.heap[0]]
}

// set notes that neuron id is to be looked at at time t, or never.
func (q *firings) set(id uint32, t int64) {
	at := int(q.place[id])
	q.due[id] = t
	switch {
	case at < 0 && t == never:
		return
	case at < 0:
		at = len(q.heap)
		q.heap = append(q.heap, id)
		q.place[id] = int32(at)
	case t == never:
		last := len(q.heap) - 1
		q.swap(at, last)
		q.heap, q.place[id] = q.heap[:last], -1
		if at == last {
			return
		}
	}
	q.down(q.up(at))
}

func (q *firings) before(i, j int) bool {
	a, b := q.heap[i], q.heap[j]
	return q.due[a] < q.due[b] || q.due[a] == q.due[b] && a < b
}

func (q *firings) swap(i, j int) {
	q.heap[i], q.heap[j] = q.heap[j], q.heap[i]
	q.place[q.heap[i]], q.place[q.heap[j]] = int32(i), int32(j)
}

func (q *firings) up(i int) int {
	for i > 0 && q.before(i, (i-1)/2) {
		q.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	return i
}

func (q *firings) down(i int) {
	for {
		child := 2*i + 1
		if child+1 < len(q.heap) && q.before(child+1, child) {
			child++
		}
		if child >= len(q.heap) || !q.before(child, i) {
			return
		}
		q.swap(i, child)
		i = child
	}
}
