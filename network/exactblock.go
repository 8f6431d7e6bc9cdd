package network

import (
	"slices"

	"ganglion/internal/floor"
	"ganglion/pipeline"
)

// exactBlock is one shard's part of an exact layer.
type exactBlock struct {
	*exactLayer
	own     []segment // the shard's neurons
	inputs  []arrival
	touched []uint32 // neurons that the current time concerns
	firings firings
	reach   []segment
	counts  counts
	_       apart
}

func (b *exactBlock) step(win *window, out *pipeline.Spikes) counts {
	b.counts = counts{}
	var w walker
	w.start(b.inputs, win)
	for from := win.from; ; {
		t, silent := b.pending(from), true
		if w.next() && win.clock.abs(w.t) <= t {
			t, silent = win.clock.abs(w.t), false
		}
		if t >= win.to {
			return b.counts
		}
		b.wake(t)
		if !silent {
			for i := range b.inputs {
				for w.run(i) {
					b.receive(&b.inputs[i], &w)
				}
			}
		}
		b.update(t, out)
		if b.Rule == Readout && floor.Mod(t, b.Every) == 0 {
			b.read(t, out)
		}
		from = t + 1
	}
}

// pending is the next time, not before from, at which the block does something
// by itself, or never.
func (b *exactBlock) pending(from int64) int64 {
	if b.Rule == Readout {
		return from + floor.Mod(-from, b.Every)
	}
	return b.firings.first()
}

// wake looks at the neurons whose time has come at time t, and puts those that
// fire by themselves among the touched.
func (b *exactBlock) wake(t int64) {
	for b.firings.first() == t {
		id := b.firings.heap[0]
		if v, _ := b.at(int(id), t); v > pick(b.Threshold, int(id), 0) {
			b.firings.set(id, never)
			b.touch(id)
		} else {
			b.firings.set(id, b.look(int(id), t))
		}
	}
}

func (b *exactBlock) touch(id uint32) {
	if !b.hit[id] {
		b.hit[id] = true
		b.touched = append(b.touched, id)
	}
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
		reached := 0
		for _, s := range b.reach {
			reached += int(s.n)
			for j := range s.n {
				n := s.first + j
				b.x[n] += float64(weights[s.w+j] * gain)
				b.touch(uint32(n))
			}
		}
		b.counts.synOps += a.crossed(id, gain, reached)
	}
}

// update brings the neurons that are touched to time t, in order of id.
func (b *exactBlock) update(t int64, out *pipeline.Spikes) {
	if !slices.IsSorted(b.touched) {
		slices.Sort(b.touched)
	}
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
			// To look too early does no harm: an earlier time is kept.
			if b.due != nil {
				if next := b.look(int(id), t); next < b.due[id] {
					b.firings.set(id, next)
				}
			}
		}
	}
	b.touched = b.touched[:0]
}

// advance takes input x to neuron i at time t and returns how often it fires.
func (b *exactBlock) advance(i int, x float64, t int64) (spikes int) {
	if b.current == nil && b.ready != nil && t < b.ready[i] {
		return 0
	}
	b.elapse(i, t)
	if b.due != nil && b.v[i] > pick(b.Threshold, i, 0) && (b.ready == nil || t > b.ready[i]) { // by itself, once in a µs
		b.v[i], spikes = b.fired(i, b.v[i]), 1
	}
	rise := float64(pick(b.Gain, i, 1) * x)
	if b.current != nil {
		b.current[i] += float64(pick(b.SynGain, i, 1) * x)
		rise = float64(pick(b.SynKick, i, 0) * x)
	}
	if b.ready == nil || t >= b.ready[i] && (spikes == 0 || pick(b.Refractory, i, 0) == 0) {
		spikes += b.absorb(i, rise)
	}
	if spikes > 0 && b.ready != nil {
		b.ready[i] = t + pick(b.Refractory, i, 0)
	}
	return spikes
}

// absorb raises the membrane of neuron i by an input.
func (b *exactBlock) absorb(i int, rise float64) (spikes int) {
	if b.fires() && len(b.Pulse) > 0 && b.v[i]+rise > pick(b.Threshold, i, 0) {
		b.v[i], spikes = b.pulse(i, b.v[i], rise)
		return spikes
	}
	b.v[i] += rise
	return b.discharge(i)
}

// maxBurst bounds the spikes of one neuron at one time. What is left stays in
// the membrane.
const maxBurst = 1 << 10

// discharge fires neuron i as often as its membrane demands.
func (b *exactBlock) discharge(i int) (spikes int) {
	if !b.fires() {
		return 0
	}
	for threshold := pick(b.Threshold, i, 0); b.v[i] > threshold && spikes < maxBurst; spikes++ {
		b.v[i] = b.fired(i, b.v[i])
	}
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
	rest, threshold, keep := pick(b.rest, i, 0), pick(b.Threshold, i, 0), pick(b.Pulse, i, 0)
	target := rest + rise/(1-keep) // where the pulse takes it in the long run
	v = rest + (v-rest)/keep       // where the pulse begins
	for ; ; spikes++ {
		end = target + float64((v-target)*keep)
		if !(end > threshold) || spikes == maxBurst {
			return end, spikes
		}
		if v < threshold { // it crosses later: less of the pulse is left
			keep /= (threshold - target) / (v - target)
		}
		v = b.fired(i, threshold)
	}
}

// read sends all membranes at time t.
func (b *exactBlock) read(t int64, out *pipeline.Spikes) {
	for _, s := range b.own {
		for n := s.first; n < s.first+s.n; n++ {
			v, _ := b.at(int(n), t)
			out.AppendGraded(t, uint32(n), float32(v))
		}
	}
}

// begin starts the neurons at time t, the start of the first window.
func (b *exactBlock) begin(t int64) {
	if b.last == nil {
		return
	}
	for _, s := range b.own {
		for n := s.first; n < s.first+s.n; n++ {
			b.last[n] = t
		}
	}
	b.foresee(t)
}

// foresee looks at every neuron of a layer whose state is new, from time t on.
// It reports whether the state can be: no neuron should have fired before.
func (b *exactBlock) foresee(t int64) bool {
	if b.due == nil {
		return true
	}
	for _, s := range b.own {
		for n := s.first; n < s.first+s.n; n++ {
			from := max(b.last[n], t-1)
			if v, _ := b.at(int(n), from); v > pick(b.Threshold, int(n), 0) && from > b.last[n] && (b.ready == nil || from > b.ready[n]) {
				return false
			}
			b.firings.set(uint32(n), b.look(int(n), from))
		}
	}
	return true
}
