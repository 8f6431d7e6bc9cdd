package segment_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ganglion/network/sound/segment"
	"ganglion/pipeline"
)

func TestTheLayerIsTheNamedOneOrTheLast(t *testing.T) {
	t.Parallel()
	a := bursts(500, pipeline.Window{Start: 301_000, End: 501_000})
	for layer, want := range map[string]int{"": 1, "out": 1, "input": 0} {
		c := config()
		c.Layer = layer
		if got := find(t, c, a); len(got) != want {
			t.Errorf("layer %q: %d segments, want %d", layer, len(got), want)
		}
	}
	if _, err := segment.New(config(), nil); err == nil || err.Error() != `layer: the network has no layer ""` {
		t.Errorf("a network without layers: %v", err)
	}
	c := config()
	c.Off, c.On = 900, 800
	if _, err := segment.New(c, layers); err == nil || err.Error() != "end_below: 900 spikes/s is above begin_at, 800" {
		t.Errorf("error %v", err)
	}
	d := segment.NewDefaultConfig()
	if r, err := segment.Component().NewReadout(&d, pipeline.StreamInfo{}, layers); err != nil {
		t.Error(err)
	} else if _, ok := r.(*segment.Readout); !ok {
		t.Errorf("the component makes a %T", r)
	}
}

// A readout that is adjusted finds from there on what one of that configuration finds.
func TestAnAdjustedReadoutFindsWhatItsConfigurationSays(t *testing.T) {
	t.Parallel()
	a := bursts(500, pipeline.Window{Start: 301_000, End: 401_000}, pipeline.Window{Start: 451_000, End: 601_000})
	for name, change := range map[string]func(c *segment.Config){
		"no hangover":    func(c *segment.Config) { c.Hangover = 0 },
		"only long ones": func(c *segment.Config) { c.Hangover, c.Shortest = 0, 130*time.Millisecond },
		"a higher begin": func(c *segment.Config) { c.On = 1200 },
		"an earlier end": func(c *segment.Config) { c.Off = 700 },
		"nothing":        func(*segment.Config) {},
	} {
		r, err := segment.New(config(), layers)
		if err != nil {
			t.Fatal(err)
		}
		c := config()
		change(&c)
		if err := r.Adjust(&c); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(find(t, c, a), r.Flush(r.Read(&a, nil)), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	r, err := segment.New(config(), layers)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(c *segment.Config){
		func(c *segment.Config) { c.Layer = "out" }, func(c *segment.Config) { c.Label = "b" }, func(c *segment.Config) { c.Tau++ },
	} {
		c := config()
		change(&c)
		c.On = 1e9 // would find nothing
		if err := r.Adjust(&c); err == nil || !strings.Contains(err.Error(), "layer, label and tau take effect with a new run") {
			t.Errorf("error %v", err)
		}
	}
	if err := r.Adjust(new(int)); err == nil || err.Error() != "the segment readout takes no *int" {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(find(t, config(), a), r.Flush(r.Read(&a, nil)), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("what was refused changed something: %s", diff)
	}
}

func TestAStateThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	snapshot := func(rate, peak float64, flags uint64) (b []byte) {
		for _, v := range []uint64{math.Float64bits(rate), 1000, flags, 500, math.Float64bits(peak), 900} {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
		return b
	}
	for name, c := range map[string]struct {
		b  []byte
		ok bool
	}{
		"a readout that waits":    {snapshot(0, 0, 0), true},
		"one within a segment":    {snapshot(1, 1, 3), true},
		"an unknown flag":         {snapshot(1, 1, 4), false},
		"a rate that is none":     {snapshot(math.NaN(), 1, 0), false},
		"a rate without a bound":  {snapshot(math.Inf(1), 1, 0), false},
		"a negative peak":         {snapshot(1, -1, 0), false},
		"a segment without spike": {snapshot(0, 1, 1), false},
	} {
		r, err := segment.New(config(), layers)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.RestoreState(c.b); (err == nil) != c.ok || err != nil && !strings.Contains(err.Error(),
			"not the state of a segment readout") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
