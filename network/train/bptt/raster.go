package bptt

import (
	"errors"
	"fmt"

	"ganglion/internal/asm"
	"ganglion/pipeline"
)

// raster is the spikes of a layer in a part of a batch: a row for each example
// and step. Every spike is worth scale.
type raster[F real] struct {
	n     int // neurons
	ids   []uint32
	ends  []int // of the rows in ids
	dense []F   // [rows, n]: graded spikes instead, to check gradients
	scale F
}

func (r *raster[F]) reset() { r.ids, r.ends, r.dense, r.scale = r.ids[:0], r.ends[:0], r.dense[:0], 1 }

func (r *raster[F]) row(k int) []uint32 {
	if k == 0 {
		return r.ids[:r.ends[0]]
	}
	return r.ids[r.ends[k-1]:r.ends[k]]
}

// add adds to x the rows of w, [n, len(x)], of the neurons that fired in row k.
func (r *raster[F]) add(x, w []F, k int) {
	if len(r.dense) > 0 {
		asm.AddProduct(x, w, r.dense[k*r.n:(k+1)*r.n])
		return
	}
	asm.AddRows(x, w, len(x), r.row(k), nil)
}

// addTo adds x to the rows of w of the neurons that fired in row k.
func (r *raster[F]) addTo(w, x []F, k int) {
	if len(r.dense) > 0 {
		for j, s := range r.dense[k*r.n : (k+1)*r.n] {
			asm.AddScaled(w[j*len(x):(j+1)*len(x)], x, s)
		}
		return
	}
	asm.AddToRows(w, x, r.row(k))
}

// append adds the rows of an example.
func (r *raster[F]) append(s *pipeline.Spikes, steps int, step int64) error {
	if err := s.Check(r.n); err != nil {
		return err
	}
	if len(s.Values) > 0 {
		return errors.New("graded spikes")
	}
	run := 0
	for k := range int64(steps) {
		for ; run < len(s.T) && s.T[run] < (k+1)*step; run++ {
			if s.T[run] < 0 {
				return fmt.Errorf("a spike at %d µs", s.T[run])
			}
			r.ids = append(r.ids, s.Run(run)...)
		}
		r.ends = append(r.ends, len(r.ids))
	}
	if run < len(s.T) {
		return fmt.Errorf("a spike at %d µs of %d", s.T[run], int64(steps)*step)
	}
	return nil
}
