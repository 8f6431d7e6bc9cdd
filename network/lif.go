package network

import (
	"fmt"
	"math"
	"slices"
	"time"
	"unsafe"

	"ganglion/internal/asm"
	"ganglion/pipeline"
)

// LIF is the leaky integrate-and-fire neuron with impulse synapses:
//
//	dV/dt = -V/Tau,  V += w at a spike,  V > Threshold: spike and V = Reset.
//
// Input that arrives within Refractory after a spike is ignored. The solution
// between spikes is exact (exponential decay over the silent gap).
type LIF struct {
	Tau        time.Duration
	Threshold  float64
	Reset      float64 // membrane after a spike; at most Threshold
	Refractory time.Duration
}

func (n LIF) outShape(in pipeline.Shape) pipeline.Shape { return in }

func (n LIF) validate() error {
	switch {
	case n.Tau < time.Microsecond:
		return fmt.Errorf("tau %v is below 1µs", n.Tau)
	case !(n.Threshold > 0):
		return fmt.Errorf("threshold %v is not positive", n.Threshold)
	case !(n.Reset <= n.Threshold):
		return fmt.Errorf("reset %v is above the threshold %v", n.Reset, n.Threshold)
	case n.Refractory < 0 || n.Refractory > maxSpan:
		return fmt.Errorf("refractory period %v is outside 0..%v", n.Refractory, maxSpan)
	}
	return nil
}

// lifLayer is what the shards of a LIF layer share. Each neuron belongs to one
// shard, so the array needs no lock.
type lifLayer struct {
	// v are the membranes as [growth] keeps them. One in its refractory period is
	// NaN, and stays so whatever is added to it.
	v                []float32
	threshold, reset float32
	tau              float64 // µs
	refractory       int64   // µs
}

func newLIFLayer(n LIF, size int) *lifLayer {
	return &lifLayer{
		v: make([]float32, size), threshold: float32(n.Threshold), reset: float32(n.Reset),
		tau: float64(n.Tau) / float64(time.Microsecond), refractory: n.Refractory.Microseconds(),
	}
}

// lifBlock is one shard's part of a LIF layer.
type lifBlock struct {
	*lifLayer
	growth  growth
	own     []segment // the shard's neurons
	inputs  []arrival
	resting pauses
	over    []uint32 // neurons seen above threshold at the current time
	reach   []segment
	counts  counts
	touch   *asm.Scatter // adds the spikes of the only input in vectors; nil where they cannot
	touches uint64       // neurons that one of these reaches
	_       apart
}

// turn moves the block on to the frame of sensor time t.
func (b *lifBlock) turn(t, base int64) {
	b.growth.turn(t, base, b.v, b.own)
	for _, a := range b.inputs {
		if a.depress != nil {
			a.depress.turn(t, base)
		}
	}
}

func (b *lifBlock) step(win *window, out *pipeline.Spikes) counts {
	b.counts = counts{}
	b.turn(win.from, win.clock.base)
	if b.touch != nil && len(win.trains[b.inputs[0].from].Values) == 0 {
		b.stepVectors(win, out)
		return b.counts
	}
	var w walker
	for w.start(b.inputs, win); w.next(); {
		now := win.clock.abs(w.t)
		if b.growth.behind(w.t) {
			b.growth.turn(now, win.clock.base, b.v, b.own)
		}
		b.wake(now)
		scale := b.growth.now(w.t)
		limit := float32(b.threshold * scale)
		for i := range b.inputs {
			a := &b.inputs[i]
			if a.depress != nil {
				a.depress.now(w.t, win.clock)
			}
			for w.run(i) {
				b.receive(a, &w, i, scale, limit)
			}
		}
		if len(b.over) > 0 {
			b.fire(now, limit, out)
		}
	}
	return b.counts
}

// stepVectors is step for a single input whose spikes vectors add. They stop at times at
// which more than adding is to be done.
func (b *lifBlock) stepVectors(win *window, out *pipeline.Spikes) {
	a, clock := &b.inputs[0], win.clock
	s, run := a.train(win)
	if run == len(s.T) {
		return
	}
	d := a.depress
	st := asm.Stretch{
		T: &s.T[0], Offsets: &s.Offsets[0], IDs: &s.IDs[0], N: int64(len(s.IDs)), Run: int64(run), At: int64(s.Offsets[run]),
	}
	for at := run; at < len(s.T); at = int(st.Run) {
		t := s.T[at]
		rel := clock.rel(t)
		if b.growth.behind(rel) {
			b.growth.turn(t, clock.base, b.v, b.own)
		}
		if d.growth.behind(rel) {
			d.turn(t, clock.base)
		}
		b.wake(t)
		st.Start, st.Began = clock.abs(b.growth.start), clock.abs(d.growth.start)
		st.Until = min(st.Start+b.growth.length, st.Began+d.growth.length, b.resting.first())
		if st.Runs = int64(len(s.T)); len(b.over) > 0 {
			st.Runs = st.Run + 1 // what lies above the threshold fires at the end of its time
		}
		b.touch.Add(&st)
		if len(b.over) > 0 && int(st.Run) > at {
			b.fire(t, float32(b.threshold*b.growth.now(rel)), out)
			continue
		}
		if at = int(st.Run); at == len(s.T) || s.T[at] >= st.Until {
			continue
		}
		rel = clock.rel(s.T[at])
		scale := b.growth.now(rel)
		limit := float32(b.threshold * scale)
		if st.Above {
			b.note(a, s.IDs[st.At-1], limit)
			continue
		}
		d.now(rel, clock)
		b.add(a, s.IDs[st.At], scale, limit)
		st.At++
	}
	b.counts.synOps += uint64(st.Added) * b.touches
	b.counts.updates += uint64(st.Added) * b.touches
}

