package component_test

import (
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

type aliveConfig struct {
	Label string `key:"label" doc:"Label of the detection."`
}

// alive detects the first spike of the network's last layer.
type alive struct {
	label string
	layer int
	seen  bool
}

func (r *alive) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	if s := &a.Layers[r.layer].Spikes; !r.seen && s.Len() > 0 {
		r.seen = true
		dst = append(dst, pipeline.Detection{
			SchemaVersion: pipeline.SchemaVersion, Kind: pipeline.Segment, Label: r.label,
			T: s.T[0], TStart: s.T[0], TEnd: s.T[0], Score: 1, Confidence: 1, EmitDelayUS: pipeline.NoDelay,
		})
	}
	return dst
}

func (r *alive) Flush(dst []pipeline.Detection) []pipeline.Detection { return dst }

func ExampleReadout() {
	spec := component.Readout("alive", "the first spike of a network", aliveConfig{Label: "alive"},
		func(c aliveConfig, _ pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
			return &alive{label: c.Label, layer: len(layers) - 1}, nil
		})
	readout, err := spec.NewReadout(spec.Defaults(), pipeline.StreamInfo{}, []pipeline.Layer{{Name: "last"}})
	if err != nil {
		panic(err)
	}
	a := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	a.Layers[0].Spikes.Append(1200, 7)
	for _, d := range readout.Read(&a, nil) {
		fmt.Println(d.Label, d.T)
	}
	// Output: alive 1200
}
