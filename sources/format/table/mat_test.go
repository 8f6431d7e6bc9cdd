package table

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/h5py"
	"ganglion/pipeline"
	"ganglion/sources/format/formattest"
)

// What SciPy writes is read as it was meant.
func TestMATLABFilesOfSciPyAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := h5py.RunScript(t, "mat_check.py", dir)
	if strings.HasPrefix(string(out), "no scipy") {
		t.Skip("no SciPy (Debian: python3-scipy)")
	}
	var want map[string][][4]int64
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) < 8 {
		t.Fatalf("%d files", len(want))
	}
	for name, rows := range want {
		r, err := kit.Open(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := formattest.Drain(r, 700)
		var events []pipeline.Event
		for _, row := range rows {
			events = append(events, pipeline.Event{T: row[0], X: uint16(row[1]), Y: uint16(row[2]), P: uint8(row[3])})
		}
		if diff := formattest.DiffEvents(events, got.Events); diff != "" || err != nil || len(got.Damage) > 0 {
			t.Errorf("%s: %v, damage %v, -want +got:\n%s", name, err, got.Damage, diff)
		}
		if w := map[bool]int{true: 10, false: 240}[name == "st_mnist.mat"]; got.Info.Width != w {
			t.Errorf("%s: width %d, want %d", name, got.Info.Width, w)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestMATLABFilesOfEveryTypeAndOrder(t *testing.T) {
	t.Parallel()
	want := []pipeline.Event{{T: 1000, X: 3, Y: 4, P: 1}, {T: 1001, X: 127, Y: 0}, {T: 70_000, X: 0, Y: 127, P: 1}}
	x, y, p, ts := []float64{3, 127, 0}, []float64{4, 0, 127}, []float64{1, 0, 1}, []float64{1000, 1001, 70_000}
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		m := formattest.MATFile{Order: order}
		for _, kind := range []uint32{5, 6, 7, 9, 12, 13} {
			for _, file := range [][]byte{
				m.File(m.Array("x", 2, x), m.Array("y", 4, y), m.Array("pol", 1, p), m.Array("ts", kind, ts)),
				m.File(m.Packed(m.Array("ts", kind, ts)), m.Array("x", kind, x), m.Packed(m.Array("y", 3, y)), m.Array("pol", 9, p)),
				m.File(m.Struct("a", []string{"b"}, m.Struct("", []string{"ts", "x", "y", "p", "text"},
					m.Array("", kind, ts), m.Array("", 6, x), m.Array("", 5, y), m.Array("", 2, p), m.Array("", 4, nil)))),
			} {
				got := kit.MustDecode(t, file, "")
				if diff := formattest.DiffEvents(want, got.Events); diff != "" || len(got.Damage) > 0 || got.Info.Width != 128 {
					t.Errorf("%v, times of type %d: damage %v, width %d, -want +got:\n%s", order, kind, got.Damage, got.Info.Width, diff)
				}
			}
		}
	}
}

func TestMATLABFilesWithoutEventsSayWhatTheyHold(t *testing.T) {
	t.Parallel()
	m := formattest.MATFile{Order: binary.LittleEndian}
	for data, want := range map[string]string{
		string(m.File(m.Array("weights", 9, make([]float64, 6)))): "weights (1 x 6)",
		string(m.File()): "no arrays of numbers",
		string(m.File(m.Matrix("spiketrain", 9, 7, make([]float64, 70)))): "not a square",
		string(m.File(m.Matrix("w", 9, 10, make([]float64, 60)))):         "matrix w of 10 rows and 6 columns: ",
	} {
		path := filepath.Join(t.TempDir(), "a.mat")
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := kit.Open(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A matrix without names is read as an array of NumPy is.
func TestMATLABMatricesOfEvents(t *testing.T) {
	t.Parallel()
	var want []pipeline.Event
	var rows [][4]float64 // t, x, y, p
	for i := range 60 {
		e := pipeline.Event{T: int64(1000 + 37*i), X: uint16(i * 7 % 120), Y: uint16(i * 11 % 118), P: uint8(i % 3 % 2)}
		want, rows = append(want, e), append(rows, [4]float64{float64(e.T), float64(e.X), float64(e.Y), float64(e.P)})
	}
	matrix := func(order [4]int, across bool) (values []float64) {
		for i := range len(rows) * 4 {
			row, column := i%len(rows), i/len(rows)
			if across {
				row, column = i/4, i%4
			}
			values = append(values, rows[row][order[column]])
		}
		return values
	}
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		m := formattest.MATFile{Order: order}
		for name, file := range map[string][]byte{
			"a row for each event":    m.File(m.Matrix("events", 9, len(rows), matrix([4]int{0, 1, 2, 3}, false))),
			"a column for each event": m.File(m.Matrix("events", 5, 4, matrix([4]int{0, 1, 2, 3}, true))),
			"x, y, p, t, packed":      m.File(m.Packed(m.Matrix("e", 9, len(rows), matrix([4]int{1, 2, 3, 0}, false)))),
			"beside something else": m.File(m.Matrix("K", 9, 3, make([]float64, 9)),
				m.Matrix("e", 7, len(rows), matrix([4]int{1, 2, 0, 3}, false))),
			"in a structure": m.File(m.Struct("data", []string{"ev"}, m.Matrix("", 9, len(rows), matrix([4]int{0, 1, 2, 3}, false)))),
		} {
			got := kit.MustDecode(t, file, "")
			if diff := formattest.DiffEvents(want, got.Events); diff != "" || len(got.Damage) > 0 {
				t.Errorf("%s: damage %v, -want +got:\n%s", name, got.Damage, diff)
			}
		}
	}
}
