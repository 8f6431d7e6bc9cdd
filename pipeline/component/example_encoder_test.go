package component_test

import (
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

type columnsConfig struct {
	Off bool `key:"darker" doc:"Take events of pixels that become darker too."`
}

// columns has a neuron for every column of the sensor.
type columns struct {
	off   bool
	width int
}

func (e columns) Shape() pipeline.Shape { return pipeline.Shape{e.width} }

func (e columns) Encode(b *pipeline.Batch, out *pipeline.Spikes) (filtered int, err error) {
	for _, v := range b.Events {
		if v.P == pipeline.Off && !e.off {
			filtered++
			continue
		}
		out.Append(v.T, uint32(v.X))
	}
	return filtered, nil
}

func ExampleEncoder() {
	spec := component.Encoder("columns", "a spike for each event, by its column", columnsConfig{},
		func(c columnsConfig, s pipeline.StreamInfo) (pipeline.Encoder, error) {
			return columns{c.Off, s.Width}, nil
		})
	encoder, err := spec.NewEncoder(spec.Defaults(), pipeline.StreamInfo{Width: 10, Height: 1})
	if err != nil {
		panic(err)
	}
	b := pipeline.Batch{Events: []pipeline.Event{{T: 10, X: 3, P: pipeline.On}, {T: 20, X: 4, P: pipeline.Off}, {T: 30, X: 5, P: pipeline.On}}}
	var spikes pipeline.Spikes
	filtered, err := encoder.Encode(&b, &spikes)
	fmt.Println(spikes.T, spikes.IDs, filtered, err)
	// Output: [10 30] [3 5] 1 <nil>
}
