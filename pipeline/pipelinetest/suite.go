package pipelinetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// check is one promise of a contract: a sentence, and a test that returns how
// it is broken.
type check[C any] struct {
	name string
	run  func(C) error
}

func run[C any](t *testing.T, c C, checks []check[C]) {
	t.Helper()
	for _, k := range checks {
		t.Run(k.name, func(t *testing.T) {
			if err := k.run(c); err != nil {
				t.Error(err)
			}
		})
	}
}

// cuttings returns ways to cut a window into successive ones: whole, every
// millisecond, and at random times, some of them 1 µs apart.
func cuttings(w pipeline.Window) [][]pipeline.Window {
	ways := [][]pipeline.Window{{w}}
	var ends []int64
	for t := w.Start + 1000; t < w.End; t += 1000 {
		ends = append(ends, t)
	}
	ways = append(ways, windows(w, ends))
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 256 && w.End-w.Start > 2; n *= 4 {
		ends = ends[:0]
		for range n {
			t := w.Start + 1 + rng.Int64N(w.End-w.Start-2)
			ends = append(ends, t, t+1)
		}
		slices.Sort(ends)
		ways = append(ways, windows(w, slices.Compact(ends)))
	}
	return ways
}

// windows cuts w at the given times, which ascend inside it.
func windows(w pipeline.Window, ends []int64) (list []pipeline.Window) {
	for _, t := range append(slices.Clone(ends), w.End) {
		if t > w.Start && t <= w.End {
			list = append(list, pipeline.Window{Start: w.Start, End: t})
			w.Start = t
		}
	}
	return list
}

// spike is one spike of a train, for comparing trains cut in different ways.
type spike struct {
	T     int64
	ID    uint32
	Value float32
}

// flatten appends a train's spikes to list.
func flatten(list []spike, s *pipeline.Spikes) []spike {
	for i, t := range s.T {
		for j := s.Offsets[i]; j < s.Offsets[i+1]; j++ {
			v := spike{T: t, ID: s.IDs[j], Value: 1}
			if len(s.Values) > 0 {
				v.Value = s.Values[j]
			}
			list = append(list, v)
		}
	}
	return list
}

// part appends to dst the spikes of s that lie in w.
func part(dst, s *pipeline.Spikes, w pipeline.Window) {
	for _, v := range flatten(nil, s) {
		switch {
		case !w.Contains(v.T):
		case len(s.Values) > 0:
			dst.AppendGraded(v.T, v.ID, v.Value)
		default:
			dst.Append(v.T, v.ID)
		}
	}
}

// same compares what two runs gave.
func same[T any](what string, want, got T) error {
	if d := cmp.Diff(want, got); d != "" {
		return fmt.Errorf("%s (-want +got):\n%s", what, d)
	}
	return nil
}

// restored carries the state of a over to a fresh component, and checks that
// one refuses every shortened snapshot. Without [pipeline.Stateful] a fresh
// one has to do: its next result may not depend on what it has seen.
func restored(a any, fresh func() (any, error)) (any, error) {
	from, ok := a.(pipeline.Stateful)
	if !ok {
		return fresh()
	}
	snapshot, err := from.AppendState(nil)
	if err != nil {
		return nil, err
	}
	for n := 0; n < len(snapshot); n += 1 + len(snapshot)/64 {
		b, err := fresh()
		if err != nil {
			return nil, err
		}
		if b.(pipeline.Stateful).RestoreState(snapshot[:n]) == nil {
			return nil, fmt.Errorf("%d of %d bytes of a snapshot were restored without an error", n, len(snapshot))
		}
		if c, ok := b.(interface{ Close() error }); ok {
			if err := c.Close(); err != nil {
				return nil, err
			}
		}
	}
	b, err := fresh()
	if err != nil {
		return nil, err
	}
	return b, b.(pipeline.Stateful).RestoreState(snapshot)
}
