package network

import "testing"

// TestFootprintHoldsWeightsAndState counts by hand what the layers of testSpec
// take: weights, membranes, what is spent of each presynaptic resource, and the
// time of each neuron's last spike, 4 bytes each, and a length of 8 for every
// list of the state.
func TestFootprintHoldsWeightsAndState(t *testing.T) {
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
