package network

import "testing"

// TestFootprintHoldsWeightsAndState counts by hand what the layers of testSpec
// take: weights, membranes, what is spent of each presynaptic resource, and the
// time of each neuron's last spike, 4 bytes each, and a length of 8 for every
// list of the state.
func TestFootprintHoldsWeightsAndState(t *testing.T) {
	t.Parallel()
	const h, w = 20, 24
	in := 2 * h * w
	for _, shards := range []int{1, 3} {
		e := newEngine(t, testSpec(h, w), shards)
		b := e.layers[1].info.Shape.Size()
		want := []int{
			4*18 + (8 + 4*in) + 8 + (8 + 4*in), // ring; membranes, nobody resting, resources
			2*4*72 + (8 + 4*b) + 8,             // mixed, twice; membranes, nobody resting
			8 + 4*in,                           // times
		}
		for i, l := range e.Layers() {
			if int(l.Bytes) != want[i] {
				t.Errorf("%d shards, layer %s: %d bytes, want %d", shards, l.Name, l.Bytes, want[i])
			}
		}
	}
}

// Every list of parameters counts, once: lengths that are powers of two tell them apart.
func TestEveryParameterCounts(t *testing.T) {
	t.Parallel()
	floats := func(bit int) []float64 { return make([]float64, 1<<bit) }
	e := &exactLayer{Exact: Exact{
		Rest: floats(1), Gain: floats(2), Drive: floats(3), Pulse: floats(4), SynGain: floats(6), SynKick: floats(7), SynRest: floats(8),
		Threshold: floats(9), Reset: floats(10),
	}}
	e.Tau, e.SynTau, e.Refractory = floats(0), floats(5), make([]int64, 1<<11)
	if got := e.parameters(); got != 8*(1<<12-1) {
		t.Errorf("event-driven: %d bytes, want %d", got, 8*(1<<12-1))
	}
	single := func(bit int) []float32 { return make([]float32, 1<<bit) }
	c := &clockedLayer{Clocked: Clocked{
		Drive: single(0), LateDrive: single(1), SynDecay: single(2), SynGain: single(3), Decay: single(4), Gain: single(5), Leak: single(6),
		Threshold: single(7), Reset: single(8), Floor: single(9),
		Adapt: &Adaptation{Decay: single(10), Couple: single(11), Jump: single(12), Rest: single(13)},
	}, delays: make([]int32, 1<<14), refractory: make([]int32, 1<<15)}
	if got := c.parameters(); got != 4*(1<<16-1) {
		t.Errorf("clock-driven: %d bytes, want %d", got, 4*(1<<16-1))
	}
}
