package tensor

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"ganglion/pipeline"
)

const width, height = 24, 18

// cases are the arrays that .ci/tensor_check.py knows.
func cases() map[string]Config {
	c := map[string]Config{}
	add := func(name, kind string, edit func(*Config)) {
		cfg := NewDefaultConfig(kind)
		cfg.Tau = 3 * time.Millisecond
		edit(&cfg)
		c[name] = cfg
	}
	add("frames-window", frames, func(c *Config) { c.Window = 10 * time.Millisecond })
	add("frames-count", frames, func(c *Config) { c.Count = 500 })
	add("frames-count-rest", frames, func(c *Config) { c.Count, c.Polarity = 900, merge })
	add("frames-short", frames, func(c *Config) { c.Count, c.Polarity = 5000, signed })
	add("frames-bins", frames, func(c *Config) { c.Bins = 7 })
	add("frames-event-bins", frames, func(c *Config) { c.Bins, c.ByCount, c.Polarity = 7, true, signed })
	add("voxel", voxel, func(c *Config) {})
	add("voxel-split", voxel, func(c *Config) { c.Bins, c.Polarity = 6, split })
	add("voxel-window", voxel, func(c *Config) { c.Window = 10 * time.Millisecond })
	add("voxel-count", voxel, func(c *Config) { c.Count = 500 })
	add("voxel-tonic", voxel, func(c *Config) { c.Bins, c.Definition = 10, Tonic })
	add("voxel-tonic-window", voxel, func(c *Config) { c.Bins, c.Definition, c.Window = 4, Tonic, 10*time.Millisecond })
	add("voxel-by-count", voxel, func(c *Config) { c.Bins, c.ByCount = 6, true })
	add("surface", surface, func(c *Config) { c.Window = 10 * time.Millisecond })
	add("surface-merge", surface, func(c *Config) { c.Window, c.Polarity = 9*time.Millisecond, merge })
	return c
}

