package small

import (
	"bytes"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBS1IsWrittenAndReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var events []pipeline.Event
		for range rapid.IntRange(1, 50).Draw(rt, "events") {
			events = append(events, pipeline.Event{
				T: rapid.Int64Range(0, nmnistTime).Draw(rt, "time"), X: rapid.Uint16().Draw(rt, "neuron"),
				P: rapid.Uint8Range(0, 1).Draw(rt, "polarity"),
			})
		}
		got := kit.MustDecode(t, kit.Encode(t, "bs1", format.Info{}, &format.Block{Events: events}), "bs1")
		if diff := cmp.Diff(events, got.Events); diff != "" {
			rt.Fatalf("-written +read:\n%s", diff)
		}
	})
}

func TestBS1Records(t *testing.T) {
	t.Parallel()
	data := []byte{0x12, 0x34, 0x80, 0, 1, 240, 240, 0x7F, 0xFF, 0xFF}
	want := []pipeline.Event{{T: 1, X: 0x1234, P: 1}, {T: nmnistTime, X: 0xF0F0}}
	r, err := kit.NewReader(bytes.NewReader(data), "spikes.bs1", formattest.Options{Format: "bs1"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := formattest.Drain(r, 64)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Events); diff != "" || len(got.Damage) > 0 {
		t.Errorf("damage %v, -want +got:\n%s", got.Damage, diff)
	}
}

func TestWhatBS1CannotHoldIsCounted(t *testing.T) {
	t.Parallel()
	w, err := kit.NewWriter(&bytes.Buffer{}, "buffer", "bs1", format.Info{})
	if err != nil {
		t.Fatal(err)
	}
	b := &format.Block{Events: []pipeline.Event{{Y: 1}, {T: -1}, {T: nmnistTime + 1}}, Side: []format.Side{{Kind: format.Trigger}}}
	if err := w.WriteBlock(b); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{"address_range": 1, "time_range": 2, "trigger": 1}
	if diff := cmp.Diff(want, formattest.DamageCounts(w.Lost())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
