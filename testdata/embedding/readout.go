package main

import (
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/state"
)

// lapsConfig is the section `readout`.
type lapsConfig struct {
	Label string `key:"label" doc:"Label of the detections." example:"lap"`
}

var laps = component.Readout("laps", "a detection whenever the last neuron fires", lapsConfig{Label: "lap"},
	func(c lapsConfig, _ pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
		last := layers[len(layers)-1]
		return &counter{label: c.Label, layer: len(layers) - 1, neuron: uint32(last.Shape.Size() - 1)}, nil
	})

// counter remembers when the lap began.
type counter struct {
	label  string
	layer  int
	neuron uint32
	began  int64
}

func (c *counter) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	spikes := &a.Layers[c.layer].Spikes
	for i, t := range spikes.T {
		for _, id := range spikes.Run(i) {
			if id != c.neuron {
				continue
			}
			dst = append(dst, pipeline.Detection{
				SchemaVersion: pipeline.SchemaVersion, Kind: pipeline.Segment, Label: c.label, T: t,
				TStart: c.began, TEnd: t, Score: 1, Confidence: 1, EmitDelayUS: pipeline.NoDelay,
			})
			c.began = t
		}
	}
	return dst
}

func (c *counter) Flush(dst []pipeline.Detection) []pipeline.Detection { return dst }

// AppendState and RestoreState implement [pipeline.Stateful].
func (c *counter) AppendState(b []byte) ([]byte, error) { return state.Append(b, c.fields) }

func (c *counter) RestoreState(b []byte) error { return state.Restore(b, c.fields) }

// fields is the state, for both ways.
func (c *counter) fields(s *state.Codec) { state.Integer(s, &c.began) }