// receive adds the spikes of the walker's current run to the neurons they
// reach.
func (b *lifBlock) receive(a *arrival, w *walker, input int, scale, limit float32) {
	ahead := w.ahead(input)
	for i, id := range w.ids {
		if i < len(ahead) {
			b.prefetch(a, ahead[i])
		}
		gain := scale
		if w.values != nil {
			gain *= w.values[i]
		}
		b.add(a, id, gain, limit)
	}
}

// add adds a spike worth gain to the neurons that it reaches.
func (b *lifBlock) add(a *arrival, id uint32, gain, limit float32) {
	b.reach = a.wiring.reach(id, b.reach[:0])
	if len(b.reach) == 0 {
		return
	}
	weights := a.wiring.weights()
	if a.depress != nil {
		gain *= a.depress.take(id)
	}
	reached := 0
	for _, s := range b.reach {
		ws, row := weights[s.w:s.w+s.n], b.v[s.first:s.first+s.n]
		reached += len(row)
		for j := range row {
			v := row[j] + float32(ws[j]*gain)
			row[j] = v
			if v > limit {
				b.over = append(b.over, uint32(s.first)+uint32(j))
			}
		}
	}
	b.counts.updates += uint64(reached)
	b.counts.synOps += a.crossed(id, gain, reached)
}

// note notes the neurons above the limit that spike id reaches.
func (b *lifBlock) note(a *arrival, id uint32, limit float32) {
	b.reach = a.wiring.reach(id, b.reach[:0])
	for _, s := range b.reach {
		for j, v := range b.v[s.first : s.first+s.n] {
			if v > limit {
				b.over = append(b.over, uint32(s.first)+uint32(j))
			}
		}
	}
}

// prefetch brings the state that spike id will touch near: three runs of
// neurons and its synaptic resource.
func (b *lifBlock) prefetch(a *arrival, id uint32) {
	n, stride, ok := a.wiring.near(id)
	if !ok {
		return
	}
	first := uintptr(unsafe.Pointer(&b.v[n]))
	next := uintptr(stride) * unsafe.Sizeof(b.v[0])
	resource := first
	if a.depress != nil {
		resource = uintptr(unsafe.Pointer(&a.depress.used[id]))
	}
	asm.Prefetch(first, first+next, first+2*next, resource)
}

// fire tests the neurons that were above the limit during time t.
func (b *lifBlock) fire(t int64, limit float32, out *pipeline.Spikes) {
	if len(b.over) > 1 {
		slices.Sort(b.over)
	}
	for _, n := range b.over {
		if !(b.v[n] > limit) {
			continue // fired already, or inhibited by a later input of the same time
		}
		b.v[n] = float32(math.NaN())
		b.resting.add(pause{t + b.refractory, n})
		out.Append(t, n)
	}
	b.over = b.over[:0]
}

// wake resets the neurons whose refractory period is over at sensor time now.
// Their membranes decay from the end of it.
func (b *lifBlock) wake(now int64) {
	q := &b.resting
	for ; q.head < len(q.queue) && q.queue[q.head].until <= now; q.head++ {
		r := q.queue[q.head]
		b.v[r.id] = b.growth.kept(b.reset, r.until)
	}
	if q.head == len(q.queue) {
		q.queue, q.head = q.queue[:0], 0
	}
}

// pause is a neuron in its refractory period, which ends at sensor time until.
type pause struct {
	until int64 // µs
	id    uint32
}

// pauses is a queue of neurons in their refractory period. All rest equally
// long, so the first to fire is the first to wake.
type pauses struct {
	queue []pause
	head  int
}

func (q *pauses) add(r pause) {
	if len(q.queue) == cap(q.queue) && q.head > len(q.queue)/2 {
		q.queue = q.queue[:copy(q.queue, q.queue[q.head:])]
		q.head = 0
	}
	q.queue = append(q.queue, r)
}

// first is when the first wakes, µs.
func (q *pauses) first() int64 {
	if q.head == len(q.queue) {
		return math.MaxInt64
	}
	return q.queue[q.head].until
}

// waiting are those that rest, in the order of waking.
func (q *pauses) waiting() []pause { return q.queue[q.head:] }
