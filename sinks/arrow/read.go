package arrow

import (
	"fmt"
	"os"

	"ganglion/pipeline"
)

// maxExpansion bounds what a compressed file may grow to: this many times its
// size, and 16 MiB more.
const maxExpansion = 64

// ReadDetections reads a file or stream that the sink wrote, complete or not.
// The rows of every finished batch are returned even with an error, which is a
// formatError when the file ends within a batch or is damaged.
//
// The file is read into memory. Whatever it holds, the rows take at most twice
// its size, or twice what its compressed columns hold, see maxExpansion.
func ReadDetections(path string) ([]pipeline.Detection, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rows, err := decode(b)
	if err != nil {
		return rows, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}

// decode reads the bytes of a file in two passes: the first checks every
// length against the bytes that are there, so that the second can allocate.
func decode(b []byte) ([]pipeline.Detection, error) {
	c, failure := parse(b)
	rows := make([]pipeline.Detection, 0, c.rows)
	r := rowReader{names: names{}}
	for i := range c.batches {
		var err error
		if rows, err = r.read(rows, c.layout, &c.batches[i]); err != nil {
			return rows, &formatError{c.batches[i].offset, fmt.Sprintf("record batch %d: %v", i, err)}
		}
	}
	return rows, failure
}
