package nirnet

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// drawer draws NIR graphs by chance: a chain of linear nodes and neurons over
// maps and then flat, with loops, branches and delays.
type drawer struct {
	*rand.Rand
	g     *nir.Graph
	last  string // node that the next one follows
	shape []int
}

func (d *drawer) all(shape []int, low, high float64) nir.Tensor {
	n := 1
	for _, s := range shape {
		n *= s
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = low + float64((high-low)*d.Float64())
	}
	return nir.Float64(shape, v)
}

// add appends a node behind the last one.
func (d *drawer) add(op nir.Op) string {
	name := fmt.Sprintf("n%02d", len(d.g.Nodes))
	d.g.Nodes = append(d.g.Nodes, nir.Node{Name: name, Op: op})
	if d.last != "" {
		d.g.Edges = append(d.g.Edges, nir.Edge{From: d.last, To: name})
	}
	d.last = name
	return name
}

func (d *drawer) conv() {
	c, out := d.shape[0], 2+d.IntN(4)
	stride, pad := 1+d.IntN(2), d.IntN(2)
	d.add(&nir.Conv{
		InputShape: slices.Clone(d.shape[1:]), Weight: d.all([]int{out, c, 3, 3}, -.2, .4), Bias: d.all([]int{out}, 0, .01),
		Stride: []int{stride, stride}, Padding: nir.Padding{Size: []int{pad, pad}}, Dilation: []int{1, 1}, Groups: 1,
	})
	d.shape = []int{out, (d.shape[1]+2*pad-3)/stride + 1, (d.shape[2]+2*pad-3)/stride + 1}
}

func (d *drawer) neuron() string {
	p := func(low, high float64) nir.Tensor { return d.all(d.shape, low, high) }
	zero := p(0, 0)
	switch d.IntN(4) {
	case 0:
		return d.add(&nir.IF{R: p(.5, 1), VThreshold: p(.5, 1), VReset: zero})
	case 1:
		return d.add(&nir.CubaLIF{TauSyn: p(5e-4, 2e-3), TauMem: p(5e-4, 2e-3), R: p(5, 9), VLeak: p(0, .01), VThreshold: p(.3, .5), VReset: zero,
			WIn: p(3, 6)})
	}
	return d.add(&nir.LIF{Tau: p(5e-4, 2e-3), R: p(5, 9), VLeak: p(0, .01), VThreshold: p(.3, .5), VReset: zero})
}

// graph draws a graph.
func graph(seed uint64) *nir.Graph {
	d := &drawer{Rand: rand.New(rand.NewPCG(seed, 21)), g: &nir.Graph{}, shape: []int{2, 12 + 8*int(seed%3), 10}}
	d.add(&nir.Input{Shape: slices.Clone(d.shape)})
	d.conv()
	if d.IntN(2) == 0 {
		d.neuron()
	} else {
		p := func(v float64) nir.Tensor { return d.all(d.shape, v, 1.5*v) }
		d.add(&nir.LIF{Tau: p(1e-3), R: p(6), VLeak: p(0), VThreshold: p(.4), VReset: p(0)})
	}
	if d.IntN(2) == 0 {
		d.add(&nir.Pool{Average: d.IntN(2) == 0, Kernel: []int{2, 2}, Stride: []int{2, 2}, Padding: []int{0, 0}})
		d.shape = []int{d.shape[0], d.shape[1] / 2, d.shape[2] / 2}
	}
	size := d.shape[0] * d.shape[1] * d.shape[2]
	d.add(&nir.Flatten{StartDim: 0, EndDim: -1, InputShape: slices.Clone(d.shape)})
	d.shape = []int{20 + d.IntN(20)}
	d.recurrent(size)
	n := d.shape[0]
	d.add(&nir.Affine{Weight: d.all([]int{5, n}, -.2, .4), Bias: d.all([]int{5}, 0, 0)})
	if d.IntN(2) == 0 {
		d.shape = []int{5}
		d.add(&nir.LI{Tau: d.all(d.shape, 1e-3, 2e-3), R: d.all(d.shape, 1, 1), VLeak: d.all(d.shape, 0, 0)})
	}
	d.add(&nir.Output{Shape: []int{5}})
	d.g.Canonical()
	return d.g
}

