package score

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"ganglion/pipeline"
)

// maxLine bounds a line of JSON, bytes.
const maxLine = 1 << 20

// Truths reads ground truth as JSON lines, one object at one time a line. It
// ends with the first error, which names the line. Empty lines are skipped.
func Truths(r io.Reader) iter.Seq2[pipeline.Truth, error] {
	return lines(r, "truth", func(g *pipeline.Truth) error {
		if g.ID < 1 || !(g.X0 < g.X1 && g.Y0 < g.Y1) {
			return fmt.Errorf("object %d with box (%v, %v)-(%v, %v): ids count from 1 and boxes are not empty", g.ID, g.X0, g.Y0, g.X1, g.Y1)
		}
		return nil
	})
}

// Detections reads detections as JSON lines, under the rules of [Truths].
func Detections(r io.Reader) iter.Seq2[pipeline.Detection, error] {
	return lines(r, "detections", func(d *pipeline.Detection) error {
		if d.Kind == "" {
			return errors.New("a detection without a kind")
		}
		return nil
	})
}

func lines[T any](r io.Reader, what string, check func(*T) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		scan := bufio.NewScanner(r)
		scan.Buffer(nil, maxLine)
		n := 0
		for scan.Scan() {
			n++
			line := bytes.TrimSpace(scan.Bytes())
			if len(line) == 0 {
				continue
			}
			var v T
			err := json.Unmarshal(line, &v)
			if err == nil {
				err = check(&v)
			}
			if err != nil {
				yield(v, fmt.Errorf("%s line %d: %w", what, n, err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := scan.Err(); errors.Is(err, bufio.ErrTooLong) {
			yield(*new(T), fmt.Errorf("%s line %d is longer than %d bytes", what, n+1, maxLine))
		} else if err != nil {
			yield(*new(T), fmt.Errorf("%s after line %d: %w", what, n, err))
		}
	}
}
