package network

import (
	"math"
	"slices"
	"unsafe"

	"ganglion/internal/asm"
	"ganglion/pipeline"
)

// lifLayer is what the shards of a LIF layer share. Each neuron belongs to one
// shard, so the array needs no lock.
type lifLayer struct {
	// v are the membranes as [growth] keeps them. One in its refractory period is
	// NaN, and stays so whatever is added to it.
	v                []float32
	threshold, reset float32
	refractory       int64 // µs
}

func newLIFLayer(n LIF, size int) *lifLayer {
	return &lifLayer{
		v: make([]float32, size), threshold: float32(n.Threshold), reset: float32(n.Reset),
		refractory: n.Refractory.Microseconds(),
	}
}

// lifBlock is one shard's part of a LIF layer.
type lifBlock struct {
	*lifLayer
	growth  growth
	own     []segment // the shard's neurons
	inputs  []arrival
	resting resting
	over    []uint32 // neurons seen above threshold at the current time
	reach   []segment
	counts  counts
	_       apart
}

// arrival is a connection as one shard sees it.
type arrival struct {
	from     int  // index of the presynaptic train: 0 input, 1+i layer i
	next     bool // spikes arrive one step later
	wiring   wiring
	depress  *depression // nil without depression
	share    *share      // sorts out the spikes that reach the shard; nil: all do
	plastic  *plastic    // nil where nothing is learned
	resource *resource   // depression in steps
	lag      *lag        // synapses with delays
	plain    bool        // see plainInput
	fan      []uint32    // synapses of each presynaptic neuron whose weights are not 0; nil: all
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

// receive adds the spikes of the walker's current run to the neurons they
// reach.
func (b *lifBlock) receive(a *arrival, w *walker, input int, scale, limit float32) {
	weights := a.wiring.weights()
	ahead := w.ahead(input)
	ops, updates, reach := uint64(0), 0, b.reach
	for i, id := range w.ids {
		if i < len(ahead) {
			b.prefetch(a, ahead[i])
		}
		reach = a.wiring.reach(id, reach[:0])
		if len(reach) == 0 {
			continue
		}
		gain := scale
		if w.values != nil {
			gain *= w.values[i]
		}
		if a.depress != nil {
			gain *= a.depress.take(id)
		}
		reached := 0
		for _, s := range reach {
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
		updates += reached
		ops += a.crossed(id, gain, reached)
	}
	b.reach = reach
	b.counts.synOps += ops
	b.counts.updates += uint64(updates)
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
	slices.Sort(b.over)
	for _, n := range b.over {
		if !(b.v[n] > limit) {
			continue // fired already, or inhibited by a later input of the same time
		}
		b.v[n] = float32(math.NaN())
		b.resting.add(rest{t + b.refractory, n})
		out.Append(t, n)
	}
	b.over = b.over[:0]
}
