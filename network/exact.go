package network

import (
	"fmt"
	"math"
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/portable"
	"ganglion/pipeline/state"
)

// Exact is a layer without steps, exact between events: a neuron is touched
// when input reaches it, over the gap since it was last touched by the closed
// form of its leak,
//
//	v = Rest + (v - Rest) exp(-gap/Tau),  v += Gain*x
//
// x being the sum of all inputs of that time. Then it fires by Rule, which is
// Relay, ToReset, Subtract or Step; Subtract fires as often as it takes to
// bring v to the threshold, at one time.
//
// With Pulse, the input is a current pulse that ends at its time, in which the
// membrane keeps the share Pulse of its distance from where it is going. A
// neuron that crosses its threshold within the pulse is reset there, and the
// rest of the pulse goes on from the reset, also in closed form.
//
// Every slice holds one value for each neuron, or one for all. Neurons that
// would fire in silence are refused.
type Exact struct {
	Tau        []float64 // µs; +Inf for no leak; nil as well
	Rest       []float64 // nil: 0
	Gain       []float64 // nil: 1
	Pulse      []float64 // exp(-length of a pulse/Tau); nil: inputs are impulses
	Threshold  []float64
	Reset      []float64 // nil: 0
	Refractory []int64   // µs in which a neuron that fired takes no input; nil: none
	Rule       Rule
}

func (n Exact) outShape(in pipeline.Shape) pipeline.Shape { return in }

func (n Exact) validate() error {
	switch {
	case n.Rule != Relay && n.Rule != ToReset && n.Rule != Subtract && n.Rule != Step:
		return fmt.Errorf("rule %d needs steps", n.Rule)
	case n.Rule != Relay && len(n.Threshold) == 0:
		return fmt.Errorf("no threshold")
	}
	for i, tau := range n.Tau {
		if !(tau > 0) {
			return fmt.Errorf("a time constant of %v µs of neuron %d is not positive", tau, i)
		}
	}
	for i, keep := range n.Pulse {
		if !(keep > 0 && keep < 1) {
			return fmt.Errorf("a pulse of which neuron %d keeps %v", i, keep)
		}
	}
	for i, us := range n.Refractory {
		if us < 0 || us > maxSpan.Microseconds() {
			return fmt.Errorf("refractory time of %d µs of neuron %d is outside 0..%v", us, i, maxSpan)
		}
	}
	if n.Rule != ToReset && n.Rule != Subtract {
		return nil
	}
	for i := range max(len(n.Threshold), len(n.Rest), len(n.Reset)) {
		switch threshold := pick(n.Threshold, i, 0); {
		case !(pick(n.Rest, i, 0) <= threshold) || !(pick(n.Reset, i, 0) <= threshold):
			return fmt.Errorf("neuron %d fires in silence: it rests at %v and is reset to %v, its threshold is %v",
				i, pick(n.Rest, i, 0), pick(n.Reset, i, 0), threshold)
		case len(n.Pulse) > 0 && n.Rule == ToReset && pick(n.Reset, i, 0) == threshold:
			return fmt.Errorf("neuron %d is reset to its threshold, so a pulse makes it fire without end", i)
		case n.Rule == Subtract && !(threshold > 0):
			return fmt.Errorf("threshold %v of neuron %d is not positive, so it fires without end", threshold, i)
		}
	}
	return nil
}

// fits checks the lengths of the parameters against a size.
func (n Exact) fits(size int) error {
	for _, p := range []struct {
		name string
		n    int
	}{{"time constant", len(n.Tau)}, {"rest", len(n.Rest)}, {"gain", len(n.Gain)}, {"pulse", len(n.Pulse)}, {"threshold", len(n.Threshold)},
		{"reset", len(n.Reset)}, {"refractory time", len(n.Refractory)}} {
		if p.n > 1 && p.n != size {
			return fmt.Errorf("%s has %d values for %d neurons", p.name, p.n, size)
		}
	}
	return nil
}

// pick is a parameter of neuron i: its own, the one of all, or otherwise.
func pick[T any](v []T, i int, otherwise T) T {
	switch len(v) {
	case 0:
		return otherwise
	case 1:
		return v[0]
	}
	return v[i]
}

// exactLayer is what the shards of an [Exact] layer share. Each neuron belongs
// to one shard.
type exactLayer struct {
	Exact
	v     []float64
	last  []int64   // when v was true, sensor time, µs
	ready []int64   // when a neuron takes input again; only with Refractory
	x     []float64 // inputs of the current time
	hit   []bool    // got input at the current time
}

func newExactLayer(n Exact, size int) *exactLayer {
	l := &exactLayer{Exact: n, x: make([]float64, size), hit: make([]bool, size)}
	if n.Rule == ToReset || n.Rule == Subtract {
		l.v, l.last = make([]float64, size), make([]int64, size)
		for i := range l.v {
			l.v[i] = pick(n.Rest, i, 0)
			l.last[i] = math.MinInt64 / 2
		}
	}
	if len(n.Refractory) > 0 {
		l.ready = make([]int64, size)
		for i := range l.ready {
			l.ready[i] = math.MinInt64 / 2
		}
	}
	return l
}

func (l *exactLayer) appendState(b []byte) []byte {
	b = state.AppendSlice(b, l.v)
	b = state.AppendSlice(b, l.last)
	return state.AppendSlice(b, l.ready)
}

func (l *exactLayer) restoreState(r *state.Reader) {
	state.ReadInto(r, l.v)
	state.ReadInto(r, l.last)
	state.ReadInto(r, l.ready)
}

