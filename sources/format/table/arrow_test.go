package table

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ganglion/internal/arrowipc"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
)

// arrowTable is a table as the library writes it, for each batch the rows of
// values that JSON can say; null is a null.
func arrowTable(t testing.TB, file bool, fields []arrow.Field, batches []string, options ...ipc.Option) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	s := arrow.NewSchema(fields, nil)
	options = append(options, ipc.WithSchema(s))
	var w interface {
		Write(arrow.Record) error
		Close() error
	} = ipc.NewWriter(out, options...)
	if file {
		if w, err = ipc.NewFileWriter(out, options...); err != nil {
			t.Fatal(err)
		}
	}
	for _, rows := range batches {
		rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader(rows))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
		rec.Release()
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// fieldsOf are columns by name and type.
func fieldsOf(pairs ...any) (fields []arrow.Field) {
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, arrow.Field{Name: pairs[i].(string), Type: pairs[i+1].(arrow.DataType), Nullable: true})
	}
	return fields
}

var plainFields = fieldsOf("t", arrow.PrimitiveTypes.Int64, "x", arrow.PrimitiveTypes.Uint16, "y", arrow.PrimitiveTypes.Uint16, "p",
	arrow.PrimitiveTypes.Int8)

const plainRows = `[{"t": 1000, "x": 3, "y": 5, "p": 1}, {"t": 2000, "x": 4, "y": 6, "p": -1}]`

func TestArrowTables(t *testing.T) {
	t.Parallel()
	e := []pipeline.Event{{T: 1000, X: 3, Y: 5, P: 1}, {T: 2000, X: 4, Y: 6, P: 0}}
	long := plainRows
	for range 10 { // 2048 rows: worth compressing
		long = long[:len(long)-1] + "," + long[1:]
	}
	var many []pipeline.Event
	for range 1024 {
		many = append(many, e...)
	}
	for _, c := range []formattest.Case{
		{
			Name:   "a file of the library",
			Data:   arrowTable(t, true, plainFields, []string{plainRows, "[]", plainRows}),
			Events: append(append([]pipeline.Event{}, e...), e...),
		}, {
			Name: "columns come in any order, of any integer type, beside others",
			Data: arrowTable(t, false, fieldsOf("note", arrow.BinaryTypes.String, "on", arrow.FixedWidthTypes.Boolean, "y",
				arrow.PrimitiveTypes.Int32,
				"timestamp", arrow.PrimitiveTypes.Uint32, "f", arrow.PrimitiveTypes.Float64, "x", arrow.PrimitiveTypes.Uint8),
				[]string{`[{"on": true, "y": 5, "timestamp": 1000, "x": 3, "note": "hello", "f": 0.5}, {"on": false, "y": 6, "timestamp": 2000, "x": 4}]`}),
			Events: e,
		}, {
			Name: "a time may have a unit",
			Data: arrowTable(t, false, fieldsOf("x", arrow.PrimitiveTypes.Uint8, "y", arrow.PrimitiveTypes.Uint8, "p", arrow.PrimitiveTypes.Uint8,
				"t_ms", arrow.PrimitiveTypes.Uint8), []string{`[{"t_ms": 1, "x": 3, "y": 5, "p": 1}]`}),
			Events: e[:1],
		}, {
			Name:   "rows with a null are counted and left out",
			Data:   arrowTable(t, false, plainFields, []string{`[{"t": null, "x": 1}, {"t": 1000, "x": 3, "y": 5, "p": 1}, {"t": 7, "x": 1, "y": 1}, {"t": 2000, "x": 4, "y": 6, "p": 0}, {}]`}),
			Events: e,
			Damage: map[string]uint64{"null_cell": 3},
		}, {
			Name:   "LZ4 is unpacked",
			Data:   arrowTable(t, true, plainFields, []string{long}, ipc.WithLZ4()),
			Events: many,
		}, {
			Name:   "Zstandard is unpacked",
			Data:   arrowTable(t, false, plainFields, []string{long}, ipc.WithZstd()),
			Events: many,
		}, {
			Name:   "bytes behind the end of a stream are counted",
			Data:   append(arrowTable(t, false, plainFields, []string{plainRows}), "more"...),
			Events: e,
			Damage: map[string]uint64{"behind_the_end": 1},
		}, {
			Name: "an address that no event has is counted and left out",
			Data: arrowTable(t, false, fieldsOf("t", arrow.PrimitiveTypes.Int8, "x", arrow.PrimitiveTypes.Int64, "y", arrow.PrimitiveTypes.Int8,
				"p", arrow.PrimitiveTypes.Int8), []string{`[{"t": 1, "x": 70000, "y": -1, "p": 1}, {"t": 2, "x": 3, "y": 5, "p": 1}]`}),
			Events: []pipeline.Event{{T: 2, X: 3, Y: 5, P: 1}},
			Damage: map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1},
		},
	} {
		t.Run(c.Name, func(t *testing.T) { c.Check(t, kit) })
	}
}

