package arrow

import (
	"errors"
	"time"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Values of [Config].Format and [Config].Compression.
const (
	formatFile   = "file"
	formatStream = "stream"

	uncompressed = "none"
	lz4          = "lz4"
	zstd         = "zstd"
)

// Config is the sink's configuration. Times are sensor time, so that the same
// recording always gives the same files.
type Config struct {
	Path        string          `key:"path" file:"write" doc:"File to write, {name} being the pipeline's name; with rotation the run and the number of the first detection go before the extension." example:"out/{name}.arrow"`
	OnExist     string          `key:"on_exist" doc:"What becomes of a file that holds another run's detections: rotate renames it by run and first number, append continues behind them, replace begins the file again, refuse does not begin the run. With rotation each run has files of its own." enum:"rotate,append,replace,refuse"`
	Format      string          `key:"format" doc:"File has an index at its end and opens everywhere; stream has none and can be read while it grows." enum:"file,stream"`
	BatchRows   int             `key:"batch_rows" doc:"Rows of a record batch; a killed process loses at most the rows of one unfinished batch." min:"1" max:"65536"`
	BatchEvery  time.Duration   `key:"batch_every" doc:"Sensor time after which a detection finishes the batch before it, full or not." min:"1ms"`
	RotateRows  int             `key:"rotate_rows" doc:"Rows after which a new file begins; 0 is never." min:"0"`
	RotateBytes component.Bytes `key:"rotate_bytes" doc:"Size after which a new file begins; 0 is never."`
	RotateEvery time.Duration   `key:"rotate_every" doc:"Sensor time after which a new file begins; 0 is never." min:"0s"`
	Compression string          `key:"compression" doc:"Compression of the columns; some readers know only none." enum:"none,lz4,zstd"`
}

// NewDefaultConfig is the configuration of a sink that nobody configured: one
// uncompressed file, which every reader knows.
func NewDefaultConfig() Config {
	return Config{
		Path: "out/{name}.arrow", OnExist: outfile.OnRotate, Format: formatFile, BatchRows: 1024, BatchEvery: time.Second,
		Compression: uncompressed,
	}
}

// Validate refuses an empty path.
func (c Config) Validate() error {
	if c.Path == "" {
		return errors.New("path is empty")
	}
	return nil
}

// rotates reports whether the sink writes several files.
func (c Config) rotates() bool {
	return c.RotateRows > 0 || c.RotateBytes > 0 || c.RotateEvery > 0
}

// Component declares the sink.
func Component() component.Spec {
	return component.Sink("arrow", "detections as rows of Arrow IPC files", NewDefaultConfig(),
		func(c Config, env component.Env) (pipeline.Sink, error) { return New(c, env) })
}
