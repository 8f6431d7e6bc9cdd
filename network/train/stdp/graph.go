package stdp

import "ganglion/network/nir"

// graph is the learned features, counted by region, as a NIR graph; with a
// readout it gives scores of the classes.
//
// A membrane's time constant is in seconds of sensor time, so the graph is run
// with the time step of its equations equal to that of the network. Its
// resistance makes a weight count in full: V = decay V + sum of weights.
func (c Config) graph(f *features, readout [][]float64) *nir.Graph {
	h, w, ph, pw := c.maps()
	maps := []int{c.Channels, h, w}
	all := func(value func(channel int) float64) nir.Tensor {
		v := make([]float64, 0, c.Channels*h*w)
		for ch := range c.Channels {
			for range h * w {
				v = append(v, value(ch))
			}
		}
		return nir.Float64(maps, v)
	}
	same := func(v float64) nir.Tensor { return all(func(int) float64 { return v }) }
	pad := c.Kernel / 2
	nodes := []nir.Node{
		{Name: "input", Op: &nir.Input{Shape: c.input()}},
		{Name: "conv", Op: &nir.Conv{
			InputShape: []int{c.Height, c.Width}, Weight: nir.Float32([]int{c.Channels, 2, c.Kernel, c.Kernel}, f.weights),
			Bias: nir.Float32([]int{c.Channels}, make([]float32, c.Channels)), Stride: []int{c.Stride, c.Stride},
			Padding: nir.Padding{Size: []int{pad, pad}}, Dilation: []int{1, 1}, Groups: 1,
		}},
		{Name: featureLayer, Op: &nir.LIF{
			Tau: same(c.Tau.Seconds()), R: same(c.Tau.Seconds() / c.Step.Seconds()), VLeak: same(0), VReset: same(0),
			VThreshold: all(func(ch int) float64 { return float64(f.thresholds[ch]) }),
		}},
		{Name: "pool", Op: &nir.Pool{Kernel: []int{c.Pool, c.Pool}, Stride: []int{c.Pool, c.Pool}, Padding: []int{0, 0}}},
	}
	if readout == nil {
		nodes = append(nodes, nir.Node{Name: "output", Op: &nir.Output{Shape: []int{c.Channels, ph, pw}}})
		return chain(nodes)
	}
	var weights []float32
	for _, row := range readout {
		for _, v := range row {
			weights = append(weights, float32(v))
		}
	}
	return chain(append(nodes,
		nir.Node{Name: "flatten", Op: &nir.Flatten{StartDim: 0, EndDim: -1, InputShape: []int{c.Channels, ph, pw}}},
		nir.Node{Name: "readout", Op: &nir.Linear{Weight: nir.Float32([]int{len(readout), len(readout[0])}, weights)}},
		nir.Node{Name: "output", Op: &nir.Output{Shape: []int{len(readout)}}},
	))
}

// chain joins nodes, each to the next.
func chain(nodes []nir.Node) *nir.Graph {
	g := &nir.Graph{Nodes: nodes}
	for i := range nodes[1:] {
		g.Edges = append(g.Edges, nir.Edge{From: nodes[i].Name, To: nodes[i+1].Name})
	}
	g.Canonical()
	return g
}
