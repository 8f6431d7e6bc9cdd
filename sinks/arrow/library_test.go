package arrow

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"ganglion/internal/arrowipc"
	"ganglion/pipeline"
)

// libraryRead reads a complete file through its index with the Arrow library,
// which shares no code with ReadDetections.
func libraryRead(t testing.TB, path string) []pipeline.Detection {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ipc.NewFileReader(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer r.Close()
	var rows []pipeline.Detection
	for i := range r.NumRecords() {
		rec, err := r.Record(i)
		if err != nil {
			t.Fatal(err)
		}
		for row := range int(rec.NumRows()) {
			rows = append(rows, libraryRow(rec, row))
		}
	}
	return rows
}

// libraryRow spells the columns out, so that a mistake in the column table
// shows.
func libraryRow(rec arrow.Record, row int) pipeline.Detection {
	col := func(name string) arrow.Array { return rec.Column(rec.Schema().FieldIndices(name)[0]) }
	text := func(name string) string {
		if c := col(name).(*array.String); c.IsValid(row) {
			return c.Value(row)
		}
		return ""
	}
	i64 := func(name string, null int64) int64 {
		if c := col(name).(*array.Int64); c.IsValid(row) {
			return c.Value(row)
		}
		return null
	}
	u64 := func(name string) uint64 { return col(name).(*array.Uint64).Value(row) }
	u32 := func(name string) uint32 { return col(name).(*array.Uint32).Value(row) }
	u16 := func(name string) uint16 { return col(name).(*array.Uint16).Value(row) }
	f32 := func(name string) float32 {
		if c := col(name).(*array.Float32); c.IsValid(row) {
			return c.Value(row)
		}
		return float32(math.NaN())
	}
	instant := func(name string) int64 {
		if c := col(name).(*array.Timestamp); c.IsValid(row) {
			return int64(c.Value(row))
		}
		return pipeline.NoTime
	}
	return pipeline.Detection{
		Run: text("run"), TimeUnixUS: instant("time_unix_us"),
		Stream: text("stream"), SchemaVersion: u16("schema_version"), ConfigHash: text("config_hash"), Seq: u64("seq"),
		Kind: pipeline.Kind(text("kind")), T: i64("t_us", 0), TFirst: i64("t_first_us", 0), TLast: i64("t_last_us", 0),
		EmitDelayUS: i64("emit_delay_us", pipeline.NoDelay), TrackID: u64("track_id"),
		X0: f32("x0"), Y0: f32("y0"), X1: f32("x1"), Y1: f32("y1"), CX: f32("cx"), CY: f32("cy"), VX: f32("vx"), VY: f32("vy"),
		DirectionDeg: f32("direction_deg"), SpeedPxS: f32("speed_px_s"), SpeedSource: pipeline.SpeedSource(text("speed_source")),
		Confidence: f32("confidence"), NSpikes: u32("n_spikes"), NEvents: u32("n_events"), OnFraction: f32("on_fraction"),
		AgeUS: i64("age_us", 0), Misses: u16("misses"), State: pipeline.TrackState(text("state")), Label: text("label"),
		Score: f32("score"), TStart: i64("t_start_us", 0), TEnd: i64("t_end_us", 0), Model: text("model"),
	}
}

func TestTheLibraryReadsTheSameRowsThroughTheIndex(t *testing.T) {
	t.Parallel()
	want := detections(100)
	for name, change := range variants {
		path := filepath.Join(t.TempDir(), "d.arrow")
		b := encoded(t, want, change)
		if !bytes.HasPrefix(b, []byte(arrowipc.FileMagic)) {
			continue // a stream has no index
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { same(t, libraryRead(t, path), viaJSON(t, want)) })
	}
}

func TestAFileIsCompleteAfterEveryBatch(t *testing.T) {
	t.Parallel()
	c := config(filepath.Join(t.TempDir(), "d.arrow"))
	c.BatchRows = 4
	s := open(t, c)
	defer closeSink(t, s)
	all := detections(60)
	for i := 0; i < len(all); i += 4 {
		write(t, s, all[i:i+4])
		same(t, libraryRead(t, c.Path), viaJSON(t, all[:i+4]))
	}
}

// TestTheLibrarysJSONGoesThereAndBack: go.mod puts internal/gojson in the place of
// the JSON library that Arrow asks for.
func TestTheLibrarysJSONGoesThereAndBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.arrow")
	if err := os.WriteFile(path, encoded(t, detections(50), variants["a file"]), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := ipc.NewFileReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rec, err := r.Record(0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := rec.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	back, _, err := array.RecordFromJSON(memoryAllocator, rec.Schema(), bytes.NewReader(text), array.WithUseNumber())
	if err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
	defer back.Release()
	if !array.RecordApproxEqual(rec, back) {
		t.Errorf("%v comes back as %v", rec, back)
	}
}

// foreign returns a stream with one row of the given columns.
func foreign(t *testing.T, fields []arrow.Field, fill func(*array.RecordBuilder)) []byte {
	t.Helper()
	s := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memoryAllocator, s)
	defer b.Release()
	fill(b)
	rec := b.NewRecord()
	defer rec.Release()
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(s))
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
