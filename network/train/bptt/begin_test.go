package bptt

import (
	"math"
	"slices"
	"strings"
	"testing"

	"ganglion/network/nir"
	"ganglion/pipeline"
)

// other is the task of chirps with its classes in another order, as another
// task that the same neurons serve.
type other struct{ chirps }

func (o other) Loss(_, i int, logits, grad []float32) (float64, bool) {
	return MeanLogit.Loss(logits, grad, o.c.Classes, (i+1)%3, .05)
}

func begun(t *testing.T, c Config, g *nir.Graph, norms nir.Metadata) *Trainer {
	t.Helper()
	tr, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Begin(g, norms); err != nil {
		t.Fatal(err)
	}
	return tr
}

// A training that begins from a network has its hidden layers, to the spike, and
// a readout of its own.
func TestATrainingBeginsFromTheNeuronsOfAnother(t *testing.T) {
	t.Parallel()
	c := chirpConfig()
	c.Hidden, c.Delay, c.Epochs = []int{24, 10}, 5*c.Step, 4
	trunk := trained(t, c, chirps{c: c, n: 120}, 4).Network()
	c.Seed, c.Classes = 7, 5
	got := begun(t, c, trunk.Graph(), trunk.Norms()).Network()
	near := func(a, b []float32) bool {
		return slices.EqualFunc(a, b, func(a, b float32) bool { return math.Abs(float64(a-b)) <= 1e-4*(1+math.Abs(float64(b))) })
	}
	for i, want := range trunk.layers {
		l := got.layers[i]
		if !near(l.w, want.w) || !near(l.u, want.u) || !near(l.bias, want.bias) || !near(l.strength, want.strength) ||
			!near(l.tau, want.tau) || !near(l.adaptation, want.adaptation) || !slices.Equal(l.delay, want.delay) {
			t.Errorf("hidden layer %d is another", i+1)
		}
	}
	if len(got.read.bias) != 5 {
		t.Errorf("a readout of %d", len(got.read.bias))
	}
	var s pipeline.Spikes
	if err := (chirps{c: c}).Sample(0, 1, &s); err != nil {
		t.Fatal(err)
	}
	a, b := runnerOf(t, trunk), runnerOf(t, got)
	if err := a.Run(&s, c.Steps, make([]float32, c.Steps*3)); err != nil {
		t.Fatal(err)
	}
	if err := b.Run(&s, c.Steps, make([]float32, c.Steps*5)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Spikes, b.Spikes) || a.Spikes[0] == 0 {
		t.Errorf("spikes %v, of the network that it began from %v", b.Spikes, a.Spikes)
	}
}

// What neurons have learned serves another task: after as little training it is
// known better.
func TestAnotherTaskIsLearnedSoonerFromATrunk(t *testing.T) {
	t.Parallel()
	c := chirpConfig()
	trunk := trained(t, c, chirps{c: c, n: 240}, c.Epochs).Network()
	c.Seed, c.Epochs = 7, 2
	task := other{chirps{c: c, n: 60}}
	scratch := trained(t, c, task, 2).Last()
	warm := learn(t, begun(t, c, trunk.Graph(), trunk.Norms()), task, 2).Last()
	if warm.Accuracy < scratch.Accuracy+.1 || warm.Loss > scratch.Loss {
		t.Errorf("from a trunk %.2f right, loss %.2f; from scratch %.2f, %.2f", warm.Accuracy, warm.Loss, scratch.Accuracy, scratch.Loss)
	}
}

func TestATrainingBeginsFromNothingThatDoesNotFit(t *testing.T) {
	t.Parallel()
	c := chirpConfig()
	c.Delay = 5 * c.Step
	of := func(change func(*Config)) *Network {
		c := c
		change(&c)
		tr, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		return tr.Network()
	}
	fits := of(func(*Config) {})
	flat := of(func(*Config) {})
	flat.layers[0].norms.gamma[3] = 0
	for name, v := range map[string]struct {
		from *Network
		want string
	}{
		"more neurons":    {of(func(c *Config) { c.Hidden = []int{25} }), "bptt: hidden1: 300 input weights of 32 bits, want 288"},
		"other inputs":    {of(func(c *Config) { c.Inputs = 13 }), "bptt: hidden1: 312 input weights of 32 bits, want 288"},
		"without delays":  {of(func(c *Config) { c.Delay = 0 }), "bptt: hidden1: hidden1_axons is not a node *nir.Delay"},
		"one layer more":  {of(func(c *Config) { c.Hidden = []int{24, 9} }), "bptt: the network has a layer hidden2, the training 1 layers"},
		"a dead neuron":   {flat, "bptt: hidden1: neuron 3: gamma 0 and variance 0 do not scale weights"},
		"no batch norm":   {nil, "bptt: hidden1: 0 beta of 32 bits, want 24"},
		"no hidden layer": {&Network{}, "bptt: hidden1: hidden1_in is not a node *nir.Affine"},
	} {
		tr, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		g, norms := fits.Graph(), nir.Metadata(nil)
		switch {
		case v.from != nil && len(v.from.layers) == 0:
			g = &nir.Graph{}
		case v.from != nil:
			g, norms = v.from.Graph(), v.from.Norms()
		}
		if err := tr.Begin(g, norms); err == nil || !strings.HasPrefix(err.Error(), v.want) {
			t.Errorf("%s: %v, want %s", name, err, v.want)
		}
	}
	c.Shape, c.Convolutions = [3]int{1, 3, 4}, []Convolution{{Channels: 2, Kernel: 3}}
	tr, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Begin(fits.Graph(), fits.Norms()); err == nil || !strings.Contains(err.Error(), "convolutions") {
		t.Errorf("convolutions: %v", err)
	}
}
