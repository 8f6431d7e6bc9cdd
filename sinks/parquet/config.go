package parquet

import (
	"errors"
	"time"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// config is the sink's configuration.
type config struct {
	Path        string        `key:"path" file:"write" doc:"File to write, {name} being the pipeline's name; with rotation the run and the number of the first detection go before the extension." example:"out/{name}.parquet"`
	OnExist     string        `key:"on_exist" doc:"What becomes of a file that holds another run's detections: rotate renames it by run and first number, replace overwrites it, refuse does not begin the run." enum:"rotate,replace,refuse"`
	GroupRows   int           `key:"group_rows" doc:"Rows of a row group, which are held in memory until it is written." min:"1" max:"1048576"`
	RotateEvery time.Duration `key:"rotate_every" doc:"Sensor time after which a new file begins; 0 is never." min:"0s"`
}

// mostRows bounds a row group.
const mostRows = 1 << 20

// newDefaultConfig is one file.
func newDefaultConfig() config {
	return config{Path: "out/{name}.parquet", OnExist: outfile.OnRotate, GroupRows: 16384}
}

// Validate refuses an empty path.
func (c config) Validate() error {
	if c.Path == "" {
		return errors.New("path is empty")
	}
	return nil
}

// Component declares the sink.
func Component() component.Spec {
	return component.Sink("parquet", "detections as rows of Parquet files", newDefaultConfig(),
		func(c config, env component.Env) (pipeline.Sink, error) { return newSink(c, env), nil })
}
