package nir

import (
	"fmt"
	"math"

	"ganglion/pipeline"
)

// gridOf counts spike trains, one per sample, into steps of dt, s: a spike at
// time t falls into step floor(t/dt). Bools if every cell is 0 or 1, floats
// that sum the values otherwise. A spike outside of the steps is an error.
func gridOf(trains []*pipeline.Spikes, neurons, steps int, dt float64) (*TimeGrid, error) {
	shape := []int{len(trains), steps, neurons}
	n, err := size(shape)
	if err != nil || !(dt > 0) {
		return nil, fmt.Errorf("nir: grid of the shape %v in steps of %v s", shape, dt)
	}
	cells := make([]float32, n)
	for i, s := range trains {
		if err := s.Check(neurons); err != nil {
			return nil, fmt.Errorf("nir: sample %d: %w", i, err)
		}
		for run, t := range s.T {
			step := floorStep(t, dt)
			if step < 0 || step >= steps {
				return nil, fmt.Errorf("nir: sample %d: spike at %d µs, beyond %d steps of %v s", i, t, steps, dt)
			}
			for k := s.Offsets[run]; k < s.Offsets[run+1]; k++ {
				cells[(i*steps+step)*neurons+int(s.IDs[k])] += float32(value(s, k))
			}
		}
	}
	return &TimeGrid{DT: dt, Data: binary(shape, cells)}, nil
}

// floorStep is floor(t/dt). The billionth part of a step makes up for dt in
// seconds not being a whole number of µs in binary.
func floorStep(t int64, dt float64) int {
	return int(math.Floor(float64(t)/(dt*1e6) + 1e-9))
}

// binary makes bools of cells that are all 0 or 1.
func binary(shape []int, cells []float32) Tensor {
	bools := make([]bool, len(cells))
	for i, v := range cells {
		if v != 0 && v != 1 {
			return Tensor{Shape: shape, F32: cells}
		}
		bools[i] = v == 1
	}
	return Tensor{Shape: shape, Bool: bools}
}
