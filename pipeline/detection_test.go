package pipeline_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ganglion/pipeline"
)

// drawn makes a detection of either family with any values in it.
func drawn(t *rapid.T) pipeline.Detection {
	f := func(name string) float32 {
		if rapid.Bool().Draw(t, name+" unknown") {
			return float32(math.NaN())
		}
		return rapid.Float32Range(-1e30, 1e30).Draw(t, name)
	}
	d := pipeline.Detection{
		Stream: rapid.String().Draw(t, "stream"), ConfigHash: "0123456789abcdef", Run: rapid.String().Draw(t, "run"),
		TimeUnixUS: rapid.Int64().Draw(t, "unix"), SchemaVersion: rapid.Uint16().Draw(t, "version"), Seq: rapid.Uint64().Draw(t, "seq"),
		T: rapid.Int64().Draw(t, "t"), EmitDelayUS: rapid.Int64().Draw(t, "delay"), Confidence: f("confidence"),
		Label: rapid.String().Draw(t, "label"),
	}
	if rapid.Bool().Draw(t, "sound") {
		d.Kind, d.Score = rapid.SampledFrom(pipeline.SoundKinds).Draw(t, "kind"),
			f("score")
		if d.Kind == pipeline.SoundDirection {
			d.AzimuthDeg = f("azimuth")
		}
		d.TStart, d.TEnd = rapid.Int64().Draw(t, "start"), rapid.Int64().Draw(t, "end")
		return d
	}
	d.Kind = rapid.SampledFrom(pipeline.MotionKinds).Draw(t, "kind")
	switch d.Kind {
	case pipeline.LineCross:
		d.Sign, d.TotalForward, d.TotalBackward = rapid.Int64().Draw(t, "sign"), rapid.Uint64().Draw(t, "f"), rapid.Uint64().Draw(t, "b")
	case pipeline.ZoneEnter, pipeline.ZoneLeave, pipeline.ZoneDwell:
		d.Occupancy, d.DwellUS = rapid.Uint32().Draw(t, "occupancy"), rapid.Int64().Draw(t, "dwell")
	case pipeline.AlarmStart, pipeline.AlarmEnd:
		d.Occupancy, d.Value = rapid.Uint32().Draw(t, "occupancy"), f("value")
	case pipeline.CameraMotion:
		d.TurnDegS, d.ZoomS = f("turn"), f("zoom")
	}
	if d.Plane = rapid.SampledFrom([]string{"", "ground"}).Draw(t, "plane"); d.Plane != "" {
		d.XM, d.YM, d.VXMS, d.VYMS, d.SpeedMS = f("x_m"), f("y_m"), f("vx_m_s"), f("vy_m_s"), f("speed_m_s")
	}
	d.TFirst, d.TLast, d.AgeUS = rapid.Int64().Draw(t, "first"), rapid.Int64().Draw(t, "last"), rapid.Int64().Draw(t, "age")
	d.TrackID = rapid.Uint64().Draw(t, "track")
	d.X0, d.Y0, d.X1, d.Y1, d.CX, d.CY = f("x0"), f("y0"), f("x1"), f("y1"), f("cx"), f("cy")
	d.VX, d.VY, d.DirectionDeg, d.SpeedPxS, d.OnFraction = f("vx"), f("vy"), f("direction"), f("speed"), f("on")
	d.SpeedSource = rapid.SampledFrom([]pipeline.SpeedSource{pipeline.SpeedFlow, pipeline.SpeedTrack, ""}).Draw(t, "source")
	d.State = rapid.SampledFrom([]pipeline.TrackState{pipeline.Tentative, pipeline.Confirmed, pipeline.Coasting}).Draw(t, "state")
	d.NSpikes, d.NEvents = rapid.Uint32().Draw(t, "spikes"), rapid.Uint32().Draw(t, "events")
	d.Misses = rapid.Uint16().Draw(t, "misses")
	return d
}

func TestAnyDetectionSurvivesTheWayThroughJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawn(t)
		text := want.AppendJSON(nil)
		var got pipeline.Detection
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		// The fields of the other family are not in the record.
		if want.Kind.OfSound() {
			n := float32(math.NaN())
			want.X0, want.Y0, want.X1, want.Y1, want.CX, want.CY = n, n, n, n, n, n
			want.VX, want.VY, want.DirectionDeg, want.SpeedPxS, want.OnFraction = n, n, n, n, n
		} else {
			want.Score = float32(math.NaN())
		}
		if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" {
			t.Fatalf("%s\n%s", d, text)
		}
	})
}