// recurrent draws a flat layer that feeds itself, through a delay at times, and
// a branch past it.
func (d *drawer) recurrent(size int) {
	from := d.last
	d.add(&nir.Affine{Weight: d.all([]int{d.shape[0], size}, -.1, .15), Bias: d.all(d.shape, 0, .05)})
	layer := d.neuron()
	if d.IntN(2) == 0 {
		d.add(&nir.Delay{Delay: d.all(d.shape, 0, 5e-4)})
	}
	back := d.add(&nir.Affine{Weight: d.all([]int{d.shape[0], d.shape[0]}, -.2, .1), Bias: d.all(d.shape, 0, .02)})
	d.g.Edges = append(d.g.Edges, nir.Edge{From: back, To: layer})
	d.last = from
	past := d.add(&nir.Linear{Weight: d.all([]int{d.shape[0], size}, -.05, .05)})
	d.g.Edges = append(d.g.Edges, nir.Edge{From: past, To: layer})
	d.last = layer
}

// TestRandomGraphsAreTheSameHoweverTheyRun runs graphs under every profile and
// wants the same of any number of shards and processors, any windows, and
// across a checkpoint.
func TestRandomGraphsAreTheSameHoweverTheyRun(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	seeds := uint64(3)
	if testing.Short() {
		seeds = 2
	}
	if os.Getenv("GANGLION_LONG") != "" {
		seeds = 100
	}
	ran := map[string]int{}
	for seed := range seeds {
		for _, p := range profiles() {
			if p.Method == "euler" {
				p.DT = min(p.DT, 1e-3) // of the graph's time constants
			}
			l, err := Lower(graph(seed), p, time.Millisecond)
			if p.Method == integerMethod && err != nil {
				continue // most are not alike enough
			}
			if err != nil {
				t.Fatalf("seed %d, %s: %v", seed, p.Name, err)
			}
			in := drawnInput(seed, l.Spec.Input.Size())
			want := drawnRun(t, l, in, 1, 50_000, 0)
			ran[p.Name] += want[len(want)-1].Len()
			for i, shards := range []int{1, 2, 3, 8} {
				runtime.GOMAXPROCS(1 + i%2)
				for _, window := range []int64{1000, 7000} {
					got := drawnRun(t, l, in, shards, window, 1000*int64(10+7*i))
					if d := cmp.Diff(want, got); d != "" {
						t.Fatalf("seed %d, %s, %d shards, windows of %d µs: %s", seed, p.Name, shards, window, d[:min(len(d), 500)])
					}
				}
			}
		}
	}
	for _, p := range profiles() {
		if p.Method != integerMethod && ran[p.Name] == 0 {
			t.Errorf("%s: the last layers are silent: the test shows nothing", p.Name)
		}
	}
}

func drawnInput(seed uint64, size int) *pipeline.Spikes {
	r := rand.New(rand.NewPCG(seed, 22))
	var s pipeline.Spikes
	for at := int64(0); at < 50_000; at += 250 {
		for id := range size {
			if r.IntN(100) == 0 {
				s.Append(at, uint32(id))
			}
		}
	}
	return &s
}

// drawnRun runs a graph over 50 ms in windows and hands over to a second engine
// at a time, unless it is 0.
func drawnRun(t *testing.T, l *Lowered, in *pipeline.Spikes, shards int, window, handover int64) []pipeline.Spikes {
	t.Helper()
	e, err := network.New(l.Spec, shards)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { e.Close() }()
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(l.Spec.Layers))}
	run := 0
	for start := int64(0); start < 50_000; start += window {
		end := min(start+window, 50_000)
		var part pipeline.Spikes
		for ; run < len(in.T) && in.T[run] < end; run++ {
			for _, id := range in.Run(run) {
				part.Append(in.T[run], id)
			}
		}
		if err := e.Step(t.Context(), pipeline.Window{Start: start, End: end}, &part, &act); err != nil {
			t.Fatal(err)
		}
		if start < handover && end >= handover {
			snap, err := e.AppendState(nil)
			if err != nil {
				t.Fatal(err)
			}
			e.Close()
			if e, err = network.New(l.Spec, shards%3+1); err != nil {
				t.Fatal(err)
			}
			if err := e.RestoreState(snap); err != nil {
				t.Fatal(err)
			}
		}
	}
	var all []pipeline.Spikes
	for i := range act.Layers {
		all = append(all, act.Layers[i].Spikes)
	}
	return all
}
