package track

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// ends runs windows of input spikes through a clock of 10 µs and lists the
// periods that end, the last by Partial.
func ends(windows []pipeline.Window, spikes []int64) (list []int64) {
	c := Clock{Length: 10}
	for _, w := range windows {
		in := pipeline.Spikes{}
		for _, t := range spikes {
			if w.Contains(t) {
				in.Append(t, 0)
			}
		}
		for c.Enter(&pipeline.Activity{Window: w, Input: &in}); c.Over(); c.Next() {
			list = append(list, c.End)
		}
	}
	if c.Partial() {
		list = append(list, c.End)
	}
	return list
}

func TestPeriodsDoNotDependOnWindows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		spikes  []int64
		windows []pipeline.Window
		want    []int64
	}{
		{"one window", []int64{12, 47}, []pipeline.Window{{Start: 0, End: 100}}, []int64{20, 30, 40, 50}},
		{"windows of 5", []int64{12, 47}, []pipeline.Window{{Start: 10, End: 15}, {Start: 45, End: 50}}, []int64{20, 30, 40, 50}},
		{"silent windows", []int64{12, 47}, []pipeline.Window{{Start: 0, End: 10}, {Start: 10, End: 30}, {Start: 30, End: 50},
			{Start: 50, End: 500}}, []int64{20, 30, 40, 50}},
		{"the end inside a period", []int64{12, 47}, []pipeline.Window{{Start: 0, End: 48}}, []int64{20, 30, 40, 50}},
		{"before zero", []int64{-17}, []pipeline.Window{{Start: -20, End: -15}}, []int64{-10}},
		{"nothing", nil, []pipeline.Window{{Start: 0, End: 500}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, ends(c.windows, c.spikes)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A period begins with its first microsecond: an event there has reached it.
func TestAnEventAtABeginningReachesThePeriod(t *testing.T) {
	t.Parallel()
	want := []int64{20, 30}
	if d := cmp.Diff(want, ends([]pipeline.Window{{Start: 0, End: 21}}, []int64{12, 20})); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want[:1], ends([]pipeline.Window{{Start: 0, End: 21}}, []int64{12, 19})); d != "" {
		t.Error(d)
	}
}
