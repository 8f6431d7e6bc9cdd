package main

import (
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// stepsConfig is the section `encoder`.
type stepsConfig struct {
	Ignore int `key:"ignore" doc:"Barriers at the start of the lane that give no spike." min:"0" max:"65535"`
}

var steps = component.Encoder("steps", "a spike for each barrier that is passed", stepsConfig{},
	func(c stepsConfig, info pipeline.StreamInfo) (pipeline.Encoder, error) {
		return stepper{c.Ignore, info.Width}, nil
	})

// stepper has a neuron for every barrier. It remembers nothing; one that does
// implements [pipeline.Stateful], so that a run can resume.
type stepper struct{ ignore, barriers int }

func (s stepper) Shape() pipeline.Shape { return pipeline.Shape{s.barriers} }

func (s stepper) Encode(b *pipeline.Batch, out *pipeline.Spikes) (filtered int, err error) {
	for _, e := range b.Events {
		if int(e.X) < s.ignore {
			filtered++
			continue
		}
		out.Append(e.T, uint32(e.X))
	}
	return filtered, nil
}
