package arrow_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sinks/arrow"
)

// A sink writes a detection and the file is read back.
func Example() {
	dir, err := os.MkdirTemp("", "arrow")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	cfg := arrow.NewDefaultConfig()
	cfg.Path = filepath.Join(dir, "{name}.arrow")

	ctx := context.Background()
	sink, err := arrow.New(cfg, component.Env{Name: "left"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sink.Open(ctx, pipeline.StreamMeta{}))
	fmt.Println(sink.Write(ctx, []pipeline.Detection{{Stream: "left", Kind: pipeline.LineCross, T: 40_000, Label: "gate"}}))
	fmt.Println(sink.Close(ctx))

	rows, err := arrow.ReadDetections(filepath.Join(dir, "left.arrow"))
	fmt.Println(len(rows), rows[0].Kind, rows[0].Label, err)
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// 1 line_cross gate <nil>
}
