package network

import "ganglion/internal/asm"

// Membranes appends the membranes of a layer that advances in steps to dst, by
// neuron, as the last window left them, in the engine's units. It appends
// nothing for a layer that keeps none: relays, thresholds, integer neurons, and
// layers without steps. It must not be called while Step runs.
func (e *Engine) Membranes(layer int, dst []float32) []float32 {
	l, ok := e.layers[layer].shared.(*clockedLayer)
	if !ok || l.v == nil || l.Rule == Integer {
		return dst
	}
	first := len(dst)
	dst = append(dst, l.v...)
	membranes := dst[first:]
	count := int64(0)
	if e.began {
		count = (e.end - e.win.clock.begin) / e.win.clock.step
	}
	for id := range membranes {
		place := l.place(uint32(id))
		membranes[id] = l.v[place]
		if l.waits { // its block may sleep: the decay that it will make up for
			block := place / l.block()
			asm.Decay(membranes[id:id+1], l.Decay[place:place+1], int(count-l.awake[block]))
		}
	}
	return dst
}
