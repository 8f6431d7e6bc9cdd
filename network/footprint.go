package network

import (
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

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
	l.info.Bytes += uint64(state.Size(func(c *state.Codec) { l.fields(c, 0) }))
	if p, ok := l.shared.(interface{ parameters() uint64 }); ok {
		l.info.Bytes += p.parameters()
	}
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
