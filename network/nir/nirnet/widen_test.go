package nirnet

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"ganglion/network/nir"
)

// TestParametersOfWholeChannelsAreThoseOfEveryNeuron runs a convolution into
// neurons with a value for each channel, and a batch of matrices whose bias is
// one for all of it, beside the same networks with every value written out.
func TestParametersOfWholeChannelsAreThoseOfEveryNeuron(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	normal := func(shape ...int) nir.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		return nir.Float32(shape, v)
	}
	// out writes values that stand for some neurons each, in turn, out.
	out := func(t nir.Tensor, each int, shape ...int) nir.Tensor {
		var v []float32
		for _, x := range t.F32 {
			for range each {
				v = append(v, x)
			}
		}
		return nir.Float32(shape, v)
	}
	lif := func(tau, threshold nir.Tensor) *nir.LIF {
		zero := nir.Float32(tau.Shape, make([]float32, tau.Len()))
		return &nir.LIF{Tau: tau, R: threshold, VLeak: zero, VReset: zero, VThreshold: threshold}
	}
	conv := &nir.Conv{Weight: normal(3, 2, 3, 3), Bias: normal(3), Stride: []int{1, 1}, Dilation: []int{1, 1},
		Padding: nir.Padding{Size: []int{1, 1}}, Groups: 1}
	tau, threshold := nir.Float32([]int{3, 1, 1}, []float32{3e-4, 5e-4, 9e-4}), nir.Float32([]int{3, 1, 1}, []float32{.2, .3, .1})
	matrix, row := normal(2, 6, 10), normal(6)
	both := slices.Repeat(row.F32, 2)
	flat := lif(nir.Float32([]int{2, 6}, slices.Repeat([]float32{5e-4}, 12)), nir.Float32([]int{2, 6}, slices.Repeat([]float32{.4}, 12)))
	for name, c := range map[string]struct {
		shape        []int
		narrow, wide [2]nir.Op
	}{
		"channels": {[]int{2, 4, 5}, [2]nir.Op{conv, lif(tau, threshold)},
			[2]nir.Op{conv, lif(out(tau, 20, 3, 4, 5), out(threshold, 20, 3, 4, 5))}},
		"bias": {[]int{2, 10}, [2]nir.Op{&nir.Affine{Weight: matrix, Bias: row}, flat},
			[2]nir.Op{&nir.Affine{Weight: matrix, Bias: nir.Float32([]int{2, 6}, both)}, flat}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spikes := func(ops [2]nir.Op) array {
				file := filepath.Join(t.TempDir(), "m.nir")
				m := &nir.Model{Graph: &nir.Graph{Nodes: []nir.Node{{Name: "i", Op: &nir.Input{Shape: c.shape}}, {Name: "linear", Op: ops[0]},
					{Name: "lif", Op: ops[1]}, {Name: "o", Op: &nir.Output{}}},
					Edges: []nir.Edge{{From: "i", To: "linear"}, {From: "linear", To: "lif"}, {From: "lif", To: "o"}}}}
				if err := nir.WriteFile(file, m); err != nil {
					t.Fatal(err)
				}
				e, l := engine(t, file, "norse", 1)
				in, size := array{shape: []int{100, 0}}, 1
				for _, d := range c.shape {
					size *= d
				}
				for i := range 100 * size {
					in.v = append(in.v, float64(i*7%5/4))
				}
				return run(t, e, in)[l.Output]
			}
			want, got := spikes(c.wide), spikes(c.narrow)
			total := 0.
			for _, v := range want.v {
				total += v
			}
			if d := differing(want.v, got.v); d > 0 || total < 50 {
				t.Errorf("%d of %d cells differ, %v spikes", d, len(want.v), total)
			}
		})
	}
}
