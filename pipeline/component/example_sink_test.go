package component_test

import (
	"context"
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

type printConfig struct {
	Prefix string `key:"prefix" doc:"Text before every line."`
}

// print writes a line for each detection.
type print struct{ prefix string }

func (s print) Open(context.Context, pipeline.StreamMeta) error { return nil }

func (s print) Write(_ context.Context, d []pipeline.Detection) error {
	for i := range d {
		fmt.Printf("%s%s at %d µs\n", s.prefix, d[i].Kind, d[i].T)
	}
	return nil
}

func (s print) Close(context.Context) error { return nil }

func ExampleSink() {
	spec := component.Sink("print", "a line for each detection", printConfig{Prefix: "found: "},
		func(c printConfig, _ component.Env) (pipeline.Sink, error) { return print{c.Prefix}, nil })
	sink, err := spec.NewSink(spec.Defaults(), component.Env{})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	err = sink.Write(ctx, []pipeline.Detection{{Kind: pipeline.MotionStart, T: 250}})
	fmt.Println(err, sink.Close(ctx))
	// Output:
	// found: motion_start at 250 µs
	// <nil> <nil>
}
