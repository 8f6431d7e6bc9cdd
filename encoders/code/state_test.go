package code

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

func TestARestoredCodeGoesOnAsIfItHadNeverStopped(t *testing.T) {
	t.Parallel()
	for _, kind := range types {
		whole, first, second := build(t, config(kind), 4), build(t, config(kind), 4), build(t, config(kind), 4)
		var want, got pipeline.Spikes
		x := make([]float32, 4)
		for n := range 200 {
			whole.Append(int64(n*period), signal(n, x), &want)
			if n == 77 {
				b, err := first.AppendState(nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := second.RestoreState(b); err != nil {
					t.Fatal(err)
				}
				if len(b) > 0 && second.RestoreState(b[:len(b)-1]) == nil {
					t.Errorf("%s: half a snapshot is accepted", kind)
				}
				if err := second.RestoreState(b); err != nil {
					t.Fatal(err)
				}
				first = second
			}
			first.Append(int64(n*period), x, &got)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the spikes differ", kind)
		}
	}
}

func TestStateThatNoCodeWroteIsRefused(t *testing.T) {
	t.Parallel()
	d := build(t, config("delta"), 1).(*delta)
	d.sent[0] = 1 << 30
	b, _ := d.AppendState(nil)
	if err := d.RestoreState(b); err == nil {
		t.Error("a value far outside was restored")
	}
	r := build(t, config("rate"), 1).(*rate)
	r.v[0] = math.NaN()
	b, _ = r.AppendState(nil)
	if err := r.RestoreState(b); err == nil {
		t.Error("a membrane that is not a number was restored")
	}
	if err := build(t, config("level"), 1).RestoreState([]byte{1}); err == nil {
		t.Error("level restored something")
	}
}

func TestPendingSpikesComeWithTheirBatchAndSurviveASnapshot(t *testing.T) {
	t.Parallel()
	var p Pending
	for i := range int64(10) {
		p.Train.Append(i*10, uint32(i))
		p.Train.Append(i*10, uint32(i))
	}
	var got pipeline.Spikes
	p.Deliver(35, &got)
	b, err := state.Append(nil, func(c *state.Codec) { p.Fields(c, 10) })
	if err != nil {
		t.Fatal(err)
	}
	var q Pending
	if err := restore(&q, b, 10); err != nil {
		t.Fatal(err)
	}
	q.Deliver(50, &got)
	q.Deliver(1000, &got)
	if got.Len() != 20 || got.Runs() != 10 || got.Check(10) != nil || q.Train.Len() != 0 {
		t.Errorf("%+v, left %+v", got, q.Train)
	}
	if err := restore(&q, b, 5); err == nil {
		t.Error("ids outside the layer were restored")
	}
	if diff := cmp.Diff(pipeline.Spikes{}, q.Train, cmpopts.IgnoreFields(pipeline.Spikes{}, "T", "Offsets", "IDs")); diff != "" {
		t.Error(diff)
	}
}

func restore(p *Pending, b []byte, size int) error {
	return state.Restore(b, func(c *state.Codec) { p.Fields(c, size) })
}
