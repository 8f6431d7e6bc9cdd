package network

import (
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// clockedLayer is what the shards of a [Clocked] layer share. Each neuron
// belongs to one shard, so the arrays need no lock.
type clockedLayer struct {
	Clocked
	x, i, v []float32 // input of the step, synaptic current, membrane
	late    []uint32  // spikes that leave in the next step, by neuron (only with Late)
	ring    []float32 // values on their way, by step modulo its length and neuron (only with Delay)
	u, w    []int64   // current and membrane of integer neurons
	size    int
}

func newClockedLayer(n Clocked, size int) *clockedLayer {
	l := &clockedLayer{Clocked: n, size: size, x: make([]float32, size), v: make([]float32, size)}
	if len(n.SynDecay) > 0 {
		l.i = make([]float32, size)
	}
	if n.Late {
		l.late = make([]uint32, size)
	}
	if n.Rule == Integer {
		l.u, l.w = make([]int64, size), make([]int64, size)
	}
	if len(n.Delay) > 0 {
		l.ring = make([]float32, (int(n.longest())+1)*size)
		l.Delay = slices.Repeat(n.Delay, size/len(n.Delay))
	}
	// One value for each neuron keeps the update free of cases.
	l.SynDecay, l.SynGain = spread(n.SynDecay, size, 0), spread(n.SynGain, size, 1)
	l.Decay, l.Gain, l.Leak = spread(n.Decay, size, 1), spread(n.Gain, size, 1), spread(n.Leak, size, 0)
	l.Threshold, l.Reset = spread(n.Threshold, size, 0), spread(n.Reset, size, 0)
	if n.Drive != nil {
		l.Drive = spread(n.Drive, size, 0)
	}
	if n.LateDrive != nil {
		l.LateDrive = spread(n.LateDrive, size, 0)
	}
	if n.Floor != nil {
		l.Floor = spread(n.Floor, size, 0)
	}
	return l
}

func spread(v []float32, size int, otherwise float32) []float32 {
	if len(v) == size && size != 1 {
		return v
	}
	if len(v) == 1 {
		otherwise = v[0]
	}
	all := make([]float32, size)
	for i := range all {
		all[i] = otherwise
	}
	return all
}

func (l *clockedLayer) appendState(b []byte) []byte {
	b = state.AppendSlice(b, l.v)
	b = state.AppendSlice(b, l.i)
	b = state.AppendSlice(b, l.ring)
	b = state.AppendSlice(b, l.u)
	b = state.AppendSlice(b, l.w)
	return state.AppendSlice(b, l.late)
}

func (l *clockedLayer) restoreState(r *state.Reader) {
	state.ReadInto(r, l.v)
	state.ReadInto(r, l.i)
	state.ReadInto(r, l.ring)
	state.ReadInto(r, l.u)
	state.ReadInto(r, l.w)
	state.ReadInto(r, l.late)
}

// clockedBlock is one shard's part of a clocked layer.
type clockedBlock struct {
	*clockedLayer
	inputs []arrival
	own    []segment // the shard's neurons, ascending
	pos    [maxInputs]int
	reach  []segment
	counts counts
}

// step runs all steps of the window in turn.
func (b *clockedBlock) step(w *window, out *pipeline.Spikes) counts {
	b.counts = counts{}
	if w.fresh {
		b.pos = [maxInputs]int{}
	}
	for tick := w.from; tick < w.to; tick += w.clock.step {
		b.tick(w, tick, out)
	}
	return b.counts
}

func (b *clockedBlock) tick(w *window, tick int64, out *pipeline.Spikes) {
	driven := b.Drive != nil || b.LateDrive != nil
	for i := range b.inputs {
		if b.receive(i, w, tick) {
			driven = true
		}
	}
	if b.Drive != nil {
		b.add(b.Drive)
	}
	if b.LateDrive != nil && !w.clock.first(tick) {
		b.add(b.LateDrive)
	}
	switch b.Rule {
	case Relay:
		if b.ring != nil {
			b.delay(tick, w.clock.step)
		}
		if driven || b.ring != nil {
			b.relay(tick, out)
		}
	case Step:
		if driven {
			b.heaviside(tick, out)
		}
	case Integer:
		b.fixedPoint(tick, out)
	default:
		b.integrate(tick, out)
	}
}

// receive adds the spikes of one input in one step.
func (b *clockedBlock) receive(i int, w *window, tick int64) (any bool) {
	a := &b.inputs[i]
	train := w.trains[a.from]
	pos := b.pos[i]
	if a.next || w.looped[a.from] { // trains of this step alone
		pos = 0
		if a.next {
			train = w.previous[a.from]
		}
	}
	weights := a.wiring.weights()
	for ; pos < len(train.T) && (a.next || train.T[pos] < tick+w.clock.step); pos++ {
		lo, hi := train.Offsets[pos], train.Offsets[pos+1]
		for k := lo; k < hi; k++ {
			gain := float32(1)
			if len(train.Values) > 0 {
				gain = train.Values[k]
			}
			b.reach = a.wiring.reach(train.IDs[k], b.reach[:0])
			for _, s := range b.reach {
				addScaled(b.x[s.first:s.first+s.n], weights[s.w:s.w+s.n], gain)
				b.counts.synOps += uint64(s.n)
			}
		}
		any = true
	}
	b.pos[i] = pos
	return any
}

// addScaled adds w*gain to x.
func addScaled(x, w []float32, gain float32) {
	w = w[:len(x)]
	if gain == 1 {
		for i := range x {
			x[i] += w[i]
		}
		return
	}
	for i := range x {
		x[i] += float32(w[i] * gain)
	}
}

func (b *clockedBlock) add(drive []float32) {
	for _, s := range b.own {
		addScaled(b.x[s.first:s.first+s.n], drive[s.first:s.first+s.n], 1)
	}
}

// relay lets the inputs of a linear node through.
func (b *clockedBlock) relay(tick int64, out *pipeline.Spikes) {
	for _, s := range b.own {
		for n := s.first; n < s.first+s.n; n++ {
			if x := b.x[n]; x != 0 {
				out.AppendGraded(tick, uint32(n), x)
				b.x[n] = 0
			}
		}
	}
}

// delay puts the inputs of the step into the ring and takes out what is due.
func (b *clockedBlock) delay(tick, step int64) {
	slots := int64(len(b.ring) / b.size)
	now := mod(tick/step, slots)
	for _, s := range b.own {
		for n := s.first; n < s.first+s.n; n++ {
			b.ring[(now+int64(b.Delay[n]))%slots*int64(b.size)+int64(n)] += b.x[n]
			due := &b.ring[now*int64(b.size)+int64(n)]
			b.x[n], *due = *due, 0
		}
	}
}

func (b *clockedBlock) heaviside(tick int64, out *pipeline.Spikes) {
	for _, s := range b.own {
		for n := s.first; n < s.first+s.n; n++ {
			if b.above(b.x[n], b.Threshold[n]) {
				out.Append(tick, uint32(n))
			}
			b.x[n] = 0
		}
	}
}

func (b *clockedBlock) above(v, threshold float32) bool {
	return v > threshold || b.Inclusive && v == threshold
}

// integrate advances synapses and membranes and fires.
func (b *clockedBlock) integrate(tick int64, out *pipeline.Spikes) {
	for _, s := range b.own {
		b.counts.updates += uint64(s.n)
		for n := s.first; n < s.first+s.n; n++ {
			x := b.x[n]
			b.x[n] = 0
			if b.i != nil {
				x = float32(b.SynDecay[n]*b.i[n]) + float32(b.SynGain[n]*x)
				b.i[n] = x
			}
			before := b.v[n]
			v := float32(b.Decay[n]*before) + float32(b.Gain[n]*x) + b.Leak[n]
			if b.Rule == Readout {
				b.v[n] = v
				out.AppendGraded(tick, uint32(n), v)
				continue
			}
			v, z := b.decide(n, before, v)
			if b.Floor != nil && v < b.Floor[n] {
				v = b.Floor[n]
			}
			b.v[n] = v
			b.emit(n, z, tick, out)
		}
	}
}

// fixedPoint advances integer neurons.
func (b *clockedBlock) fixedPoint(tick int64, out *pipeline.Spikes) {
	p := b.Loihi
	for _, s := range b.own {
		b.counts.updates += uint64(s.n)
		for n := s.first; n < s.first+s.n; n++ {
			u := b.u[n]*int64(4096-p.DU-1)/4096 + int64(b.x[n])<<6
			v := b.w[n]*int64(4096-p.DV)/4096 + u
			b.x[n] = 0
			z := uint32(0)
			if v > int64(p.Threshold)<<6 {
				v, z = 0, 1
			}
			b.u[n], b.w[n] = u, v
			b.emit(n, z, tick, out)
		}
	}
}

// emit sends z spikes of a neuron, or those of the step before when the layer
// is late.
func (b *clockedBlock) emit(n int32, z uint32, tick int64, out *pipeline.Spikes) {
	if b.late != nil {
		z, b.late[n] = b.late[n], z
	}
	for range z {
		out.Append(tick, uint32(n))
	}
}

// maxSpikes bounds the spikes of one neuron in one step.
const maxSpikes = 1 << 16

// decide applies the layer's rule and returns the membrane and the number of
// spikes.
func (b *clockedBlock) decide(n int32, before, v float32) (float32, uint32) {
	threshold := b.Threshold[n]
	switch b.Rule {
	case ToReset:
		if b.above(v, threshold) {
			return b.Reset[n], 1
		}
	case Subtract:
		if b.above(v, threshold) {
			return v - threshold, 1
		}
	case SubtractMany:
		if b.above(v, threshold) {
			z := uint32(min(v/threshold, maxSpikes))
			return v - float32(float32(z)*threshold), z
		}
	case SubtractDelayed:
		if b.above(before, threshold) {
			return v - threshold, 1
		}
	case SubtractTwice:
		test := v
		if b.above(before, threshold) {
			test -= threshold
		}
		if b.above(test, threshold) {
			return v - threshold, 1
		}
	}
	return v, 0
}
