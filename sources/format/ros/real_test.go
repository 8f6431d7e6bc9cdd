package ros

import (
	"os"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/sources/format"
)

// TestRealBagsDecodeToThePublishedCounts: the counts and sums that the tests of
// event_camera_codecs and event_camera_py state for these files.
func TestRealBagsDecodeToThePublishedCounts(t *testing.T) {
	for name, want := range map[string]struct {
		events, on int
		sumUS      int64
		triggers   int
	}{
		"test_data_evt3_trigger_0.db3": {events: 82_469, sumUS: 1_222_326_831_810, triggers: 2},
		"libcaer_rollover_0.db3":       {events: 334_331, on: 181_908},
		"test_data_mono_cd_0.db3":      {events: 100, on: 50},
		"event_array_ros1.bag":         {},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := os.Open(shareddata.Path(t, "events", "ros", name))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			d, err := kit.Decode(file, optionsOf(""), 4096)
			if err != nil {
				t.Fatal(err)
			}
			on, sum, triggers := 0, int64(0), 0
			for _, e := range d.Events {
				on += int(e.P)
				sum += e.T
			}
			for _, s := range d.Side {
				if s.Kind == format.Trigger {
					triggers++
				}
			}
			t.Logf("%dx%d, %d events, %d on, sum of t %d µs, %d triggers, damage %v, streams %+v", d.Info.Width, d.Info.Height,
				len(d.Events), on, sum, triggers, d.Damage, d.Info.Streams)
			if want.events > 0 && len(d.Events) != want.events || want.on > 0 && on != want.on || want.sumUS > 0 && sum != want.sumUS {
				t.Errorf("%d events, %d on, sum of t %d; want %+v", len(d.Events), on, sum, want)
			}
			if len(d.Events) == 0 {
				t.Error("no events")
			}
		})
	}
}
