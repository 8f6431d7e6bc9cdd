package pipeline_test

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ganglion/pipeline"
)

func TestFramesAndTimesBelongTogether(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{1, 3, 8000, 16_000, 22_050, 44_100, 48_000, 768_000, 1_000_000, 2_000_000, 44_100_000} {
		s := pipeline.StreamInfo{SampleRate: rate}
		for _, frame := range []int64{0, 1, 2, 159, 160, 161, int64(rate) - 1, int64(rate), int64(rate) + 1, 1 << 40} {
			at := s.FrameTime(frame)
			if got := s.FrameAt(at); got > frame || got < frame-1 && rate < 1_000_000 {
				t.Errorf("%d Hz: frame %d begins at %d µs, where frame %d is", rate, frame, at, got)
			}
			if got := s.FrameAt(at + 1); got <= frame && rate >= 1_000_000 || got < frame {
				t.Errorf("%d Hz: after %d µs frame %d is the next, not one after %d", rate, at, got, frame)
			}
		}
	}
	s := pipeline.StreamInfo{SampleRate: 3}
	for frame, want := range []int64{0, 333_333, 666_666, 1_000_000, 1_333_333} { // rounded down
		if got := s.FrameTime(int64(frame)); got != want {
			t.Errorf("frame %d at %d µs, want %d", frame, got, want)
		}
	}
	for us, want := range map[int64]int64{0: 0, 1: 1, 333_333: 1, 333_334: 2, 999_999: 3, 1_000_000: 3, 1_000_001: 4} {
		if got := s.FrameAt(us); got != want {
			t.Errorf("at %d µs frame %d, want %d", us, got, want)
		}
	}
}

func TestARunAndItsStopsAreOne(t *testing.T) {
	t.Parallel()
	stopped := pipeline.StoppedRun("3f2a", -7)
	if stopped != "3f2a.-7" {
		t.Errorf("the run is %s", stopped)
	}
	for _, c := range []struct {
		run, of string
		want    bool
	}{
		{"3f2a", "3f2a", true}, {stopped, "3f2a", true}, {"3f2ab", "3f2a", false}, {"3f2", "3f2a", false}, {"", "", false}, {"3f2a", "", false},
		{".5", "", false},
	} {
		if got := pipeline.OfRun(c.run, c.of); got != c.want {
			t.Errorf("%q of %q: %t, want %t", c.run, c.of, got, c.want)
		}
	}
}

// example is a detection of a kind whose texts are set, and whose numbers are known.
func example(kind pipeline.Kind) pipeline.Detection {
	return pipeline.Detection{
		Stream: "left", ConfigHash: "0123456789abcdef", Run: "3f2a", Kind: kind, EmitDelayUS: 5, TimeUnixUS: 7, Label: "gate", Model: "ab",
		TrackID: 1, State: pipeline.Confirmed, SpeedSource: pipeline.SpeedFlow, Plane: "road",
	}
}

// TestFieldsSayWhatJSONHas holds In, Null and Nullable against the record as it
// is written.
func TestFieldsSayWhatJSONHas(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	for _, kind := range pipeline.AllKinds {
		full, empty := example(kind), example(kind)
		empty.EmitDelayUS, empty.TimeUnixUS, empty.Confidence, empty.Score, empty.VX = pipeline.NoDelay, pipeline.NoTime, nan, nan, nan
		empty.DirectionDeg, empty.Plane = float32(math.Inf(1)), ""
		for _, d := range []pipeline.Detection{full, empty} {
			var record map[string]any
			if err := json.Unmarshal(d.AppendJSON(nil), &record); err != nil {
				t.Fatal(err)
			}
			in := 0
			for _, f := range pipeline.Fields() {
				v, there := record[f.Name]
				if there != f.In(&d) {
					t.Errorf("%s: %s is in the record %t, In says %t", kind, f.Name, there, f.In(&d))
				}
				if null := !there || v == nil; null != f.Null(&d) || null && !f.Nullable() {
					t.Errorf("%s: %s null %t, Null says %t, nullable %t", kind, f.Name, null, f.Null(&d), f.Nullable())
				}
				if there {
					in++
				}
			}
			if in != len(record) {
				t.Errorf("%s: %d fields of %d in the record", kind, in, len(record))
			}
		}
	}
}

// TestTheSchemaDescribesEveryRecord checks each value against the type that the
// schema gives it.
func TestTheSchemaDescribesEveryRecord(t *testing.T) {
	t.Parallel()
	schema := pipeline.DetectionSchema()
	properties := schema["properties"].(map[string]any)
	if len(properties) != len(pipeline.Fields()) {
		t.Errorf("%d properties of %d fields", len(properties), len(pipeline.Fields()))
	}
	for _, kind := range pipeline.AllKinds {
		d := example(kind)
		d.VX, d.TimeUnixUS = float32(math.NaN()), pipeline.NoTime
		var record map[string]any
		if err := json.Unmarshal(d.AppendJSON(nil), &record); err != nil {
			t.Fatal(err)
		}
		for _, name := range schema["required"].([]string) {
			if _, ok := record[name]; !ok {
				t.Errorf("%s lacks %s, which the schema requires", kind, name)
			}
		}
		for name, v := range record {
			p, ok := properties[name].(map[string]any)
			if !ok || p["description"] == "" {
				t.Errorf("%s: %s is not described", kind, name)
				continue
			}
			types, ok := p["type"].([]string)
			if !ok {
				types = []string{p["type"].(string)}
			}
			is := "string"
			switch v := v.(type) {
			case nil:
				is = "null"
			case float64:
				if is = "number"; slices.Contains(types, "integer") && v == math.Trunc(v) {
					is = "integer"
				}
			}
			if !slices.Contains(types, is) {
				t.Errorf("%s: %s is %v, the schema wants %v", kind, name, v, types)
			}
		}
	}
}

// Every number that can be unknown is so in what a reader starts from, and where its
// kind does not have it, zero in the end.
func TestWhatAKindLacksIsZeroAndNotUnknown(t *testing.T) {
	t.Parallel()
	fields := map[string]pipeline.Field{}
	for _, f := range pipeline.Fields() {
		fields[f.Name] = f
	}
	for _, kind := range pipeline.AllKinds {
		for _, plane := range []string{"", "road"} {
			d := pipeline.UnknownDetection()
			d.Kind, d.Plane = kind, plane
			d.Complete()
			v := reflect.ValueOf(d)
			for i := range v.NumField() {
				name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
				f, known := fields[name]
				if v.Field(i).Kind() != reflect.Float32 {
					continue
				}
				other := f.Family != pipeline.EveryRecord && (f.Family == pipeline.SoundRecords) != kind.OfSound()
				unknown := math.IsNaN(v.Field(i).Float())
				if !known || unknown != f.In(&d) && !other {
					t.Errorf("%s, plane %q: %s is %v, in the record %t", kind, plane, name, v.Field(i).Float(), f.In(&d))
				}
			}
		}
	}
}