func TestADetectionReadsAsDocumented(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	motion := pipeline.Detection{
		Stream: `a "b"`, SchemaVersion: 1, ConfigHash: "00ff", Run: "3f2a", TimeUnixUS: pipeline.NoTime, Seq: 7, Kind: pipeline.MotionUpdate,
		T: 20000, TFirst: 1000, TLast: 19999, EmitDelayUS: pipeline.NoDelay, TrackID: 3,
		X0: 1, Y0: 2.5, X1: 11, Y1: 12, CX: 6, CY: 7, VX: nan, VY: nan, DirectionDeg: nan, SpeedPxS: nan,
		SpeedSource: pipeline.SpeedTrack, Confidence: .75, NSpikes: 20, NEvents: 30, OnFraction: .5,
		AgeUS: 19000, Misses: 1, State: pipeline.Coasting,
	}
	want := `{"stream":"a \"b\"","schema_version":1,"config_hash":"00ff","run":"3f2a","seq":7,"kind":"motion_update","t_us":20000,` +
		`"t_first_us":1000,"t_last_us":19999,"emit_delay_us":null,"time_unix_us":null,"track_id":3,"x0":1,"y0":2.5,"x1":11,"y1":12,"cx":6,"cy":7,` +
		`"vx":null,"vy":null,"direction_deg":null,"speed_px_s":null,"speed_source":"track","confidence":0.75,` +
		`"n_spikes":20,"n_events":30,"on_fraction":0.5,"age_us":19000,"misses":1,"state":"coasting"}`
	if d := cmp.Diff(want, string(motion.AppendJSON(nil))); d != "" {
		t.Error(d)
	}
	word := pipeline.Detection{
		Stream: "mic", SchemaVersion: 1, ConfigHash: "00ff", Kind: pipeline.Keyword, T: 900000, TimeUnixUS: 1700000000900000, EmitDelayUS: 1500,
		Label: "computer", Score: .9, TStart: 100000, TEnd: 800000, Confidence: float32(math.Inf(1)), Model: "12ab",
	}
	want = `{"stream":"mic","schema_version":1,"config_hash":"00ff","run":"","seq":0,"kind":"keyword","t_us":900000,"label":"computer",` +
		`"score":0.9,"t_start_us":100000,"t_end_us":800000,"confidence":null,"model":"12ab","emit_delay_us":1500,"time_unix_us":1700000000900000}`
	if d := cmp.Diff(want, string(word.AppendJSON(nil))); d != "" {
		t.Error(d)
	}
}

func TestWritingADetectionAllocatesNothing(t *testing.T) {
	d := pipeline.Detection{Stream: "cam", Kind: pipeline.MotionUpdate, X0: 1.5, VX: 1e9, State: pipeline.Confirmed}
	b := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { b = d.AppendJSON(b[:0]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestTheListOfFieldsIsThatOfTheRecord holds Fields to the struct that JSON is
// read into.
func TestTheListOfFieldsIsThatOfTheRecord(t *testing.T) {
	t.Parallel()
	var d pipeline.Detection
	record := reflect.ValueOf(&d).Elem()
	var want, got []string
	at := map[uintptr]string{}
	for i := range record.NumField() {
		name := record.Type().Field(i).Tag.Get("json")
		at[record.Field(i).Addr().Pointer()] = name
		want = append(want, name)
	}
	for _, f := range pipeline.Fields() {
		got = append(got, at[reflect.ValueOf(f.At(&d)).Pointer()])
		if got[len(got)-1] != f.Name {
			t.Errorf("field %q points to %q", f.Name, got[len(got)-1])
		}
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("field %q: doc %q", f.Name, f.Doc)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestMalformedDetectionsAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{`, `[]`, `{"seq":-1}`, `{"seq":"1"}`, `{"x0":1e99}`, `{"schema_version":65536}`} {
		var d pipeline.Detection
		if err := d.UnmarshalJSON([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "detection: ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	d := pipeline.Detection{
		Stream: "cam", ConfigHash: "0123456789abcdef", Kind: pipeline.MotionUpdate, T: 123456789, EmitDelayUS: pipeline.NoDelay, TrackID: 7,
		X0: 10.25, Y0: 20.5, X1: 40.125, Y1: 60, CX: 25.3, CY: 41.7, VX: -123.4, VY: 56.78, DirectionDeg: 155.2, SpeedPxS: 135.8,
		SpeedSource: pipeline.SpeedFlow, Confidence: .931, NSpikes: 120, NEvents: 340, OnFraction: .48, AgeUS: 900000, State: pipeline.Confirmed,
	}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = d.AppendJSON(buf[:0])
	}
}

func TestALabelCannotSteerATerminal(t *testing.T) {
	t.Parallel()
	const label = "\x1b[2J\u009b31m\x7f\u202e ü"
	d := pipeline.UnknownDetection()
	d.Kind, d.Label = pipeline.Keyword, label
	line := d.AppendJSON(nil)
	if i := bytes.IndexFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }); i >= 0 {
		t.Errorf("%q", line)
	}
	var back pipeline.Detection
	if err := json.Unmarshal(line, &back); err != nil || back.Label != label {
		t.Errorf("%q, %v", back.Label, err)
	}
}

func TestALineOfATableHasACellForEachField(t *testing.T) {
	t.Parallel()
	d := pipeline.UnknownDetection()
	d.Stream, d.Kind, d.Label, d.X0, d.Seq = "left, \"door\"", pipeline.MotionStart, "a\nb", 1.5, 7
	rows, err := csv.NewReader(bytes.NewReader(append(append(pipeline.AppendCSVHead(nil), '\n'), d.AppendCSV(nil)...))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v: %q", err, rows)
	}
	got := map[string]string{}
	for i, name := range rows[0] {
		got[name] = rows[1][i]
	}
	for name, want := range map[string]string{
		"stream": `left, "door"`, "kind": "motion_start", "label": "a b", "x0": "1.5", "seq": "7", "direction_deg": "", "score": "", "misses": "0",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}
