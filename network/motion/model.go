package motion

import (
	"fmt"
	"time"

	"ganglion/network"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Names of the network's layers.
const (
	layerCoincidence = "coincidence"
	layerPooled      = "pooled"
	layerDirection   = "direction"
	layerSlow        = "slow"
)

// ModelConfig configures the motion network. The defaults suit 5 Hz of shot
// noise per pixel; docs/motion-tried.md shows what each was tuned on.
type ModelConfig struct {
	Shards      component.Count   `key:"shards" doc:"Goroutines that share the neurons; auto measures at start."`
	Step        time.Duration     `key:"step" doc:"Spikes of one step count as simultaneous; 0s keeps exact times." min:"0s" max:"10ms"`
	Depression  DepressionConfig  `key:"depression" doc:"Input synapse that tires, which silences hot pixels."`
	Coincidence CoincidenceConfig `key:"coincidence" doc:"Neurons that fire when a 3x3 neighbourhood is active together."`
	Pooled      PooledConfig      `key:"pooled" doc:"Neurons that tell which cells are active."`
	Direction   DirectionConfig   `key:"direction" doc:"Time-difference encoders."`
	Slow        SlowConfig        `key:"slow" doc:"Neurons that add up what moves too slowly for a coincidence."`
}

// DepressionConfig is the short-term depression of the input synapse.
type DepressionConfig struct {
	Use      float64       `key:"use" doc:"Fraction of the resource that a spike spends." min:"0.001" max:"0.999"`
	Recovery time.Duration `key:"recovery" doc:"Time constant of recovery." min:"1ms" max:"10s"`
}

// CoincidenceConfig is the coincidence layer.
type CoincidenceConfig struct {
	Center     float64       `key:"center" doc:"Weight of the pixel itself." min:"0"`
	Ring       float64       `key:"ring" doc:"Weight of each of the eight neighbours." min:"0"`
	Tau        time.Duration `key:"tau" doc:"Membrane time constant." min:"100us" max:"1s"`
	Threshold  float64       `key:"threshold" doc:"Membrane threshold, in input weights." min:"0.1"`
	Refractory time.Duration `key:"refractory" doc:"Refractory period." min:"0s" max:"1s"`
}

// PooledConfig is the pooled layer.
type PooledConfig struct {
	Tau       time.Duration `key:"tau" doc:"Membrane time constant." min:"100us" max:"1s"`
	Threshold float64       `key:"threshold" doc:"Membrane threshold, in coincidence spikes." min:"0.1"`
}

// DirectionConfig is the direction layer.
type DirectionConfig struct {
	Min time.Duration `key:"min" doc:"Shortest valid time of travel over a tap." min:"1us" max:"1s"`
	Max time.Duration `key:"max" doc:"Longest valid time of travel over a tap." min:"1ms" max:"10s"`
}

// SlowConfig is the slow layer.
type SlowConfig struct {
	On        bool          `key:"enabled" was:"on" doc:"Whether there is a slow layer; without, the network is faster and blind to what moves by less than about 30 px/s."`
	Use       float64       `key:"use" doc:"Fraction of the synapse's resource that a spike spends." min:"0.001" max:"0.999"`
	Recovery  time.Duration `key:"recovery" doc:"Time constant of its recovery: over such a time a pixel's noise tires its synapse." min:"1ms" max:"1h"`
	Tau       time.Duration `key:"tau" doc:"Membrane time constant." min:"100us" max:"1s"`
	Threshold float64       `key:"threshold" doc:"Membrane threshold, in input spikes." min:"0.1"`
}

// NewDefaultModelConfig is the default motion network.
func NewDefaultModelConfig() ModelConfig {
	return ModelConfig{
		Depression:  DepressionConfig{Use: .6, Recovery: 50 * time.Millisecond},
		Coincidence: CoincidenceConfig{Center: 3, Ring: 1, Tau: 15 * time.Millisecond, Threshold: 4.6, Refractory: 3 * time.Millisecond},
		Pooled:      PooledConfig{Tau: 20 * time.Millisecond, Threshold: 2.5},
		Direction:   DirectionConfig{Min: 2 * time.Millisecond, Max: 130 * time.Millisecond},
		Slow:        SlowConfig{On: true, Use: .2, Recovery: 1200 * time.Millisecond, Tau: 60 * time.Millisecond, Threshold: 5},
	}
}

// Component declares the motion network.
func Component() component.Spec {
	return component.Network("motion", "coincidence, pooled and direction layers that make moving objects stand out",
		NewDefaultModelConfig(), func(c ModelConfig, in pipeline.Shape) (pipeline.Network, error) { return New(c, in) })
}

// cellSize is the side of the pooled layer's cells, px.
const cellSize = 4

// tapOffsets are where the direction layer looks, px from a pixel.
var tapOffsets = []network.Offset{
	{DX: -4}, {DX: 4}, {DY: -4}, {DY: 4},
	{DX: -3, DY: -3}, {DX: 3, DY: -3}, {DX: -3, DY: 3}, {DX: 3, DY: 3},
}

// New builds the motion network for an input of [2, H, W], ON in channel 1.
func New(c ModelConfig, in pipeline.Shape) (*network.Engine, error) {
	if len(in) != 3 || in[0] != 2 || in[1] < cellSize || in[2] < cellSize {
		return nil, fmt.Errorf("the motion network needs an input of [2, H, W] with sides of at least %d px, not %v", cellSize, in)
	}
	if c.Shards == component.Auto {
		return network.NewAuto(c.spec(in), 1) // the readout is as busy
	}
	return network.New(c.spec(in), int(c.Shards))
}

func (c ModelConfig) spec(in pipeline.Shape) network.Spec {
	spec := network.Spec{
		Input: in,
		Step:  c.Step,
		Layers: []network.LayerSpec{{
			Name: layerCoincidence,
			Inputs: []network.Connection{{
				From:    network.InputName,
				Kernel:  c.Coincidence.kernel(),
				Depress: &network.Depression{Use: c.Depression.Use, Recovery: c.Depression.Recovery},
			}},
			Neuron: network.LIF{Tau: c.Coincidence.Tau, Threshold: c.Coincidence.Threshold, Refractory: c.Coincidence.Refractory},
		}, {
			Name:   layerPooled,
			Inputs: []network.Connection{{From: layerCoincidence, Kernel: poolKernel()}},
			Neuron: network.LIF{Tau: c.Pooled.Tau, Threshold: c.Pooled.Threshold},
		}, {
			Name:   layerDirection,
			Inputs: []network.Connection{{From: layerCoincidence, Kernel: network.Identity()}},
			Neuron: network.TimeDifference{Taps: tapOffsets, Min: c.Direction.Min, Max: c.Direction.Max},
		}},
	}
	if c.Slow.On {
		spec.Layers = append(spec.Layers, network.LayerSpec{
			Name: layerSlow,
			Inputs: []network.Connection{{
				From:    network.InputName,
				Kernel:  slowKernel(),
				Depress: &network.Depression{Use: c.Slow.Use, Recovery: c.Slow.Recovery},
			}},
			Neuron: network.LIF{Tau: c.Slow.Tau, Threshold: c.Slow.Threshold},
		})
	}
	return spec
}

// kernel is the 3x3 neighbourhood, each polarity on its own.
func (c CoincidenceConfig) kernel() network.Conv2d {
	k := network.Conv2d{OutChannels: 2, KH: 3, KW: 3, Pad: network.PadAll(1), Groups: 2}
	for range 2 {
		for i := range 9 {
			w := c.Ring
			if i == 4 {
				w = c.Center
			}
			k.Weight = append(k.Weight, float32(w))
		}
	}
	return k
}

// poolKernel sums both polarities of a cell.
func poolKernel() network.Conv2d {
	k := network.Conv2d{OutChannels: 1, KH: cellSize, KW: cellSize, Stride: network.Pair{Y: cellSize, X: cellSize}}
	for range 2 * cellSize * cellSize {
		k.Weight = append(k.Weight, 1)
	}
	return k
}

// slowStride is the distance of neighbouring neurons of the slow layer, px.
const slowStride = 2

// slowKernel sums 4x4 px around every second pixel of every second row, each
// polarity on its own: neuron (x, y) is centred on the corner between the
// pixels (2x, 2y) and (2x+1, 2y+1).
func slowKernel() network.Conv2d {
	k := network.Conv2d{OutChannels: 2, KH: 4, KW: 4, Pad: network.PadAll(1), Stride: network.Pair{Y: slowStride, X: slowStride}, Groups: 2}
	for range 2 * 4 * 4 {
		k.Weight = append(k.Weight, 1)
	}
	return k
}
