package nir_test

import (
	"bytes"
	"fmt"

	"ganglion/network/nir"
)

// A model is built, written, read, taken apart and described.
func Example() {
	one := func(v float32) nir.Tensor { return nir.Float32([]int{1}, []float32{v}) }
	g := &nir.Graph{
		Nodes: []nir.Node{
			{Name: "in", Op: &nir.Input{Shape: []int{2}}},
			{Name: "lif", Op: &nir.LIF{Tau: one(0.02), R: one(1), VLeak: one(0), VThreshold: one(1), VReset: one(0)}},
			{Name: "out", Op: &nir.Output{Shape: []int{1}}},
			{Name: "w", Op: &nir.Linear{Weight: nir.Float32([]int{1, 2}, []float32{0.5, -0.5})}},
		},
		Edges: []nir.Edge{{From: "in", To: "w"}, {From: "w", To: "lif"}, {From: "lif", To: "out"}},
	}
	var file bytes.Buffer
	if err := nir.Write(&file, &nir.Model{Graph: g}); err != nil {
		fmt.Println(err)
		return
	}
	m, err := nir.Read(bytes.NewReader(file.Bytes()), int64(file.Len()), nir.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	order, err := m.Graph.Order()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range order.Nodes {
		switch op := m.Graph.Nodes[i].Op.(type) {
		case *nir.Linear:
			fmt.Println("linear", op.Weight.F32)
		case *nir.LIF:
			fmt.Println("LIF, tau", op.Tau.F32, "s")
		}
	}
	// Output:
	// linear [0.5 -0.5]
	// LIF, tau [0.02] s
}
