package network

import "ganglion/pipeline"

// kernelWeights are the weights of a kernel that can learn, nil for others.
func kernelWeights(k Kernel) []float32 {
	switch k := k.(type) {
	case Dense:
		return k.Weight
	case Sparse:
		return k.Weight
	case Conv2d:
		return k.Weight
	}
	return nil
}

// withWeights is a kernel that can learn with other weights.
func withWeights(k Kernel, w []float32) Kernel {
	switch k := k.(type) {
	case Dense:
		k.Weight = w
		return k
	case Sparse:
		k.Weight = w
		return k
	case Conv2d:
		k.Weight = w
		return k
	}
	return k
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
			n += 8 // its sum
		}
	}
	return n
}

// fans counts, for each presynaptic neuron, the synapses of this shard whose
// weights are not 0: a spike that crosses a weight of 0 is not an
// effective operation. It is nil where no weight is 0.
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
