package formattest

import (
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"

	"github.com/google/go-cmp/cmp"
)

// Case is a recording and what it holds.
type Case struct {
	Name   string
	Data   []byte
	Events []pipeline.Event
	Side   []format.Side
	Damage map[string]uint64
}

// Check decodes the recording.
func (c Case) Check(t *testing.T, k Kit) {
	t.Helper()
	got := k.MustDecode(t, c.Data, "")
	if diff := cmp.Diff(c.Events, got.Events); diff != "" {
		t.Errorf("events: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(c.Side, got.Side); diff != "" {
		t.Errorf("side data: -want +got:\n%s", diff)
	}
	if c.Damage == nil {
		c.Damage = map[string]uint64{}
	}
	if diff := cmp.Diff(c.Damage, DamageCounts(got.Damage)); diff != "" {
		t.Errorf("damage: -want +got:\n%s", diff)
	}
}
