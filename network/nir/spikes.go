package nir

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"ganglion/pipeline"
)

// Spikes is one sample of a recording as a spike train: times rounded to µs
// and in canonical order. Events with values become graded spikes.
func (e *Events) Spikes(sample int) (*pipeline.Spikes, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	if sample < 0 || sample >= e.Samples {
		return nil, fmt.Errorf("nir: sample %d of %d", sample, e.Samples)
	}
	var list []spike
	for i := sample * e.Slots; i < (sample+1)*e.Slots; i++ {
		if e.Index[i] < 0 {
			continue
		}
		s := spike{t: int64(math.Round(e.Time[i] * 1e6)), id: uint32(e.Index[i])}
		if e.Value != nil {
			s.value = float32(e.Value[i])
		}
		list = append(list, s)
	}
	return train(list, e.Value != nil), nil
}

// Spikes is one sample of a grid as a spike train: a spike at the start of
// each step and for each neuron whose value is not zero. Values other than 1
// make it graded.
func (g *TimeGrid) Spikes(sample int) (*pipeline.Spikes, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	steps, neurons := g.Data.Shape[1], g.Data.Shape[2]
	if sample < 0 || sample >= g.Data.Shape[0] {
		return nil, fmt.Errorf("nir: sample %d of %d", sample, g.Data.Shape[0])
	}
	if end := float64(steps) * g.DT; end > maxTime {
		return nil, fmt.Errorf("nir: %d steps of %v s", steps, g.DT)
	}
	var list []spike
	graded := false
	first := sample * steps * neurons
	for i := range steps * neurons {
		if v := float32(g.Data.At(first + i)); v != 0 {
			graded = graded || v != 1
			t := int64(math.Round(float64(i/neurons) * g.DT * 1e6))
			list = append(list, spike{t, uint32(i % neurons), v})
		}
	}
	return train(list, graded), nil
}

type spike struct {
	t     int64
	id    uint32
	value float32
}

// train puts spikes into canonical order, equal ones in the order given.
func train(list []spike, graded bool) *pipeline.Spikes {
	slices.SortStableFunc(list, func(a, b spike) int {
		return cmp.Or(cmp.Compare(a.t, b.t), cmp.Compare(a.id, b.id))
	})
	out := &pipeline.Spikes{}
	for _, s := range list {
		if graded {
			out.AppendGraded(s.t, s.id, s.value)
		} else {
			out.Append(s.t, s.id)
		}
	}
	return out
}

// EventsOf records spike trains, one per sample, of a layer of the given size
// and over a duration, µs. The events carry values if any train is graded.
func EventsOf(trains []*pipeline.Spikes, neurons int, duration int64) (*Events, error) {
	e := &Events{Samples: len(trains), Neurons: neurons, TMax: float64(duration) / 1e6}
	graded := false
	for i, s := range trains {
		if err := s.Check(neurons); err != nil {
			return nil, fmt.Errorf("nir: sample %d: %w", i, err)
		}
		e.Slots = max(e.Slots, s.Len())
		graded = graded || len(s.Values) > 0
	}
	n := e.Samples * e.Slots
	e.Index, e.Time = make([]int64, n), make([]float64, n)
	if graded {
		e.Value = make([]float64, n)
	}
	for i := range n {
		e.Index[i], e.Time[i] = -1, math.Inf(1)
	}
	for i, s := range trains {
		at := i * e.Slots
		for run, t := range s.T {
			for k := s.Offsets[run]; k < s.Offsets[run+1]; k++ {
				e.Index[at], e.Time[at] = int64(s.IDs[k]), float64(t)/1e6
				if graded {
					e.Value[at] = value(s, k)
				}
				at++
			}
		}
	}
	return e, e.check()
}

// value is that of spike k, 1 in a binary train.
func value(s *pipeline.Spikes, k uint32) float64 {
	if len(s.Values) == 0 {
		return 1
	}
	return float64(s.Values[k])
}