// threeBatches is a recording of three batches and where each begins.
func threeBatches(t *testing.T, kind string) (b *format.Block, data []byte, at []int) {
	b = &format.Block{Events: formattest.Events(3 * arrowBatch)}
	data = kit.Encode(t, kind, formattest.Info, b)
	pos := map[string]int{"arrow": len(arrowipc.FileMagic)}[kind]
	for range 4 {
		var m arrowipc.Message
		if err := m.Parse(data[pos:]); err != nil {
			t.Fatal(err)
		}
		at = append(at, pos)
		pos += len(m.Bytes)
	}
	return b, data, at[1:]
}

func TestADamagedBatchLosesNoOther(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"arrow", "arrow-stream"} {
		for name, change := range map[string]func(m []byte){
			"another mark":              func(m []byte) { m[0] = 0 },
			"a metadata length of 2^24": func(m []byte) { m[7] = 1 },
			"an offset outside":         func(m []byte) { binary.LittleEndian.PutUint32(m[8:], 1<<20) },
			"a body of 2^40 bytes": func(m []byte) {
				i := bytes.Index(m, binary.LittleEndian.AppendUint64(nil, arrowBatch*13+arrowBatch/8-arrowBatch))
				m[i+5] = 1
			},
			"another number of rows": func(m []byte) {
				m[bytes.Index(m, binary.LittleEndian.AppendUint64(nil, arrowBatch))+3] = 1
			},
		} {
			b, data, at := threeBatches(t, kind)
			change(data[at[1]:at[2]])
			got := kit.MustDecode(t, data, "")
			want := append(append([]pipeline.Event{}, b.Events[:arrowBatch]...), b.Events[2*arrowBatch:]...)
			if !slices.Equal(want, got.Events) {
				t.Errorf("%s, %s: %d events, want %d", kind, name, len(got.Events), len(want))
			}
			if len(got.Damage) == 0 || got.Damage[0].Kind != "bad_message" || got.Damage[0].Offset != int64(at[1]) {
				t.Errorf("%s, %s: damage %v, want it at %d", kind, name, got.Damage, at[1])
			}
		}
	}
}

func TestAKilledWriterLosesOnlyItsLastBatch(t *testing.T) {
	t.Parallel()
	b, data, at := threeBatches(t, "arrow")
	for _, n := range []int{at[2] + 1, at[2] + 100, at[2] + 100_000} {
		got := kit.MustDecode(t, data[:n], "")
		if !slices.Equal(b.Events[:2*arrowBatch], got.Events) {
			t.Errorf("%d bytes: %d events", n, len(got.Events))
		}
		if diff := cmp.Diff(map[string]uint64{"truncated": 1}, formattest.DamageCounts(got.Damage)); diff != "" {
			t.Errorf("%d bytes: damage: -want +got:\n%s", n, diff)
		}
	}
}

func TestTheMetadataIsTheHeader(t *testing.T) {
	t.Parallel()
	info := format.Info{Width: 320, Height: 240, Header: format.Header{{Key: "serial", Value: "größe"}, {Key: "width", Value: "7"},
		{Key: "", Value: ""}}}
	for _, kind := range []string{"arrow", "arrow-stream"} {
		got := kit.MustDecode(t, kit.Encode(t, kind, info, &format.Block{Events: []pipeline.Event{{T: 1}}}), "").Info
		want := format.Info{Format: kind, Width: 320, Height: 240, Header: format.Header{{Key: "serial", Value: "größe"}, {Key: "", Value: ""},
			{Key: "width", Value: "320"}, {Key: "height", Value: "240"}}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", kind, diff)
		}
	}
}

