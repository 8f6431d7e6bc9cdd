package arrow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ganglion/pipeline"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"ganglion/internal/arrowipc"
	"ganglion/internal/compression"
)

var memoryAllocator = memory.DefaultAllocator

func TestAFileThatIsCutOffGivesItsWholeBatchesAndOneError(t *testing.T) {
	t.Parallel()
	all := detections(7)
	want := viaJSON(t, all)
	for _, name := range []string{"a file with many batches", "a stream with many batches"} {
		b := encoded(t, all, variants[name])
		whole, err := parse(b)
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		for n := range b {
			rows := 0
			for i, k := range whole.blocks {
				if k.Offset+int64(k.Metadata)+k.Body <= int64(n) {
					rows += whole.batches[i].Rows
				}
			}
			got, err := decode(b[:n])
			if len(got) != rows {
				t.Fatalf("%s cut at %d of %d: %d rows, want %d (%v)", name, n, len(b), len(got), rows, err)
			}
			if rows != last {
				same(t, got, want[:rows])
				last = rows
			}
			var format *formatError
			if err != nil && !errors.As(err, &format) {
				t.Fatalf("%s cut at %d: error %v has no type", name, n, err)
			}
			if err == nil && int64(n) < whole.end && !slices.ContainsFunc(whole.blocks,
				func(k arrowipc.Block) bool { return k.Offset == int64(n) }) {
				t.Fatalf("%s cut at %d within a message: no error", name, n)
			}
		}
	}
}

func TestForeignAndBrokenFilesAreRefusedWithAReason(t *testing.T) {
	t.Parallel()
	good := encoded(t, detections(3), variants["a stream"])
	replaced := func(name string, f arrow.Field) []arrow.Field {
		fields := slices.Clone(schema(pipeline.StreamMeta{}).Fields())
		i := slices.IndexFunc(fields, func(f arrow.Field) bool { return f.Name == name })
		fields[i] = f
		return fields
	}
	noRows := func(*array.RecordBuilder) {}
	cases := map[string]struct {
		bytes []byte
		want  string
	}{
		"an empty file":             {nil, "ends before its schema"},
		"text":                      {[]byte("t_us,x0,y0\n1,2,3\n"), "no Arrow IPC message"},
		"the old frame":             {good[4:], "no Arrow IPC message"},
		"only the magic":            {[]byte(arrowipc.FileMagic), "ends before its schema"},
		"batches before the schema": {good[arrowipc.FrameSize+binary.LittleEndian.Uint32(good[4:]):], "out of place"},
		"two schemas":               {slices.Concat(good[:arrowipc.FrameSize+binary.LittleEndian.Uint32(good[4:])], good), "out of place"},
		"a missing column":          {foreign(t, schema(pipeline.StreamMeta{}).Fields()[1:], noRows), `column "stream" is missing`},
		"a column of another type": {foreign(t, replaced("seq", arrow.Field{Name: "seq", Type: arrow.PrimitiveTypes.Int64}), noRows),
			`column "seq" is not uint64`},
		"a column of another width": {foreign(t, replaced("x0", arrow.Field{Name: "x0", Type: arrow.PrimitiveTypes.Float64}), noRows),
			`column "x0" is not float32`},
		"a dictionary": {foreign(t, replaced("kind", arrow.Field{Name: "kind", Type: &arrow.DictionaryType{
			IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}}), noRows),
			`column "kind" is nested, a dictionary or a view`},
		"a nested column": {foreign(t, append(schema(pipeline.StreamMeta{}).Fields(),
			arrow.Field{Name: "list", Type: arrow.ListOf(arrow.PrimitiveTypes.Int8)}), noRows), `column "list" is nested`},
	}
	for name, c := range cases {
		rows, err := decode(c.bytes)
		var format *formatError
		if len(rows) != 0 || !errors.As(err, &format) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %d rows and error %v, want %q", name, len(rows), err, c.want)
		}
	}
	if _, err := ReadDetections(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
	if _, err := ReadDetections(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestColumnsMayComeInAnyOrderBesideOthers(t *testing.T) {
	t.Parallel()
	fields := slices.Clone(schema(pipeline.StreamMeta{}).Fields())
	slices.Reverse(fields)
	fields = append([]arrow.Field{
		{Name: "note", Type: arrow.BinaryTypes.String},
		{Name: "good", Type: arrow.FixedWidthTypes.Boolean},
	}, fields...)
	d := detections(1)[0]
	b := foreign(t, fields, func(b *array.RecordBuilder) {
		b.Field(0).(*array.StringBuilder).Append("by hand")
		b.Field(1).(*array.BooleanBuilder).Append(true)
		for i := range columns {
			appendCell(b.Field(len(fields)-1-i), &columns[i], &d)
		}
	})
	got, err := decode(b)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, viaJSON(t, detections(1)))
}

func TestFilesOfBeforeAColumnWasAddedAreRead(t *testing.T) {
	t.Parallel()
	fields := schema(pipeline.StreamMeta{}).Fields()
	n := slices.IndexFunc(fields, func(f arrow.Field) bool { return f.Name == "azimuth_deg" })
	d := detections(1)[0]
	b := foreign(t, fields[:n], func(b *array.RecordBuilder) {
		for i := range columns[:n] {
			appendCell(b.Field(i), &columns[i], &d)
		}
	})
	got, err := decode(b)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, viaJSON(t, detections(1)))
}

// expansion is what the compressed columns of a file claim to hold, bytes.
func expansion(b []byte) (n uint64) {
	c, _ := parse(b)
	for _, batch := range c.batches {
		for _, buf := range batch.Buffers {
			if buf.Codec != compression.None {
				n += uint64(buf.Size)
			}
		}
	}
	return n
}

// checkBounds decodes bytes that may be anything, demands that memory is
// bounded and that what was read can be written and read again.
func checkBounds(t *testing.T, b []byte) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rows, err := decode(b)
	runtime.ReadMemStats(&after)
	limit := 4*(uint64(len(b))+expansion(b)) + 16<<20
	if used := after.TotalAlloc - before.TotalAlloc; used > limit {
		t.Errorf("%d bytes allocated for %d rows of a file of %d, limit %d", used, len(rows), len(b), limit)
	}
	var format *formatError
	if err != nil && !errors.As(err, &format) {
		t.Errorf("error %v has no type", err)
	}
	if len(rows) == 0 || err != nil {
		return
	}
	enc, err := newBatchEncoder(uncompressed, len(rows), pipeline.StreamMeta{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		enc.add(&rows[i])
	}
	out, err := enc.encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := decode(slices.Concat(enc.schema, out.bytes))
	if err != nil {
		t.Fatal(err)
	}
	same(t, again, viaJSON(t, rows))
}

func FuzzDecode(f *testing.F) {
	for _, change := range variants {
		f.Add(encoded(f, detections(7), change))
	}
	f.Fuzz(checkBounds)
}

func TestEveryFlippedByteIsHarmless(t *testing.T) {
	t.Parallel()
	for name, change := range variants {
		good := encoded(t, detections(4), change)
		b := bytes.Clone(good)
		step := 31
		if os.Getenv("GANGLION_LONG") != "" {
			step = 1
		}
		for i := 0; i < len(b); i += step {
			for _, v := range []byte{0, 0x7f, 0xff, good[i] ^ 1, good[i] ^ 0x80} {
				b[i] = v
				if rows, err := decode(b); len(rows) > 64 {
					t.Errorf("%s: byte %d set to %#x: %d rows (%v)", name, i, v, len(rows), err)
				}
			}
			b[i] = good[i]
		}
	}
}
