package network

import (
	"slices"
	"time"
	"unsafe"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// cell is the state of a LIF neuron: its membrane at the time it was last
// touched. A neuron in its refractory time has last in the future. Membrane
// and time are touched together, so they share a cache line.
type cell struct {
	v    float32
	last int32 // µs on the engine's relative clock
}

// lifLayer is what the shards of a LIF layer share. Each cell belongs to one
// shard, so the array needs no lock.
type lifLayer struct {
	cells            []cell
	leak             *decay
	threshold, reset float32
	refractory       int32 // µs
}

func newLIFLayer(n LIF, size int) *lifLayer {
	return &lifLayer{
		cells: make([]cell, size), leak: newDecay(n.Tau),
		threshold: float32(n.Threshold), reset: float32(n.Reset),
		refractory: int32(n.Refractory / time.Microsecond),
	}
}

func (l *lifLayer) rebase(delta int32) {
	for i := range l.cells {
		l.cells[i].last = max(l.cells[i].last-delta, 0)
	}
}

func (l *lifLayer) appendState(b []byte) []byte {
	b = state.AppendUint64(b, uint64(len(l.cells)))
	for _, c := range l.cells {
		b = state.AppendCell(b, c.v, c.last)
	}
	return b
}

func (l *lifLayer) restoreState(r *state.Reader) {
	r.Expect(uint64(len(l.cells)))
	for i := range l.cells {
		l.cells[i].v, l.cells[i].last = r.Cell()
	}
}

// lifBlock is one shard's part of a LIF layer.
type lifBlock struct {
	*lifLayer
	inputs []arrival
	over   []uint32 // neurons seen above threshold at the current time
	reach  []segment
	counts counts
	_      apart
}

// arrival is a connection as one shard sees it.
type arrival struct {
	from     int  // index of the presynaptic train: 0 input, 1+i layer i
	next     bool // spikes arrive one step later
	wiring   wiring
	depress  *depressBlock // nil without depression
	share    *share        // sorts out the spikes that reach the shard; nil: all do
	plastic  *plastic      // nil where nothing is learned
	resource *resource     // depression in steps
	lag      *lag          // synapses with delays
}

func (b *lifBlock) step(win *window, out *pipeline.Spikes) counts {
	b.counts = counts{}
	var w walker
	for w.start(b.inputs, win); w.next(); {
		t := w.t
		for i := range b.inputs {
			for w.run(i) {
				b.receive(&b.inputs[i], &w, i, t)
			}
		}
		if len(b.over) > 0 {
			b.fire(t, win.clock, out)
		}
	}
	return b.counts
}

// receive adds the spikes of the walker's current run to the neurons they
// reach.
func (b *lifBlock) receive(a *arrival, w *walker, input int, t int32) {
	cells, leak, threshold := b.cells, b.leak, b.threshold
	weights := a.wiring.weights()
	ahead := w.ahead(input)
	var ops, updates int
	reach := b.reach
	for i, id := range w.ids {
		if i < len(ahead) {
			b.prefetch(a, ahead[i])
		}
		reach = a.wiring.reach(id, reach[:0])
		if len(reach) == 0 {
			continue
		}
		gain := float32(1)
		if w.values != nil {
			gain = w.values[i]
		}
		if a.depress != nil {
			gain *= a.depress.take(id, t)
		}
		for _, s := range reach {
			ws := weights[s.w : s.w+s.n]
			row := cells[s.first : s.first+s.n]
			ops += len(row)
			for j := range row {
				cell := &row[j]
				dt := t - cell.last
				if dt < 0 {
					continue // refractory
				}
				v := cell.v
				if dt > 0 {
					v *= leak.at(dt)
				}
				v += float32(ws[j] * gain)
				cell.v, cell.last = v, t
				updates++
				if v > threshold {
					b.over = append(b.over, uint32(s.first)+uint32(j))
				}
			}
		}
	}
	b.reach = reach
	b.counts.synOps += uint64(ops)
	b.counts.updates += uint64(updates)
}

// prefetch brings the state that spike id will touch near: three runs of
// neurons and its synaptic resource.
func (b *lifBlock) prefetch(a *arrival, id uint32) {
	n, stride, ok := a.wiring.near(id)
	if !ok {
		return
	}
	first := uintptr(unsafe.Pointer(&b.cells[n]))
	next := uintptr(stride) * unsafe.Sizeof(cell{})
	resource := first
	if a.depress != nil {
		resource = uintptr(unsafe.Pointer(&a.depress.used[id]))
	}
	prefetch(first, first+next, first+2*next, resource)
}

// fire tests the neurons that were above threshold during time t.
func (b *lifBlock) fire(t int32, clock clock, out *pipeline.Spikes) {
	slices.Sort(b.over)
	for _, n := range b.over {
		c := &b.cells[n]
		if c.last != t || !(c.v > b.threshold) {
			continue // fired already, or inhibited by a later input of the same time
		}
		c.v, c.last = b.reset, t+b.refractory
		out.Append(clock.abs(t), n)
	}
	b.over = b.over[:0]
}

// depressBlock holds the synaptic resources of a connection's presynaptic
// neurons, as far as one shard sees them. Shards that see the same neuron
// compute the same value.
type depressBlock struct {
	used    []cell // v is 1-R, the missing part, at time last
	recover *decay
	use     float32
}

func newDepressBlock(d Depression, size int) *depressBlock {
	return &depressBlock{used: make([]cell, size), recover: newDecay(d.Recovery), use: float32(d.Use)}
}

// take returns R at time t and spends the fraction Use of it.
func (d *depressBlock) take(id uint32, t int32) float32 {
	c := &d.used[id]
	missing := c.v
	if dt := t - c.last; dt > 0 {
		missing *= d.recover.at(dt)
	}
	r := 1 - missing
	c.v, c.last = 1-float32(r*(1-d.use)), t
	return r
}

func (d *depressBlock) rebase(delta int32) {
	for i := range d.used {
		d.used[i].last = max(d.used[i].last-delta, 0)
	}
}
