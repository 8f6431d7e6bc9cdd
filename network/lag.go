package network

import (
	"errors"
	"fmt"

	"ganglion/internal/asm"
	"ganglion/pipeline"
)

// validateDelays checks the delays of a connection's synapses, which are at most
// longest.
func (c Connection) validateDelays(longest int32) error {
	if c.Delays == nil {
		return nil
	}
	weights := kernelWeights(c.Kernel)
	switch {
	case weights == nil:
		return errors.New("only the synapses of dense, sparse and convolution kernels have delays")
	case len(c.Delays) != len(weights):
		return fmt.Errorf("%d delays for %d weights", len(c.Delays), len(weights))
	case c.Plastic != nil:
		return errors.New("a plastic connection has no delays")
	}
	for i, d := range c.Delays {
		if d < 0 || d > longest {
			return fmt.Errorf("delay of %d steps of weight %d is outside 0..%d", d, i, longest)
		}
	}
	return nil
}

// lag holds what is on its way through the synapses of a connection with
// delays. ring belongs to the layer: each place of it to the shard that owns
// the neuron.
type lag struct {
	delays []int32   // steps; parallel to the wiring's weights
	ring   []float32 // by step modulo slots, and place
	slots  int64
}

// slotsOf is how many steps a connection's ring must hold.
func (c Connection) slotsOf() int {
	longest := int32(0)
	for _, d := range c.Delays {
		longest = max(longest, d)
	}
	return int(longest) + 1
}

// newLag lays delays out as the wiring lays out its weights: a wiring of
// numbers in their place tells where each went.
func newLag(c Connection, from, to pipeline.Shape, own func(row int) bool, ring []float32) *lag {
	numbers := make([]float32, len(c.Delays))
	for i := range numbers {
		numbers[i] = float32(c.Delays[i])
	}
	l := &lag{ring: ring, slots: int64(len(ring) / to.Size())}
	for _, d := range withWeights(c.Kernel, numbers).wire(from, to, own, channelLast).weights() {
		l.delays = append(l.delays, int32(d))
	}
	return l
}

// send puts weights times gain on their way to a run of neurons, in step
// number count.
func (l *lag) send(s segment, weights []float32, gain float32, count int64) {
	size := int64(len(l.ring)) / l.slots
	for j := range s.n {
		slot := (count + int64(l.delays[s.w+j])) % l.slots
		l.ring[slot*size+int64(s.first+j)] += float32(weights[s.w+j] * gain)
	}
}

// deliver adds what is due in step number count to the inputs of some runs of
// neurons.
func (l *lag) deliver(x []float32, own []segment, count int64) {
	size := int64(len(l.ring)) / l.slots
	due := l.ring[count%l.slots*size:][:size]
	for _, s := range own {
		row := due[s.first : s.first+s.n]
		asm.AddScaled(x[s.first:s.first+s.n], row, 1)
		clear(row)
	}
}
