package network

import (
	"errors"
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// route carries the spikes of a connection into an [Exact] layer that takes
// time, feeds back or depresses. What has arrived in a window is a train of its
// own, which the blocks read like that of a layer. A route belongs to the engine:
// shards share it, and it works between their barriers.
type route struct {
	name      string // for errors
	from      int    // index of the presynaptic train
	layer     int    // index of the postsynaptic layer
	recurrent bool
	latency   []int64 // µs: of each presynaptic neuron, or of all
	branches  *branches
	resource  *resource
	flying    flights
	sent      uint64
	size      int             // presynaptic neurons, those of branches
	out       pipeline.Spikes // what arrives in the running window, or part of a loop's
}

// branches divides presynaptic neurons whose synapses have different delays: each
// becomes one neuron for each of its delays, from offsets[id] to offsets[id+1].
type branches struct {
	offsets []uint32
	delay   []int64 // µs, by new neuron
}

// maxFlying bounds the spikes on their way through one route.
const maxFlying = 1 << 22

// ErrFlood means that more spikes are on their way at one time through a
// connection with delays than an engine holds: a loop excites itself without
// end, or a stream has more within its delay.
var ErrFlood = errors.New("network: too many spikes on their way")

// shortest is the shortest time that a spike takes, µs.
func (l *route) shortest() int64 {
	shortest := l.latency[0]
	for _, d := range l.latency {
		shortest = min(shortest, d)
	}
	if l.branches != nil && len(l.branches.delay) > 0 {
		branch := l.branches.delay[0]
		for _, d := range l.branches.delay {
			branch = min(branch, d)
		}
		shortest += branch
	}
	return l.atLeast(shortest)
}

// atLeast is a delay as it counts: what feeds back takes 1 µs at least.
func (l *route) atLeast(d int64) int64 {
	if l.recurrent {
		return max(d, 1)
	}
	return d
}

// feed sends a train on its way, from a run on. What arrives before a run is
// taken first, so that only what is on its way at one time is held, however the
// stream is cut into windows.
func (l *route) feed(s *pipeline.Spikes, run int) error {
	for ; run < len(s.T); run++ {
		l.collect(s.T[run])
		for k := s.Offsets[run]; k < s.Offsets[run+1]; k++ {
			id, value := s.IDs[k], float32(1)
			if len(s.Values) > 0 {
				value = s.Values[k]
			}
			if l.resource != nil {
				value *= l.resource.take(id, s.T[run])
			}
			delay := pick(l.latency, int(id), 0)
			if l.branches == nil {
				l.send(s.T[run], delay, id, value)
				continue
			}
			for n := l.branches.offsets[id]; n < l.branches.offsets[id+1]; n++ {
				l.send(s.T[run], delay+l.branches.delay[n], n, value)
			}
		}
		if len(l.flying) > maxFlying {
			return fmt.Errorf("%w: more than %d through %s", ErrFlood, maxFlying, l.name)
		}
	}
	return nil
}

func (l *route) send(t, delay int64, id uint32, value float32) {
	l.flying.push(flight{t + l.atLeast(delay), l.sent, id, value})
	l.sent++
}

// collect takes what arrives before time to into the route's train.
func (l *route) collect(to int64) {
	for len(l.flying) > 0 && l.flying[0].t < to {
		f := l.flying.pop()
		l.out.AppendGraded(f.t, f.id, f.value)
	}
}

// fields carries what is on its way at time now, in the order of arrival.
func (l *route) fields(c *state.Codec, now int64) {
	var all []flight
	if !c.Reading() {
		for rest := append(flights(nil), l.flying...); len(rest) > 0; {
			all = append(all, rest.pop())
		}
	}
	state.List(c, &all, func(f *flight) {
		state.Integer(c, &f.t)
		f.id = uint32(c.Length(int(f.id), l.size-1))
		c.Float32(&f.value)
		c.Demand(f.t >= now && finite(float64(f.value)), "a spike on its way does not fit the connection")
	})
	if c.Reading() {
		c.Demand(len(all) <= maxFlying, "more spikes on their way than a connection holds")
		l.flying, l.sent = l.flying[:0], 0
		for _, f := range all {
			l.flying.push(flight{f.t, l.sent, f.id, f.value})
			l.sent++
		}
	}
	if l.resource != nil {
		resourceFields(c, []*resource{l.resource})
	}
}

// flight is a spike on its way.
type flight struct {
	t     int64  // of its arrival, µs
	sent  uint64 // how many were sent before it
	id    uint32
	value float32
}

// flights is a binary heap by time of arrival, then id, then sending.
type flights []flight

func (q flights) before(i, j int) bool {
	a, b := &q[i], &q[j]
	switch {
	case a.t != b.t:
		return a.t < b.t
	case a.id != b.id:
		return a.id < b.id
	}
	return a.sent < b.sent
}

func (q *flights) push(f flight) {
	*q = append(*q, f)
	h := *q
	for i := len(h) - 1; i > 0 && h.before(i, (i-1)/2); i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
}

func (q *flights) pop() flight {
	h := *q
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	*q = h
	for i := 0; ; {
		child := 2*i + 1
		if child+1 < last && h.before(child+1, child) {
			child++
		}
		if child >= last || !h.before(child, i) {
			return first
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}
