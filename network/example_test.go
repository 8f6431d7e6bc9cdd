package network_test

import (
	"context"
	"fmt"
	"time"

	"ganglion/network"
	"ganglion/pipeline"
)

// A synapse learns that its input comes before the neuron fires; its weights
// are kept as a version, and rolled back to the start.
func ExampleEngine_Learning() {
	spec := network.Spec{Input: pipeline.Shape{2}, Step: time.Millisecond, Layers: []network.LayerSpec{{
		Name: "out",
		Inputs: []network.Connection{{
			From: network.InputName, Kernel: network.Dense{Weight: []float32{.25, 1}, Out: 1, In: 2},
			Plastic: &network.STDP{
				APlus: .1, AMinus: -.1, TauPlus: 20 * time.Millisecond, TauMinus: 20 * time.Millisecond, Max: 1,
			},
		}},
		Neuron: network.Clocked{Rule: network.ToReset, Decay: []float32{0}, Threshold: []float32{.9}},
	}}}
	e, err := network.New(spec, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	var in pipeline.Spikes
	in.Append(0, 0)    // alone too weak
	in.Append(5000, 1) // fires the neuron
	out := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	if err := e.Step(context.Background(), pipeline.Window{End: 10_000}, &in, &out); err != nil {
		fmt.Println(err)
		return
	}
	version := e.Keep()
	learned := e.Learning().Connections[0]
	fmt.Printf("version %d: %.4f, drift %.4f\n", version, learned.Weights, learned.Drift)
	if err := e.RollBack(0); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("version 0: %.4f\n", e.Learning().Connections[0].Weights)
	// Output:
	// version 1: [0.3279 1.0000], drift 0.0756
	// version 0: [0.2500 1.0000]
}
