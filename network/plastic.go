package network

import "ganglion/pipeline"

// plastic is what one shard learns of a plastic connection. A shard changes
// the weights onto its own neurons alone; it keeps its own copy of the
// presynaptic traces, which all shards compute alike. Shared weights belong to
// the one shard that owns the whole layer.
type plastic struct {
	STDP
	wiring    wiring
	weight    []float64
	rounded   []float32 // the wiring's weights: the same as membranes see them
	source    []int32   // index of each weight in the kernel's
	pre, post traces    // by neuron; by place

	arrived []uint32 // neurons whose spikes arrived in this step
	reached []segment
	// The synapses onto each place stand in incoming[offsets[place]:offsets[place+1]],
	// ascending by presynaptic neuron.
	offsets  []uint32
	incoming []synapse
	// fan are the synapses of each presynaptic neuron whose weights are not 0.
	// The neurons that have a synapse of weight i are
	// users[usedBy[i]:usedBy[i+1]], one of a shared weight several times.
	fan, users, usedBy []uint32

	shares  bool      // several synapses have one weight
	sum     []float64 // what is to be added to each weight, for shared weights
	touched []int32   // the weights that have a sum
	changes uint64    // synaptic updates so far
}

// synapse is one way into a neuron.
type synapse struct {
	pre uint32
	w   int32
}

// newPlastic wires a plastic connection for one shard. step is in µs.
func newPlastic(in Connection, from, to pipeline.Shape, own func(row int) bool, step int64) (*plastic, wiring) {
	p := &plastic{STDP: *in.Plastic, wiring: in.Kernel.wire(from, to, own, channelLast)}
	_, p.shares = in.Kernel.(Conv2d)
	p.rounded = p.wiring.weights()
	p.weight = make([]float64, len(p.rounded))
	for i, w := range p.rounded {
		p.weight[i] = float64(w)
	}
	// The wiring arranges weights as it likes. Laid out once more with the
	// numbers of the weights in their place, it tells where each one went.
	numbers := make([]float32, len(kernelWeights(in.Kernel)))
	for i := range numbers {
		numbers[i] = float32(i)
	}
	for _, number := range withWeights(in.Kernel, numbers).wire(from, to, own, channelLast).weights() {
		p.source = append(p.source, int32(number))
	}
	p.pre = newTraces(from.Size(), p.APlus, p.TauPlus, step, p.Pairing)
	p.post = newTraces(to.Size(), p.AMinus, p.TauMinus, step, p.Pairing)
	if p.shares {
		p.sum = make([]float64, len(p.weight))
	}
	p.index(from.Size(), to.Size())
	p.fan = countFans(from.Size(), p.wiring)
	return p, p.wiring
}

// index lists the synapses onto each place.
func (p *plastic) index(from, to int) {
	p.offsets = make([]uint32, to+1)
	each := func(do func(pre uint32, place, w int32)) {
		for pre := range uint32(from) {
			p.reached = p.wiring.reach(pre, p.reached[:0])
			for _, s := range p.reached {
				for j := range s.n {
					do(pre, s.first+j, s.w+j)
				}
			}
		}
	}
	each(func(_ uint32, place, _ int32) { p.offsets[place+1]++ })
	for i := range to {
		p.offsets[i+1] += p.offsets[i]
	}
	p.incoming = make([]synapse, p.offsets[to])
	next := append([]uint32(nil), p.offsets...)
	each(func(pre uint32, place, w int32) {
		p.incoming[next[place]] = synapse{pre, w}
		next[place]++
	})
	p.indexUsers()
}

// indexUsers lists the presynaptic neurons of each weight.
func (p *plastic) indexUsers() {
	p.usedBy = make([]uint32, len(p.weight)+1)
	for _, s := range p.incoming {
		p.usedBy[s.w+1]++
	}
	for i := range p.weight {
		p.usedBy[i+1] += p.usedBy[i]
	}
	p.users = make([]uint32, len(p.incoming))
	next := append([]uint32(nil), p.usedBy...)
	for _, s := range p.incoming {
		p.users[next[s.w]] = s.pre
		next[s.w]++
	}
}

// learn ends a step in which some places fired.
func (p *plastic) learn(fired []int32, frozen bool) {
	p.pre.fade()
	p.post.fade()
	for _, id := range p.arrived {
		p.pre.add(int32(id))
	}
	if !frozen && len(p.post.live) > 0 {
		p.weaken()
	}
	for _, place := range fired {
		p.post.add(place)
	}
	if !frozen {
		p.strengthen(fired)
	}
	p.arrived = p.arrived[:0]
}

// weaken adds the postsynaptic traces to the synapses that spikes crossed.
func (p *plastic) weaken() {
	for _, id := range p.arrived {
		p.reached = p.wiring.reach(id, p.reached[:0])
		for _, s := range p.reached {
			for j, d := range p.post.a[s.first : s.first+s.n] {
				if d != 0 {
					p.change(s.w+int32(j), d)
				}
			}
		}
	}
	p.settle()
}

// strengthen adds the presynaptic traces to the synapses of those that fired.
func (p *plastic) strengthen(fired []int32) {
	for _, place := range fired {
		for _, s := range p.incoming[p.offsets[place]:p.offsets[place+1]] {
			if d := p.pre.a[s.pre]; d != 0 {
				p.change(s.w, d)
			}
		}
	}
	p.settle()
}

// change changes one weight by d, at once or together with others that share
// it.
func (p *plastic) change(i int32, d float64) {
	p.changes++
	if !p.shares {
		p.set(i, p.changed(p.weight[i], d))
		return
	}
	if p.sum[i] == 0 {
		p.touched = append(p.touched, i)
	}
	p.sum[i] += d
}

// settle adds the sums to the shared weights.
func (p *plastic) settle() {
	for _, i := range p.touched {
		p.set(i, p.changed(p.weight[i], p.sum[i]))
		p.sum[i] = 0
	}
	p.touched = p.touched[:0]
}

func (p *plastic) set(i int32, w float64) {
	before := p.rounded[i]
	p.weight[i] = w
	p.rounded[i] = float32(w)
	if (before == 0) == (p.rounded[i] == 0) {
		return
	}
	for _, pre := range p.users[p.usedBy[i]:p.usedBy[i+1]] {
		if before == 0 {
			p.fan[pre]++
		} else {
			p.fan[pre]--
		}
	}
}