// numpy runs the script with a Python that has NumPy, or skips the test.
func numpy(t *testing.T, args ...string) []byte {
	t.Helper()
	for _, python := range []string{os.Getenv("GANGLION_PYTHON"), "/usr/bin/python3", "python3"} {
		if python == "" || exec.Command(python, "-c", "import numpy").Run() != nil {
			continue
		}
		out, err := exec.Command(python, append([]string{"../../.ci/tensor_check.py"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return out
	}
	t.Skip("no Python with NumPy (Debian: python3-numpy); GANGLION_PYTHON may name one")
	return nil
}

// The arrays are those that tonic and event_utils define.
func TestArraysAreThoseOfTonicAndEventUtils(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "events.csv")
	numpy(t, "events", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var events []pipeline.Event
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		var v [4]int64
		if err := json.Unmarshal([]byte("["+line+"]"), &v); err != nil {
			t.Fatal(err)
		}
		events = append(events, pipeline.Event{T: v[0], X: uint16(v[1]), Y: uint16(v[2]), P: uint8(v[3])})
	}
	args := []string{"check", file}
	for name, c := range cases() {
		out, err := os.Create(filepath.Join(dir, name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		w, err := NewNPY(out, c, width, height)
		if err != nil {
			t.Fatal(err)
		}
		makeAll(t, c, events, 300, w)
		args = append(args, name)
	}
	var result map[string]any
	if err := json.Unmarshal(numpy(t, args...), &result); err != nil {
		t.Fatal(err)
	}
	for name := range cases() {
		if d, ok := result[name].(float64); !ok || d > 2e-6 || cases()[name].Kind == frames && d != 0 {
			t.Errorf("%s: %v", name, result[name])
		}
	}
}

// makeAll makes arrays of events that are given in pieces.
func makeAll(t *testing.T, c Config, events []pipeline.Event, piece int, w Writer) *Maker {
	t.Helper()
	var totals Totals
	if n := len(events); n > 0 {
		totals = Totals{events[0].T, events[n-1].T, int64(n)}
	}
	m, err := New(c, width, height, totals, w)
	if err != nil {
		t.Fatal(err)
	}
	for len(events) > 0 {
		n := min(piece, len(events))
		if err := m.Add(events[:n]); err != nil {
			t.Fatal(err)
		}
		events = events[n:]
	}
	if err := m.Finish(); err != nil {
		t.Fatal(err)
	}
	return m
}

// memory is a file in memory.
type memory struct{ bytes.Buffer }

func (*memory) Close() error { return nil }

func (m *memory) WriteAt(b []byte, at int64) (int, error) { return copy(m.Bytes()[at:], b), nil }

func some(n int) (events []pipeline.Event) {
	for i := range n {
		events = append(events, pipeline.Event{T: int64(1000 + 37*i), X: uint16(i % width), Y: uint16(i * 7 % height), P: uint8(i % 3 % 2)})
	}
	return events
}

func TestPiecesOfAnySizeGiveTheSameArrays(t *testing.T) {
	t.Parallel()
	for name, c := range cases() {
		var want []byte
		for _, piece := range []int{1, 7, 10_000} {
			var m memory
			w, err := NewNPY(&m, c, width, height)
			if err != nil {
				t.Fatal(err)
			}
			makeAll(t, c, some(2000), piece, w)
			if want == nil {
				want = m.Bytes()
			}
			if !bytes.Equal(want, m.Bytes()) {
				t.Errorf("%s, pieces of %d: another array", name, piece)
			}
		}
	}
}

// Arrow's own library reads rows of the same numbers, with their shape.
func TestArrowReadsTheTensors(t *testing.T) {
	t.Parallel()
	c := NewDefaultConfig(voxel)
	c.Count = 300
	for _, stream := range []bool{false, true} {
		var m, n memory
		a, err := NewArrow(&m, c, width, height, stream)
		if err != nil {
			t.Fatal(err)
		}
		makeAll(t, c, some(1000), 100, a)
		w, err := NewNPY(&n, c, width, height)
		if err != nil {
			t.Fatal(err)
		}
		made := makeAll(t, c, some(1000), 100, w)
		flat := n.Bytes()[npyHeader:]
		rows := 0
		check := func(values []float32, start, end, events int64) {
			for i, v := range values {
				if want := math.Float32frombits(binary.LittleEndian.Uint32(flat[4*i:])); v != want {
					t.Fatalf("row %d, value %d: %v, want %v", rows, i, v, want)
				}
			}
			flat = flat[4*len(values):]
			if first := int64(1000 + 37*300*rows); start != first || end != first+37*299+1 || events != 300 {
				t.Errorf("row %d: %d to %d, %d events", rows, start, end, events)
			}
			rows++
		}
		read(t, m.Bytes(), stream, check)
		if rows != 3 || made.Slices() != 3 {
			t.Errorf("%d rows, %d slices", rows, made.Slices())
		}
	}
}

func read(t *testing.T, b []byte, stream bool, check func(values []float32, start, end, events int64)) {
	t.Helper()
	if stream {
		r, err := ipc.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		for r.Next() {
			checkRecord(t, r.Record(), check)
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		return
	}
	r, err := ipc.NewFileReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.NumRecords() {
		rec, err := r.Record(i)
		if err != nil {
			t.Fatal(err)
		}
		checkRecord(t, rec, check)
	}
}

func checkRecord(t *testing.T, rec arrow.Record, check func(values []float32, start, end, events int64)) {
	t.Helper()
	field := rec.Schema().Field(3)
	if i := field.Metadata.FindKey("ARROW:extension:metadata"); i < 0 || field.Metadata.Values()[i] != `{"shape":[5,18,24]}` {
		t.Errorf("metadata %v", field.Metadata)
	}
	list := rec.Column(3).(*array.FixedSizeList)
	values := list.ListValues().(*array.Float32)
	n := values.Len() / list.Len()
	for i := range list.Len() {
		number := func(column int) int64 { return rec.Column(column).(*array.Int64).Value(i) }
		check(values.Float32Values()[i*n:(i+1)*n], number(0), number(1), number(2))
	}
}

func TestConfigsThatMeanNothingAreRefused(t *testing.T) {
	t.Parallel()
	for _, edit := range []func(c *Config){
		func(c *Config) { c.Kind = "cube" }, func(c *Config) {}, func(c *Config) { c.Window, c.Count = time.Second, 4 },
		func(c *Config) { c.Window = 1500 * time.Nanosecond }, func(c *Config) { c.Count, c.Polarity = 5, "both" },
		func(c *Config) { c.Kind, c.Bins = voxel, 0 }, func(c *Config) { c.Kind, c.Count, c.Polarity = surface, 4, signed },
		func(c *Config) { c.Kind, c.Bins = surface, 4 }, func(c *Config) { c.Bins = -1 },
	} {
		c := NewDefaultConfig(frames)
		edit(&c)
		if err := c.Validate(); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func TestWhatIsInNoArrayIsCounted(t *testing.T) {
	t.Parallel()
	c := NewDefaultConfig(frames)
	c.Count, c.Polarity = 40_000, merge
	events := make([]pipeline.Event, 40_100)
	events[3].X = width
	var m memory
	w, err := NewNPY(&m, c, width, height)
	if err != nil {
		t.Fatal(err)
	}
	outside, behind, saturated := makeAll(t, c, events, 999, w).Left()
	if outside != 1 || behind != 99 || saturated != 1 {
		t.Errorf("%d outside, %d behind, %d saturated", outside, behind, saturated)
	}
	if v := int16(binary.LittleEndian.Uint16(m.Bytes()[npyHeader:])); v != math.MaxInt16 {
		t.Errorf("counted %d", v)
	}
}

func TestMakingAllocatesNothing(t *testing.T) {
	for name, c := range cases() {
		m, err := New(c, width, height, Totals{1000, 1 << 40, 1 << 40}, discard{})
		if err != nil {
			t.Fatal(err)
		}
		events := some(2000)
		add := func() {
			if err := m.Add(events); err != nil {
				t.Fatal(err)
			}
			for i := range events {
				events[i].T += 37 * 2000
			}
		}
		add()
		if n := testing.AllocsPerRun(20, add); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

type discard struct{}

func (discard) Append([]byte, Slice) error { return nil }
func (discard) Close() error               { return nil }

func BenchmarkMake(b *testing.B) {
	for name, c := range cases() {
		b.Run(name, func(b *testing.B) {
			events := some(100_000)
			n := 0
			for b.Loop() {
				m, err := New(c, 640, 480, Totals{1000, 37 * 100_000, 100_000}, discard{})
				if err != nil {
					b.Fatal(err)
				}
				if err := m.Add(events); err != nil {
					b.Fatal(err)
				}
				n += len(events)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds()/1e6, "Mevents/s")
		})
	}
}