// exactBlock is one shard's part of an exact layer.
type exactBlock struct {
	*exactLayer
	inputs  []arrival
	touched []uint32 // neurons that got input at the current time
	reach   []segment
	counts  counts
	_       apart
}

func (b *exactBlock) step(win *window, out *pipeline.Spikes) counts {
	b.counts = counts{}
	var w walker
	for w.start(b.inputs, win); w.next(); {
		for i := range b.inputs {
			for w.run(i) {
				b.receive(&b.inputs[i], &w)
			}
		}
		b.update(win.clock.abs(w.t), out)
	}
	return b.counts
}

// receive sums the spikes of the walker's current run by neuron.
func (b *exactBlock) receive(a *arrival, w *walker) {
	weights := a.wiring.weights()
	for i, id := range w.ids {
		gain := float32(1)
		if w.values != nil {
			gain = w.values[i]
		}
		b.reach = a.wiring.reach(id, b.reach[:0])
		if a.fan != nil {
			b.counts.synOps += uint64(a.fan[id])
		}
		for _, s := range b.reach {
			if a.fan == nil {
				b.counts.synOps += uint64(s.n)
			}
			for j := range s.n {
				n := s.first + j
				b.x[n] += float64(weights[s.w+j] * gain)
				if !b.hit[n] {
					b.hit[n] = true
					b.touched = append(b.touched, uint32(n))
				}
			}
		}
	}
}

// update brings the neurons that got input to time t, in order of id.
func (b *exactBlock) update(t int64, out *pipeline.Spikes) {
	slices.Sort(b.touched)
	for _, id := range b.touched {
		x := b.x[id]
		b.x[id], b.hit[id] = 0, false
		switch b.Rule {
		case Relay:
			if x != 0 {
				out.AppendGraded(t, id, float32(x))
			}
		case Step:
			if x > pick(b.Threshold, int(id), 0) {
				out.Append(t, id)
			}
		default:
			b.counts.updates++
			for range b.advance(int(id), x, t) {
				out.Append(t, id)
			}
		}
	}
	b.touched = b.touched[:0]
}

// advance takes input x to neuron i at time t and returns how often it fires.
func (b *exactBlock) advance(i int, x float64, t int64) (spikes int) {
	if b.ready != nil && t < b.ready[i] {
		return 0
	}
	v, rest := b.v[i], pick(b.Rest, i, 0)
	if away, tau := v-rest, pick(b.Tau, i, math.Inf(1)); away != 0 && !math.IsInf(tau, 1) {
		v = rest + float64(away*portable.Exp(-float64(t-b.last[i])/tau))
	}
	rise, threshold := float64(pick(b.Gain, i, 1)*x), pick(b.Threshold, i, 0)
	switch {
	case !(v+rise > threshold):
		v += rise
	case len(b.Pulse) > 0:
		v, spikes = b.pulse(i, v, rise)
	default:
		for v += rise; v > threshold && spikes < maxSpikes; spikes++ {
			v = b.fired(i, v)
		}
	}
	if spikes > 0 && b.ready != nil {
		b.ready[i] = t + pick(b.Refractory, i, 0)
	}
	b.v[i], b.last[i] = v, t
	return spikes
}

// fired is the membrane of neuron i after a spike at v.
func (b *exactBlock) fired(i int, v float64) float64 {
	if b.Rule == ToReset {
		return pick(b.Reset, i, 0)
	}
	return v - pick(b.Threshold, i, 0)
}

// pulse takes neuron i through a pulse that would raise its membrane by rise,
// above the threshold; v is what it would be at the pulse's end without it.
func (b *exactBlock) pulse(i int, v, rise float64) (end float64, spikes int) {
	rest, threshold, keep := pick(b.Rest, i, 0), pick(b.Threshold, i, 0), pick(b.Pulse, i, 0)
	target := rest + rise/(1-keep) // where the pulse takes it in the long run
	v = rest + (v-rest)/keep       // where the pulse begins
	for ; ; spikes++ {
		end = target + float64((v-target)*keep)
		if !(end > threshold) || spikes == maxSpikes {
			return end, spikes
		}
		if v < threshold { // it crosses later: less of the pulse is left
			keep /= (threshold - target) / (v - target)
		}
		v = b.fired(i, threshold)
	}
}

func (e *Engine) buildExact(c *compiler, at int, ls LayerSpec, n Exact, l *layer) error {
	if err := n.fits(c.shapes[at].Size()); err != nil {
		return err
	}
	for _, in := range ls.Inputs {
		if in.Recurrent || in.Plastic != nil || in.Delays != nil || in.Depress != nil {
			return fmt.Errorf("input %q is recurrent, plastic, depressing or has delays, which needs steps", in.From)
		}
	}
	l.info.Graded = n.Rule == Relay
	state := newExactLayer(n, c.shapes[at].Size())
	l.shared = state
	for s := range e.shards {
		b := &exactBlock{exactLayer: state, inputs: e.arrivals(c, at, ls, owner(c.shapes[at], s, e.shards), channelFirst)}
		for i := range b.inputs {
			from := c.shapes[b.inputs[i].from]
			b.inputs[i].share = newShare(from, reaches(from, b.inputs[i].wiring))
			b.inputs[i].fan = fans(ls.Inputs[i], from, b.inputs[i].wiring)
		}
		l.blocks = append(l.blocks, b)
	}
	return nil
}