func TestTablesThatHoldNoEventsAreRefusedWithAReason(t *testing.T) {
	t.Parallel()
	stream := func(fields []arrow.Field) []byte { return arrowTable(t, false, fields, nil) }
	whole := stream(plainFields)
	bad := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(bad[8:], 1<<30)
	batch := bytes.Index(arrowTable(t, false, plainFields, []string{plainRows})[8:], []byte("\xff\xff\xff\xff")) + 8
	for want, data := range map[string][]byte{
		"cut off within a message":            whole[:50],
		"damaged metadata":                    bad,
		"no Arrow IPC message":                []byte(arrowipc.FileMagic + "hello world"),
		"where the schema should be":          arrowTable(t, false, plainFields, []string{plainRows})[batch:],
		"do not name t, x, y and p once each": stream(plainFields[1:]),
		`column "x" holds no integers`: stream(fieldsOf("t", arrow.PrimitiveTypes.Int64, "x", arrow.PrimitiveTypes.Float32, "y",
			arrow.PrimitiveTypes.Uint16, "p", arrow.PrimitiveTypes.Int8)),
		"is nested, a dictionary or a view": stream(append(fieldsOf("l", arrow.ListOf(arrow.PrimitiveTypes.Int8)), plainFields...)),
	} {
		_, err := kit.NewReader(bytes.NewReader(data), "bytes", formattest.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestReadingArrowAllocatesNothingInAnyCompression(t *testing.T) {
	var rows strings.Builder
	for i, e := range formattest.Events(8000) {
		rows.WriteString(map[bool]string{true: "[", false: ","}[i == 0])
		rows.WriteString(`{"t":` + strconv.FormatInt(e.T, 10) + `,"x":` + strconv.Itoa(int(e.X)) + `,"y":1,"p":1}`)
	}
	rows.WriteString("]")
	for name, options := range map[string][]ipc.Option{"none": nil, "LZ4": {ipc.WithLZ4()}, "Zstandard": {ipc.WithZstd()}} {
		batches := make([]string, 20)
		for i := range batches {
			batches[i] = rows.String()
		}
		r, err := kit.NewReader(bytes.NewReader(arrowTable(t, false, plainFields, batches, options...)), "bytes", formattest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := format.NewBlock(1000)
		read := func() {
			if err := r.Read(b); err != nil {
				t.Fatal(err)
			}
		}
		for range 30 {
			read()
		}
		if n := testing.AllocsPerRun(100, read); n != 0 {
			t.Errorf("%s: %v allocations per block", name, n)
		}
	}
}

// TestJavaScriptReadsWhatIsWritten asks the apache-arrow npm package.
func TestJavaScriptReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", ".ci", "arrow-js")
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "apache-arrow")); err != nil {
		t.Skip("the apache-arrow npm package is not installed in .ci/arrow-js (npm ci)")
	}
	events := formattest.Events(arrowBatch + 100)
	for _, name := range []string{"a.arrow", "a.arrows"} {
		path := filepath.Join(t.TempDir(), name)
		kind := map[string]string{"a.arrow": "arrow", "a.arrows": "arrow-stream"}[name]
		if err := os.WriteFile(path, kit.Encode(t, kind, formattest.Info, &format.Block{Events: events}), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("node", filepath.Join(dir, "read.js"), path, "t", "x", "y", "on").Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got struct {
			Rows, Batches int
			Values        struct {
				T    []int64
				X, Y []uint16
				On   []bool
			}
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%s: %v in %.100s", name, err, out)
		}
		if got.Rows != len(events) || got.Batches != 2 {
			t.Fatalf("%s: %d rows in %d batches", name, got.Rows, got.Batches)
		}
		for i, e := range events {
			v := &got.Values
			if v.T[i] != e.T || v.X[i] != e.X || v.Y[i] != e.Y || v.On[i] != (e.P == 1) {
				t.Fatalf("%s: row %d is %d, %d, %d, %v, want %v", name, i, v.T[i], v.X[i], v.Y[i], v.On[i], e)
			}
		}
	}
}
