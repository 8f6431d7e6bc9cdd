package bptt

import (
	"bytes"
	"math"
	"runtime"
	"slices"
	"testing"

	"ganglion/internal/asm/asmtest"
	"ganglion/internal/random"
	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
)

// bars are bars that move over 10x9 px: class 0 to the right, 1 downwards, 2
// stays and flickers. The leading edge is ON (channel 1), the trailing one OFF.
type bars struct {
	c Config
	n int
}

func barsConfig() Config {
	c := NewDefaultConfig()
	c.Shape, c.Inputs, c.Steps, c.Classes, c.Hidden, c.Dropout = [3]int{2, 9, 10}, 180, 12, 3, nil, .1
	c.Convolutions = []Convolution{{Channels: 6, Kernel: 3, Padding: 1}, {Channels: 8, Kernel: 3, Stride: 2, Pool: 2}}
	c.Part, c.Batch, c.Epochs, c.Rate = 8, 16, 10, 2e-2
	return c
}

func (b bars) Len() int { return b.n }

func (b bars) Sample(epoch, i int, s *pipeline.Spikes) error {
	key := random.New(9).With(uint64(epoch), uint64(i))
	class, first := i%3, key.Below(0, 6)
	for t := range b.c.Steps {
		var ids []uint32
		at := (first + t) % 9
		for k := range 8 {
			switch class {
			case 0:
				ids = append(ids, uint32(90+k*10+at), uint32(k*10+(at+8)%9))
			case 1:
				ids = append(ids, uint32(90+at*10+k), uint32((at+8)%9*10+k))
			default:
				ids = append(ids, uint32((t%2)*90+first*10+k), uint32((t+1)%2*90+k*10+first))
			}
		}
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			s.Append(int64(t)*b.c.Step.Microseconds(), id)
		}
	}
	return nil
}

func (b bars) Loss(_, i int, logits, grad []float32) (float64, bool) {
	return MeanLogit.Loss(logits, grad, 3, i%3, 0)
}

