package config_test

import (
	"errors"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
)

type source struct {
	Path  string           `key:"path" file:"read" doc:"The recording." required:"true" example:"a.raw"`
	Pace  string           `key:"pace" doc:"How fast." enum:"max,realtime"`
	Start time.Duration    `key:"start" doc:"Where to begin."`
	Token component.Secret `key:"token" doc:"Access token."`
	Tags  []string         `key:"tags" doc:"Labels."`
}

type encoder struct {
	Region region `key:"region" doc:"Part of the sensor."`
}

type region struct {
	Width  int `key:"width" doc:"Width." unit:"px" min:"0"`
	Height int `key:"height" doc:"Height." unit:"px" min:"0"`
}

func (r region) Validate() error {
	if (r.Width == 0) != (r.Height == 0) {
		return errors.New("width and height go together")
	}
	return nil
}

type network struct {
	Shards component.Count `key:"shards" doc:"Number of shards."`
	Step   time.Duration   `key:"step" doc:"Length of a step." min:"1us"`
	Gain   float64         `key:"gain" doc:"Gain." max:"10"`
	Seed   uint64          `key:"seed" doc:"Seed."`
	Taps   []int           `key:"taps" doc:"Distances." unit:"px" min:"1"`
}

type readout struct {
	Lines []line `key:"lines" doc:"Lines to watch."`
}

type line struct {
	Name string `key:"name" doc:"Its name." required:"true" example:"door"`
	X    int    `key:"x" live:"true" doc:"Where." unit:"px"`
}

type sink struct {
	Path     string           `key:"path" file:"write" doc:"The file to write." required:"true" example:"out.jsonl"`
	Password component.Secret `key:"password" doc:"Password."`
}

type telemetry struct {
	Listen string `key:"listen" doc:"Address of the metrics endpoint."`
}

var defaultTaps = []int{4, 3}

var table = component.Table{
	component.Source("recording", "a file", source{Pace: "max"}, func(source, component.Env) (pipeline.Source, error) { return nil, nil }),
	component.Encoder("events", "address events", encoder{}, func(encoder, pipeline.StreamInfo) (pipeline.Encoder, error) { return nil, nil }),
	component.Network("motion", "moving edges", network{Step: time.Millisecond, Gain: 1, Taps: defaultTaps},
		func(network, pipeline.Shape) (pipeline.Network, error) { return nil, nil }),
	component.Network("copy", "input spikes", struct{}{}, func(struct{}, pipeline.Shape) (pipeline.Network, error) { return nil, nil }),
	component.Readout("motion", "tracks", readout{}, func(readout, pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout,
		error) {
		return nil, nil
	}),
	component.Sink("jsonl", "JSON lines", sink{}, func(sink, component.Env) (pipeline.Sink, error) { return nil, nil }),
	component.Sink("arrow", "Arrow", sink{}, func(sink, component.Env) (pipeline.Sink, error) { return nil, nil }),
}

var sections = []config.Section{config.NewSection("telemetry", "metrics", telemetry{})}

type queue struct {
	Detections int    `key:"detections" doc:"How many may wait." min:"1"`
	Policy     string `key:"policy" doc:"What happens when it is full." enum:"block,drop-oldest"`
}

var sinkSections = []config.Section{config.NewSection("queue", "the sink's queue", queue{4096, "block"})}

const good = `name: demo
source:
  type: recording
  path: a.raw
encoder: {type: events}
network: {model: motion}
readout: {type: motion}
sinks:
  - {type: jsonl, path: out.jsonl}
`

func options(sets ...string) config.Options {
	o := config.Options{Table: table, Sections: sections, SinkSections: sinkSections, Env: func(name string) (string, bool) {
		v, ok := map[string]string{"TOKEN": "hunter2", "DIR": "/data", "N": "3", "EMPTY": ""}[name]
		return v, ok
	}}
	for _, s := range sets {
		set, err := config.ParseSet(s)
		if err != nil {
			panic(err)
		}
		o.Overrides = append(o.Overrides, set)
	}
	return o
}

func parse(text string, sets ...string) ([]*config.Pipeline, error) {
	return config.Parse("demo.yaml", []byte(text), options(sets...))
}
