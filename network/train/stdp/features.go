package stdp

import (
	"context"
	"math/rand/v2"

	"ganglion/network"
	"ganglion/pipeline"
)

// features are what was learned without labels.
type features struct {
	weights    []float32 // [channel, polarity, row, column]
	thresholds []float32 // by channel
	drift      float64
	wins       []int // spikes while learning, by channel
}

// rest is the silence between two recordings, in which membranes and traces
// fade, in time constants.
const rest = 5

// The first weights lie in the middle of their bounds.
const (
	firstLeast = .3 // of the way from the lower to the upper bound
	firstMost  = .7
)

// learn shows samples to a plastic convolution, one after the other.
func learn(ctx context.Context, c Config, samples []sample, progress func(done, total int)) (*features, error) {
	e, err := network.New(c.plastic(), 1)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	step := c.Step.Microseconds()
	pause := rest * max(c.Rule.TauPlus, c.Rule.TauMinus, c.Tau).Microseconds() / step * step
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	at := int64(0)
	f := &features{wins: make([]int, c.Channels)}
	h, w, _, _ := c.maps()
	for i, s := range samples {
		window := pipeline.Window{Start: at, End: at + int64(s.steps)*step}
		act.Layers[0].Spikes.Reset()
		if err := e.Step(ctx, window, s.shifted(at), &act); err != nil {
			return nil, err
		}
		for _, id := range act.Layers[0].Spikes.IDs {
			f.wins[int(id)/(h*w)]++
		}
		at = window.End + pause
		progress(i+1, len(samples))
	}
	learned := e.Learning().Connections[0]
	f.weights, f.drift = learned.Kernel.(network.Conv2d).Weight, learned.Drift
	raised := e.Raised(featureLayer)
	for ch := range c.Channels {
		f.thresholds = append(f.thresholds, float32(c.Threshold+raised[ch*len(raised)/c.Channels]))
	}
	return f, nil
}

const featureLayer = "features"

// plastic is the network that learns: at each position the channels compete.
func (c Config) plastic() network.Spec {
	r := rand.New(rand.NewPCG(c.Seed, 2))
	first := make([]float32, c.Channels*2*c.Kernel*c.Kernel)
	for i := range first {
		share := firstLeast + float64((firstMost-firstLeast)*r.Float64())
		first[i] = float32(c.Rule.Min + float64((c.Rule.Max-c.Rule.Min)*share))
	}
	rule, homeostasis := c.Rule, c.Homeostasis
	homeostasis.ByChannel = true
	return network.Spec{Input: c.input(), Step: c.Step, Layers: []network.LayerSpec{{
		Name:   featureLayer,
		Inputs: []network.Connection{{From: network.InputName, Kernel: c.conv(first), Plastic: &rule}},
		Neuron: network.Clocked{
			Rule: network.ToReset, Decay: []float32{float32(c.decay())}, Threshold: []float32{float32(c.Threshold)},
			Homeostasis: &homeostasis, Compete: &network.Competition{Group: network.Channels, Reset: true},
		},
	}}}
}
