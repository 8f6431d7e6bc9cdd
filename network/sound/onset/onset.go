package onset

import (
	"fmt"
	"time"

	"ganglion/network"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Names of the network's layers.
const (
	layerChannel = "channel"
	layerOnset   = "onset"
)

// config configures the network.
type config struct {
	Shards  component.Count `key:"shards" doc:"Goroutines that share the cells; auto measures at start."`
	Channel channelConfig   `key:"channel" doc:"Cells that tell which channels are active."`
	Onset   onsetConfig     `key:"onset" doc:"Cells that tell when many channels begin to be."`
}

// channelConfig is the layer of channel cells.
type channelConfig struct {
	Tau        time.Duration `key:"tau" doc:"Membrane time constant." min:"100us" max:"1s"`
	Threshold  float64       `key:"threshold" doc:"Membrane threshold, in spikes." min:"0.1" max:"1000"`
	Refractory time.Duration `key:"refractory" doc:"Refractory period." min:"0s" max:"1s"`
}

// onsetConfig is the layer of onset cells.
type onsetConfig struct {
	Groups    int           `key:"groups" doc:"Cells, spread evenly over the bands; each hears half of the next one's." min:"1" max:"1024"`
	Tau       time.Duration `key:"tau" doc:"Membrane time constant, and refractory period." min:"100us" max:"1s"`
	Threshold float64       `key:"threshold" doc:"Share of its fresh channels that make a cell fire, if they fire together." min:"0.001" max:"1"`
	Use       float64       `key:"use" doc:"Fraction of a synapse's resource that a spike spends." min:"0.001" max:"0.999"`
	Recovery  time.Duration `key:"recovery" doc:"Time constant in which the resource comes back." min:"1ms" max:"10s"`
}

// newDefaultConfig suits the CochleaAMS.
func newDefaultConfig() config {
	return config{
		Shards:  1,
		Channel: channelConfig{Tau: 20 * time.Millisecond, Threshold: 1.5, Refractory: time.Millisecond},
		Onset:   onsetConfig{Groups: 8, Tau: 10 * time.Millisecond, Threshold: 0.05, Use: 0.6, Recovery: 300 * time.Millisecond},
	}
}

// Component declares the network.
func Component() component.Spec {
	return component.Network("onset", "cells that tell which channels of a cochlea are active, and when many begin", newDefaultConfig(),
		func(c config, in pipeline.Shape) (pipeline.Network, error) { return newNetwork(c, in) })
}

// newNetwork builds the network for an input [cells, bands] or [cells, ears, bands].
func newNetwork(c config, in pipeline.Shape) (*network.Engine, error) {
	ears := 1
	switch {
	case len(in) == 3:
		ears = in[1]
	case len(in) != 2:
		return nil, fmt.Errorf("the input has the shape %v, not that of a cochlea, [cells, ears, bands]", in)
	}
	spec := c.spec(in, ears, in[len(in)-1])
	if c.Shards == component.Auto {
		return network.NewAuto(spec, 0)
	}
	return network.New(spec, int(c.Shards))
}

func (c config) spec(in pipeline.Shape, ears, bands int) network.Spec {
	n := ears * bands
	sum := network.Sparse{Out: n, Offsets: []uint32{0}}
	for id := range in.Size() {
		sum.Offsets = append(sum.Offsets, uint32(id+1))
		sum.Targets = append(sum.Targets, uint32(id%n))
		sum.Weight = append(sum.Weight, 1)
	}
	return network.Spec{Input: in, Layers: []network.LayerSpec{
		{
			Name:   layerChannel,
			Inputs: []network.Connection{{From: network.InputName, Kernel: sum}},
			Neuron: network.LIF{Tau: c.Channel.Tau, Threshold: c.Channel.Threshold, Refractory: c.Channel.Refractory},
		},
		{
			Name: layerOnset,
			Inputs: []network.Connection{{
				From: layerChannel, Kernel: c.Onset.pools(ears, bands),
				Depress: &network.Depression{Use: c.Onset.Use, Recovery: c.Onset.Recovery},
			}},
			Neuron: network.LIF{Tau: c.Onset.Tau, Threshold: c.Onset.Threshold, Refractory: c.Onset.Tau},
		},
	}}
}

// pools connects each group to its bands of all ears. A whole group that fires
// at once lifts its cell by 1.
func (c onsetConfig) pools(ears, bands int) network.Sparse {
	width := max(1, float64(2*bands)/float64(c.Groups+1)) // groups overlap by half
	k := network.Sparse{Out: c.Groups, Offsets: []uint32{0}}
	for id := range ears * bands {
		place := float64(id%bands) + 0.5
		for g := range c.Groups {
			if from := float64(float64(g) * width / 2); place >= from && place < from+width {
				k.Targets = append(k.Targets, uint32(g))
				k.Weight = append(k.Weight, float32(1/(width*float64(ears))))
			}
		}
		k.Offsets = append(k.Offsets, uint32(len(k.Targets)))
	}
	return k
}