// TestConvolutionsLearnMovementAndRunOnTheEngine trains on one set of bars, and
// wants the written file to tell others apart, with the spikes and logits that
// a plain reading of its nodes gives.
func TestConvolutionsLearnMovementAndRunOnTheEngine(t *testing.T) {
	t.Parallel()
	c := barsConfig()
	n := trained(t, c, bars{c, 96}, c.Epochs).Network()
	var b bytes.Buffer
	if err := nir.Write(&b, &nir.Model{Graph: n.Graph()}); err != nil {
		t.Fatal(err)
	}
	m, err := nir.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	low, err := nirnet.Lower(m.Graph, n.Profile(), c.Step)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i := range 30 {
		var s pipeline.Spikes
		if err := (bars{c, 30}).Sample(1000, i, &s); err != nil {
			t.Fatal(err)
		}
		var logits []float32
		result, err := nirnet.Infer(t.Context(), low, 2, &s, 0, c.Steps, func(layers []pipeline.Layer, act *pipeline.Activity) error {
			for k, l := range layers {
				if l.Name == low.Output {
					logits = slices.Clone(act.Layers[k].Spikes.Values)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if MeanLogit.Decide(logits, 3) == i%3 {
			right++
		}
		want, spikes := plainly(t, m.Graph, &s, c)
		for k, v := range logits {
			if math.Abs(float64(v)-want[k]) > 1e-4*(1+math.Abs(want[k])) {
				t.Fatalf("sample %d, logit %d of class %d: %v, a plain reading gives %v", i, k/3, k%3, v, want[k])
			}
		}
		for k, l := range result.Layers {
			if l.Spikes != spikes[k] || l.Spikes == 0 {
				t.Errorf("sample %d, layer %s: %d spikes, a plain reading gives %d", i, l.Name, l.Spikes, spikes[k])
			}
		}
	}
	if right < 28 {
		t.Errorf("%d of 30 bars are told right", right)
	}
}

// plainly computes a graph of convolutions, pools and a readout node by node in
// whole pictures, as the definitions of NIR read.
func plainly(t *testing.T, g *nir.Graph, s *pipeline.Spikes, c Config) (logits []float64, spikes []int) {
	t.Helper()
	node := map[string]nir.Op{}
	for _, n := range g.Nodes {
		node[n.Name] = n.Op
	}
	v := map[string][]float64{}
	leak := func(name string, x []float64, tau, threshold []float64) (out []float64, fired int) {
		if v[name] == nil {
			v[name] = make([]float64, len(x))
		}
		out = make([]float64, len(x))
		for i := range x {
			v[name][i] += c.Step.Seconds() / tau[i] * (x[i] - v[name][i])
			if threshold == nil {
				out[i] = v[name][i]
			} else if v[name][i] > threshold[i] {
				out[i], v[name][i], fired = 1, 0, fired+1
			}
		}
		return out, fired
	}
	spikes = make([]int, len(c.Convolutions))
	for step := range c.Steps {
		x := make([]float64, c.Inputs)
		for run, at := range s.T {
			if at == int64(step)*c.Step.Microseconds() {
				for _, id := range s.Run(run) {
					x[id]++
				}
			}
		}
		h, w := c.Shape[1], c.Shape[2]
		for i, name := range []string{"convolution1", "convolution2"} {
			conv := node[name+"_in"].(*nir.Conv)
			x, h, w = convolve(x, h, w, conv)
			lif := node[name].(*nir.LIF)
			var fired int
			x, fired = leak(name, x, lif.Tau.Float64s(), lif.VThreshold.Float64s())
			spikes[i] += fired
			if p, ok := node[name+"_pool"].(*nir.Pool); ok {
				x, h, w = sum(x, h, w, p.Kernel[0])
			}
		}
		affine := node["readout_in"].(*nir.Affine)
		weight, y := affine.Weight.Float64s(), affine.Bias.Float64s()
		for k := range y {
			for j, v := range x {
				y[k] += weight[k*len(x)+j] * v
			}
		}
		y, _ = leak("readout", y, node["readout"].(*nir.LI).Tau.Float64s(), nil)
		logits = append(logits, y...)
	}
	return logits, spikes
}

func convolve(x []float64, h, w int, c *nir.Conv) (y []float64, oh, ow int) {
	out, in, kernel := c.Weight.Shape[0], c.Weight.Shape[1], c.Weight.Shape[2]
	stride, padding, weight, bias := c.Stride[0], c.Padding.Size[0], c.Weight.Float64s(), c.Bias.Float64s()
	oh, ow = (h+2*padding-kernel)/stride+1, (w+2*padding-kernel)/stride+1
	for o := range out {
		for p := range oh * ow {
			sum := bias[o]
			for i := range in * kernel * kernel {
				row, col := p/ow*stride-padding+i/kernel%kernel, p%ow*stride-padding+i%kernel
				if row >= 0 && row < h && col >= 0 && col < w {
					sum += weight[o*in*kernel*kernel+i] * x[i/kernel/kernel*h*w+row*w+col]
				}
			}
			y = append(y, sum)
		}
	}
	return y, oh, ow
}

func sum(x []float64, h, w, edge int) (y []float64, oh, ow int) {
	oh, ow = h/edge, w/edge
	y = make([]float64, len(x)/(h*w)*oh*ow)
	for i, v := range x {
		c, row, col := i/(h*w), i/w%h/edge, i%w/edge
		if row < oh && col < ow {
			y[(c*oh+row)*ow+col] += v
		}
	}
	return y, oh, ow
}

func TestConvolutionsLearnTheSameOnAnyMachine(t *testing.T) {
	c := barsConfig()
	c.Epochs = 2
	task := bars{c, 37} // the last batch is not full
	before := runtime.GOMAXPROCS(1)
	one := snapshot(t, trained(t, c, task, 2))
	runtime.GOMAXPROCS(4)
	half := snapshot(t, trained(t, c, task, 1))
	runtime.GOMAXPROCS(before)
	resumed, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := resumed.RestoreState(half); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, snapshot(t, learn(t, resumed, task, 1))) {
		t.Error("1 processor, and 4 that were stopped after an epoch, learn differently")
	}
	asmtest.Same(t, one)
}

func TestImpossibleConvolutionsAreRefusedByName(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"a kernel of 12 px on an input of 10x9 px": func(c *Config) { c.Convolutions[0].Kernel, c.Convolutions[0].Padding = 12, 0 },
		"2x2 px in 8 channels, pooled by 3":        func(c *Config) { c.Convolutions[1].Stride, c.Convolutions[1].Pool = 4, 3 },
		"padding 3":                                func(c *Config) { c.Convolutions[0].Padding = 3 },
		"180 inputs in a shape of [0 0 0]":         func(c *Config) { c.Shape = [3]int{} },
	} {
		c := barsConfig()
		change(&c)
		if _, err := New(c); err == nil || !bytes.Contains([]byte(err.Error()), []byte(name)) {
			t.Errorf("%v, want %s", err, name)
		}
	}
	if _, err := trained(t, barsConfig(), bars{barsConfig(), 16}, 1).Network().NewRunner(); err == nil {
		t.Error("a runner takes a network whose convolutions it does not know")
	}
}
