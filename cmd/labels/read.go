package labels

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"ganglion/network/score"
	"ganglion/pipeline"
	"ganglion/sinks/arrow"
)

// ReadDetections reads a file of detections, Arrow (.arrow, .arrows) or JSON lines.
func ReadDetections(file string) ([]pipeline.Detection, error) {
	if strings.HasPrefix(filepath.Ext(file), ".arrow") {
		return arrow.ReadDetections(file)
	}
	if kind := filepath.Ext(file); kind == ".csv" || kind == ".parquet" {
		return nil, fmt.Errorf("%s: detections are read from Arrow files and JSON lines, not from %s", file, kind[1:])
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := collect(score.Detections(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return all, nil
}

// collect keeps what a reader finds, up to its first error.
func collect[T any](found iter.Seq2[T, error]) (all []T, err error) {
	for v, err := range found {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}
