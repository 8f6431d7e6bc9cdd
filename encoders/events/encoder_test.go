package events

import (
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"ganglion/encoders/filter"
	"ganglion/pipeline"
)

func info(width, height int) pipeline.StreamInfo {
	return pipeline.StreamInfo{Modality: pipeline.EventStream, Width: width, Height: height}
}

// config is the default config with changes.
func config(change func(*Config)) Config {
	c := *Component().Defaults().(*Config)
	change(&c)
	return c
}

func build(t testing.TB, c Config, width, height int) *Encoder {
	t.Helper()
	e, err := New(c, info(width, height))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEncode(t *testing.T) {
	t.Parallel()
	type spike struct {
		T  int64
		ID uint32
	}
	// On a sensor of 4x2 px the neuron of (x, y, p) is 8p + 4y + x.
	events := []pipeline.Event{
		{T: 1000, X: 3, Y: 1, P: pipeline.On},
		{T: 1000, X: 0, Y: 0, P: pipeline.Off},
		{T: 1001, X: 1, Y: 1, P: pipeline.Off},
		{T: 1003, X: 2, Y: 0, P: pipeline.On},
	}
	for _, tc := range []struct {
		name     string
		change   func(*Config)
		events   []pipeline.Event
		shape    pipeline.Shape
		want     []spike
		filtered int
	}{
		{
			name:   "an event becomes a spike of its pixel and polarity, ids ascending within a time",
			change: func(*Config) {},
			shape:  pipeline.Shape{2, 2, 4},
			want:   []spike{{1000, 0}, {1000, 15}, {1001, 5}, {1003, 10}},
		},
		{
			name:   "merged polarities share a channel",
			change: func(c *Config) { c.Polarity = "merge" },
			shape:  pipeline.Shape{1, 2, 4},
			want:   []spike{{1000, 0}, {1000, 7}, {1001, 5}, {1003, 2}},
		},
		{
			name:     "the other polarity is filtered",
			change:   func(c *Config) { c.Polarity = "on" },
			shape:    pipeline.Shape{1, 2, 4},
			want:     []spike{{1000, 7}, {1003, 2}},
			filtered: 2,
		},
		{
			name:     "off events alone",
			change:   func(c *Config) { c.Polarity = "off" },
			shape:    pipeline.Shape{1, 2, 4},
			want:     []spike{{1000, 0}, {1001, 5}},
			filtered: 2,
		},
		{
			name:     "a region of interest has its own origin",
			change:   func(c *Config) { c.ROI = Region{X: 1, Y: 1, Width: 2} },
			shape:    pipeline.Shape{2, 1, 2},
			want:     []spike{{1001, 0}},
			filtered: 3,
		},
		{
			name:   "down-sampling keeps incomplete blocks at the edge",
			change: func(c *Config) { c.Downsample = 3 },
			shape:  pipeline.Shape{2, 1, 2},
			want:   []spike{{1000, 0}, {1000, 3}, {1001, 0}, {1003, 2}},
		},
		{
			name:   "down-sampling may repeat an id within a time",
			change: func(c *Config) { c.Downsample, c.Polarity = 4, "merge" },
			shape:  pipeline.Shape{1, 1, 1},
			want:   []spike{{1000, 0}, {1000, 0}, {1001, 0}, {1003, 0}},
		},
		{
			name:     "a masked pixel gives no spike",
			change:   func(c *Config) { c.Mask = []filter.Pixel{{X: 1, Y: 1}} },
			shape:    pipeline.Shape{2, 2, 4},
			want:     []spike{{1000, 0}, {1000, 15}, {1003, 10}},
			filtered: 1,
		},
		{
			name:   "events out of order are put in order",
			change: func(*Config) {},
			events: []pipeline.Event{{T: 5, X: 1}, {T: 3, X: 2}, {T: 5, X: 0}},
			shape:  pipeline.Shape{2, 2, 4},
			want:   []spike{{3, 2}, {5, 0}, {5, 1}},
		},
		{
			name:     "events outside the sensor are filtered",
			change:   func(*Config) {},
			events:   []pipeline.Event{{T: 5, X: 4}, {T: 5, Y: 2}, {T: 5, X: 65535, Y: 65535}, {T: 6}},
			shape:    pipeline.Shape{2, 2, 4},
			want:     []spike{{6, 0}},
			filtered: 3,
		},
		{
			name: "filters see the sensor's addresses and decide its size",
			change: func(c *Config) {
				c.Filters = []filter.Config{{Type: "refractory", DT: time.Second}, {Type: "transpose"}}
			},
			events:   []pipeline.Event{{T: 5, X: 3, Y: 1}, {T: 6, X: 3, Y: 1}},
			shape:    pipeline.Shape{2, 4, 2},
			want:     []spike{{5, 7}},
			filtered: 1,
		},
		{
			name:   "an empty window gives an empty train",
			change: func(*Config) {},
			events: []pipeline.Event{},
			shape:  pipeline.Shape{2, 2, 4},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := build(t, config(tc.change), 4, 2)
			if diff := gocmp.Diff(tc.shape, e.Shape()); diff != "" {
				t.Errorf("shape: %s", diff)
			}
			if tc.events == nil {
				tc.events = events
			}
			var out pipeline.Spikes
			filtered, err := e.Encode(&pipeline.Batch{Events: tc.events}, &out)
			if err != nil {
				t.Fatal(err)
			}
			var got []spike
			for i, at := range out.T {
				for _, id := range out.Run(i) {
					got = append(got, spike{at, id})
				}
			}
			if diff := gocmp.Diff(tc.want, got); diff != "" || filtered != tc.filtered {
				t.Errorf("filtered %d, want %d; spikes: %s", filtered, tc.filtered, diff)
			}
			if err := out.Check(e.Shape().Size()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheDeclarationIsSound(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
}

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*Config)
		info   pipeline.StreamInfo
		want   string
	}{
		{"an unknown polarity", func(c *Config) { c.Polarity = "both" }, info(4, 4), `polarity is "both"`},
		{"no down-sampling factor", func(c *Config) { c.Downsample = 0 }, info(4, 4), "downsample is 0"},
		{"a region beyond the edge", func(c *Config) { c.ROI = Region{X: 2, Width: 3} }, info(4, 4), "does not lie within 4x4 px"},
		{"a region behind a crop", func(c *Config) {
			c.ROI.X, c.Filters = 2, []filter.Config{{Type: "crop", Width: 2}}
		}, info(4, 4), "does not lie within 2x4 px"},
		{"a masked pixel beyond the edge", func(c *Config) { c.Mask = []filter.Pixel{{X: 4}} }, info(4, 4), "pixel (4, 0)"},
		{"a bad filter", func(c *Config) { c.Filters = []filter.Config{{Type: "stcf"}, {Type: "bafs"}} }, info(4, 4),
			`filters[1]: filter "bafs" is unknown`},
		{"a stream of audio", func(*Config) {}, pipeline.StreamInfo{Modality: pipeline.AudioStream}, "carries audio"},
		{"a stream without a size", func(*Config) {}, info(0, 0), "does not say its sensor size"},
		{"a sensor that no camera has", func(*Config) {}, info(60000, 60000), "60000x60000"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := New(config(tc.change), tc.info)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
}

func TestEncodeAllocatesNothing(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"exact":        func(*Config) {},
		"filters":      func(c *Config) { c.Filters = []filter.Config{{Type: "stcf"}, {Type: "flip_x"}} },
		"out of order": func(*Config) {},
	} {
		t.Run(name, func(t *testing.T) {
			e := build(t, config(change), 64, 64)
			batch := camera(64, 64, 500, false)[0]
			if name == "out of order" {
				slices.Reverse(batch.Events)
			}
			var out pipeline.Spikes
			encode := func() {
				out.Reset()
				if _, err := e.Encode(&batch, &out); err != nil {
					t.Fatal(err)
				}
			}
			encode() // grows the buffers
			if n := testing.AllocsPerRun(20, encode); n != 0 {
				t.Errorf("%v allocations a window", n)
			}
		})
	}
}
