package network

import "ganglion/pipeline"

// measure notes what a layer is made of, by NeuroBench's definitions (Yik et
// al. 2025): its weights, how many of them are 0, and the bytes that weights,
// parameters and state take, each counted once however many shards there are.
func (l *layer) measure(ls LayerSpec, from []pipeline.Shape) {
	for i, in := range ls.Inputs {
		total, zero, stored := connections(in.Kernel, from[i])
		l.info.Weights += total
		l.info.ZeroWeights += zero
		l.info.Bytes += stored * weightBytes(in)
		if in.Plastic != nil {
			l.info.Bytes += 12 * in.Kernel.synapses(from[i]) // the way back from each neuron, and from each weight
		}
	}
	l.info.Bytes += uint64(len(l.appendState(nil)))
	if p, ok := l.shared.(interface{ parameters() uint64 }); ok {
		l.info.Bytes += p.parameters()
	}
}

// weightBytes is what a stored weight takes.
func weightBytes(in Connection) uint64 {
	n := uint64(4)
	switch in.Kernel.(type) {
	case Sparse:
		n += 4 // where it leads
	}
	if in.Delays != nil {
		n += 4
	}
	if in.Plastic != nil {
		n += 16 // unrounded, its number, and where its synapses stand
		if _, shares := in.Kernel.(Conv2d); shares {
			n += 9 // its sum and mark
		}
	}
	return n
}

// connections counts the weights of a kernel that could be, those that are 0
// or absent, and those stored.
func connections(k Kernel, from pipeline.Shape) (total, zero, stored uint64) {
	values := kernelWeights(k)
	if d, ok := k.(Diagonal); ok {
		values = d.Weight
	}
	stored = uint64(len(values))
	total = stored
	if s, ok := k.(Sparse); ok {
		total = uint64(s.Out) * uint64(from.Size())
		zero = total - stored
	}
	for _, w := range values {
		if w == 0 {
			zero++
		}
	}
	return total, zero, stored
}

func (l *clockedLayer) parameters() (bytes uint64) {
	for _, p := range [][]float32{l.Drive, l.LateDrive, l.SynDecay, l.SynGain, l.Decay, l.Gain, l.Leak, l.Threshold, l.Reset, l.Floor} {
		bytes += 4 * uint64(len(p))
	}
	if a := l.Adapt; a != nil {
		bytes += 4 * uint64(len(a.Decay)+len(a.Couple)+len(a.Jump)+len(a.Rest))
	}
	return bytes + 4*uint64(len(l.delays)+len(l.refractory))
}

func (l *exactLayer) parameters() uint64 {
	return 8 * uint64(len(l.Tau)+len(l.Rest)+len(l.Gain)+len(l.Drive)+len(l.Pulse)+len(l.SynTau)+len(l.SynGain)+len(l.SynKick)+len(l.SynRest)+
		len(l.Threshold)+len(l.Reset)+len(l.Refractory))
}

// fans counts, for each presynaptic neuron, the synapses of this shard whose
// weights are not 0: a spike that crosses a weight of 0 is no effective
// operation. It is nil where no weight is 0.
func fans(k Kernel, from pipeline.Shape, w wiring) []uint32 {
	if _, zero, stored := connections(k, from); zero == 0 || stored == 0 {
		return nil
	}
	return countFans(from.Size(), w)
}

func countFans(size int, w wiring) []uint32 {
	fan := make([]uint32, size)
	var reach []segment
	weights := w.weights()
	for id := range fan {
		reach = w.reach(uint32(id), reach[:0])
		for _, s := range reach {
			for _, v := range weights[s.w : s.w+s.n] {
				if v != 0 {
					fan[id]++
				}
			}
		}
	}
	return fan
}

// crossed is how many effective operations a spike of neuron id, worth gain, is
// that crosses n synapses (NeuroBench, Yik et al. 2025: neither the weight nor
// the activation is 0).
func (a *arrival) crossed(id uint32, gain float32, n int) uint64 {
	switch {
	case gain == 0:
		return 0
	case a.fan != nil:
		return uint64(a.fan[id])
	}
	return uint64(n)
}
