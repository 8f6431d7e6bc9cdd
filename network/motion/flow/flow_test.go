package flow

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"ganglion/encoders/events"
	"ganglion/network/motion"
	"ganglion/network/motion/track"
	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sources/simulator"
)

// row is a row of the file.
type row struct {
	t      int64
	x, y   uint16
	on     bool
	vx, vy float32
}

// read reads a file by Arrow's library.
func read(t *testing.T, b []byte) (rows []row, metadata map[string]string) {
	t.Helper()
	r, err := ipc.NewFileReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.NumRecords() {
		batch, err := r.Record(i)
		if err != nil {
			t.Fatal(err)
		}
		at, x, y := batch.Column(0).(*array.Int64), batch.Column(1).(*array.Uint16), batch.Column(2).(*array.Uint16)
		on, vx, vy := batch.Column(3).(*array.Boolean), batch.Column(4).(*array.Float32), batch.Column(5).(*array.Float32)
		for k := range int(batch.NumRows()) {
			rows = append(rows, row{at.Value(k), x.Value(k), y.Value(k), on.Value(k), vx.Value(k), vy.Value(k)})
		}
	}
	return rows, r.Schema().Metadata().ToMap()
}

// written is the file of a scene that is cut into windows of a length.
func written(t *testing.T, scene string, window int64) []byte {
	t.Helper()
	rec, err := simulator.Record(simulator.Config{Scene: scene, Seed: 3, Width: 128, Height: 96, Duration: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	encoder, err := events.New(events.Config{Polarity: "split", Downsample: 1},
		pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 128, Height: 96})
	if err != nil {
		t.Fatal(err)
	}
	model := motion.NewDefaultModelConfig()
	model.Shards = 1
	net, err := motion.New(model, encoder.Shape())
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	s := opened(t)
	s.begin(net.Layers())
	var in pipeline.Spikes
	for start, ev := int64(0), rec.Events; len(ev) > 0; start += window {
		w := pipeline.Window{Start: start, End: start + window}
		n, _ := slices.BinarySearchFunc(ev, w.End, func(e pipeline.Event, end int64) int { return int(e.T - end) })
		a := pipeline.Activity{Window: w, Input: &in, Layers: make([]pipeline.LayerActivity, len(net.Layers()))}
		in.Reset()
		if _, err := encoder.Encode(&pipeline.Batch{Window: w, Events: ev[:n]}, &in); err != nil {
			t.Fatal(err)
		}
		if err := net.Step(t.Context(), w, &in, &a); err != nil {
			t.Fatal(err)
		}
		s.Look(t.Context(), &a, nil)
		ev = ev[n:]
	}
	s.Look(t.Context(), &pipeline.Activity{Input: &pipeline.Spikes{}}, nil) // of the end of the stream
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func opened(t *testing.T) *sink {
	t.Helper()
	s := newSink(config{Path: filepath.Join(t.TempDir(), "new", "{name}.arrow")}, "left")
	if err := s.Open(t.Context(), pipeline.StreamMeta{Name: "left", Run: "3f2a", ConfigHash: "0123456789abcdef"}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheFlowOfABarIsItsVelocity(t *testing.T) {
	t.Parallel()
	rows, metadata := read(t, written(t, "bar-0", 10_000))
	if metadata["width"] != "128" || metadata["height"] != "96" || metadata["stream"] != "left" || metadata["run"] != "3f2a" {
		t.Errorf("metadata %v", metadata)
	}
	if len(rows) < 1000 {
		t.Fatalf("%d rows", len(rows))
	}
	var vx, vy []float32
	last, on := int64(0), 0
	for _, r := range rows {
		if r.t < last || r.x >= 128 || r.y >= 96 {
			t.Fatalf("row %+v behind %d µs", r, last)
		}
		if last = r.t; r.on {
			on++
		}
		vx, vy = append(vx, r.vx), append(vy, r.vy)
	}
	slices.Sort(vx)
	slices.Sort(vy)
	// The bar moves by 100 px/s on a sensor of 128 px, give or take a tenth.
	if x, y := vx[len(vx)/2]*128/96, vy[len(vy)/2]; x < 85 || x > 125 || math.Abs(float64(y)) > 5 {
		t.Errorf("the median flow is (%.0f, %.0f) px/s", x, y)
	}
	if 4*on < len(rows) || 4*on > 3*len(rows) {
		t.Errorf("%d of %d rows are of the edge that brightens", on, len(rows))
	}
}

func TestTheFileDoesNotDependOnWindows(t *testing.T) {
	t.Parallel()
	want := written(t, "disk", 10_000)
	for _, window := range []int64{1000, 7000, 1_000_000} {
		if !bytes.Equal(written(t, "disk", window), want) {
			t.Errorf("windows of %d µs give another file", window)
		}
	}
}

func TestManyRowsAreSeveralBatches(t *testing.T) {
	t.Parallel()
	b := newTable(map[string]string{"width": "640"})
	var file []byte
	const n = 3*rows/2 + 5
	for i := range n {
		file = b.add(file, int64(i), i%640, i%480, i%3 == 0, track.Vec{X: float64(i), Y: -1})
	}
	got, _ := read(t, b.finish(file))
	if len(got) != n || got[rows] != (row{rows, rows % 640, rows % 480, rows%3 == 0, rows, -1}) || !got[n-1].on && (n-1)%3 == 0 {
		t.Errorf("%d rows, %+v", len(got), got[rows])
	}
}

func TestAFileOfNothingIsWhole(t *testing.T) {
	t.Parallel()
	if got, _ := read(t, newTable(nil).finish(nil)); len(got) != 0 {
		t.Errorf("%d rows", len(got))
	}
}

func TestWhatCannotBeWrittenIsTold(t *testing.T) {
	t.Parallel()
	s := newSink(config{Path: filepath.Join(t.TempDir(), "f.arrow")}, "left")
	if err := s.Open(t.Context(), pipeline.StreamMeta{Resumed: true}); err == nil || !strings.Contains(err.Error(), "resumes") {
		t.Errorf("a run that resumes: %v", err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("what was not opened is closed: %v", err)
	}
	if err := newSink(config{Path: t.TempDir()}, "left").Open(t.Context(), pipeline.StreamMeta{}); err == nil {
		t.Error("a folder is written to")
	}
	other := opened(t)
	other.begin([]pipeline.Layer{{Name: "other"}})
	other.Look(t.Context(), &pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}, nil)
	if err := other.Write(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "motion network") {
		t.Errorf("another network: %v", err)
	}
	if err := other.Close(t.Context()); err == nil {
		t.Error("another network: closed without an error")
	}
}

func TestFlowKeepsTheContractOfSinks(t *testing.T) {
	pipelinetest.Sink(t, pipelinetest.SinkCase{New: func() (pipeline.Sink, error) {
		return newSink(config{Path: filepath.Join(t.TempDir(), "f.arrow")}, "left"), nil
	}})
}
