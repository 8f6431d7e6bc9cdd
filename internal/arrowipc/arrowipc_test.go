package arrowipc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"ganglion/internal/compression"
	"ganglion/internal/flatbuf"
)

var columns = []Column{{Name: "t", Bits: 64, Signed: true}, {Name: "x", Bits: 16}, {Name: "on", Bits: 1}}

var metadata = []Pair{{"width", "640"}, {"a key", "größe"}, {"", ""}}

// sample is a file of two batches of ours, with three and no rows.
func sample() []byte {
	w := &flatbuf.Builder{B: []byte(FileMagic)}
	AppendSchema(w, columns, metadata)
	schema := slices.Clone(w.B[len(FileMagic):])
	var blocks []Block
	block := func(rows int, columns ...[]byte) {
		at := len(w.B)
		AppendBatch(w, rows, columns...)
		var m Message
		if err := m.Parse(w.B[at:]); err != nil {
			panic(err)
		}
		blocks = append(blocks, Block{int64(at), int32(m.Metadata()), int64(len(m.Body))})
	}
	t := make([]byte, 24)
	for i := range 3 {
		binary.LittleEndian.PutUint64(t[8*i:], uint64(i-1))
	}
	block(3, t, []byte{1, 0, 2, 0, 3, 0}, []byte{0b101})
	block(0, nil, nil, nil)
	return AppendTail(w.B, schema, blocks)
}

// walk goes through the messages of a file and unpacks every buffer. It
// returns the rows of each batch and what ended it.
func walk(b []byte) (fields []Field, rows []int, err error) {
	b = bytes.TrimPrefix(b, []byte(FileMagic))
	budget := int64(1 << 20)
	var m, schema Message
	var batch Batch
	var d compression.Decoder
	var buf []byte
	if err := schema.Parse(b); err != nil {
		return nil, nil, err
	}
	if fields, err = Fields(&schema); err != nil {
		return nil, nil, err
	}
	if _, err = Metadata(&schema); err != nil {
		return nil, nil, err
	}
	for b = b[len(schema.Bytes):]; len(b) > 0 && !bytes.HasPrefix(b, []byte(EndOfStream)); b = b[len(m.Bytes):] {
		if err := m.Parse(b); err != nil {
			return fields, rows, err
		}
		if err := batch.Parse(&m, fields, &budget); err != nil {
			return fields, rows, err
		}
		for _, buffer := range batch.Buffers {
			content, err := buffer.Content(buf, m.Bytes, &d)
			if err != nil {
				return fields, rows, err
			}
			if buffer.Codec != compression.None {
				buf = content
			}
		}
		rows = append(rows, batch.Rows)
	}
	return fields, rows, nil
}

func TestWhatIsWrittenIsTakenApartAgain(t *testing.T) {
	t.Parallel()
	b := sample()
	fields, rows, err := walk(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{3, 0}, rows); diff != "" {
		t.Errorf("rows: -want +got:\n%s", diff)
	}
	for i, c := range columns {
		f := fields[i]
		bits, signed, ok := f.Int()
		if f.Name != c.Name || f.Buffers != 2 || ok == (c.Bits == 1) || ok && (bits != c.Bits || signed != c.Signed) ||
			f.Bool() != (c.Bits == 1) {
			t.Errorf("column %v became %+v", c, f)
		}
	}
	var m Message
	if err := m.Parse(b[len(FileMagic):]); err != nil {
		t.Fatal(err)
	}
	pairs, err := Metadata(&m)
	if diff := cmp.Diff(metadata, pairs); diff != "" || err != nil {
		t.Errorf("metadata: %v, -want +got:\n%s", err, diff)
	}
}

func TestTheLibraryReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	r, err := ipc.NewFileReader(bytes.NewReader(sample()))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.NumRecords() != 2 || r.Schema().NumFields() != 3 {
		t.Fatalf("%d batches of %v", r.NumRecords(), r.Schema())
	}
	if v, ok := r.Schema().Metadata().GetValue("a key"); !ok || v != "größe" {
		t.Errorf("metadata %v", r.Schema().Metadata())
	}
	rec, err := r.Record(0)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"[-1 0 1]", "[1 2 3]", "[true false true]"} {
		if got := rec.Column(i).String(); got != want {
			t.Errorf("column %d is %s, want %s", i, got, want)
		}
	}
}

// library is a stream of the library with strings, integers and nulls.
func library(t testing.TB, options ...ipc.Option) []byte {
	t.Helper()
	s := arrow.NewSchema([]arrow.Field{
		{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "v", Type: arrow.PrimitiveTypes.Float32},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	defer b.Release()
	for i := range 100 {
		b.Field(0).(*array.StringBuilder).Append(strings.Repeat("x", i%7))
		b.Field(1).(*array.Float32Builder).Append(float32(i))
	}
	rec := b.NewRecord()
	defer rec.Release()
	var out bytes.Buffer
	w := ipc.NewWriter(&out, append(options, ipc.WithSchema(s))...)
	for range 2 {
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// samples are files of all kinds that are read.
func samples(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"ours": sample(), "the library's": library(t), "LZ4": library(t, ipc.WithLZ4()), "Zstandard": library(t, ipc.WithZstd()),
	}
}

func TestWhatTheLibraryWritesIsTakenApart(t *testing.T) {
	t.Parallel()
	for name, b := range samples(t) {
		fields, rows, err := walk(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "ours" {
			continue
		}
		if diff := cmp.Diff([]int{100, 100}, rows); diff != "" || !fields[0].String() || !fields[1].Float32() || fields[0].Buffers != 3 {
			t.Errorf("%s: columns %+v, rows: -want +got:\n%s", name, fields, diff)
		}
	}
}

func TestACutFileIsSaidToBeCut(t *testing.T) {
	t.Parallel()
	for name, b := range samples(t) {
		end := bytes.LastIndex(b, []byte(EndOfStream))
		for n := len(FileMagic); n < end; n++ {
			_, rows, err := walk(b[:n])
			if err != nil && !errors.Is(err, ErrCut) || len(rows) == 2 && err != nil {
				t.Fatalf("%s, %d of %d bytes: %d batches, %v", name, n, len(b), len(rows), err)
			}
		}
	}
}

// bounded walks with a bound on what may be allocated.
func bounded(t *testing.T, b []byte) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, _ = walk(b)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > uint64(4*len(b)+16<<20) {
		t.Errorf("%d bytes of input took %d bytes of memory", len(b), took)
	}
}

func TestDamageTakesNoMemory(t *testing.T) {
	for _, b := range samples(t) {
		for i := range b {
			mutant := bytes.Clone(b)
			for _, v := range []byte{0, 0x7F, 0xFF, b[i] ^ 1, b[i] ^ 0x80} {
				mutant[i] = v
				_, _, _ = walk(mutant)
			}
			if i%64 == 0 {
				bounded(t, mutant)
			}
		}
	}
}

// TestFieldsThatShareANameTakeNoMemory has all of many fields point to one
// long name.
func TestFieldsThatShareANameTakeNoMemory(t *testing.T) {
	for _, c := range []struct{ fields, name int }{{100_000, 100}, {4000, 100_000}} {
		w := &flatbuf.Builder{}
		at := begin(w)
		schema := message(w, SchemaMessage, 0, 10, 12, 0, 4, 8)
		fields := w.Vector(c.fields, 4)
		w.Refer(schema+4, fields)
		field := len(w.B)
		appendField(w, fields+4, Column{Name: strings.Repeat("x", c.name), Bits: 64, Signed: true})
		field += int(binary.LittleEndian.Uint32(w.B[fields+4:])) - (field - (fields + 4))
		for i := 1; i < c.fields; i++ {
			w.Refer(fields+4+4*i, field)
		}
		pairs := w.Vector(0, 4)
		w.Refer(schema+8, pairs)
		end(w, at)
		var m Message
		if err := m.Parse(w.B); err != nil {
			t.Fatal(err)
		}
		if _, err := Fields(&m); err == nil {
			t.Errorf("%+v were accepted", c)
		}
		bounded(t, w.B)
	}
}

func TestTheBudgetBoundsWhatIsUnpacked(t *testing.T) {
	t.Parallel()
	b := library(t, ipc.WithZstd())
	var schema, m Message
	var batch Batch
	if err := schema.Parse(b); err != nil {
		t.Fatal(err)
	}
	fields, err := Fields(&schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Parse(b[len(schema.Bytes):]); err != nil {
		t.Fatal(err)
	}
	budget := int64(100)
	if err := batch.Parse(&m, fields, &budget); !errors.Is(err, ErrTooLong) {
		t.Errorf("error %v", err)
	}
}

func TestTakingApartAllocatesNothing(t *testing.T) {
	b := bytes.TrimPrefix(sample(), []byte(FileMagic))
	var schema, m Message
	if err := schema.Parse(b); err != nil {
		t.Fatal(err)
	}
	fields, err := Fields(&schema)
	if err != nil {
		t.Fatal(err)
	}
	b = b[len(schema.Bytes):]
	var batch Batch
	run := func() {
		budget := int64(0)
		if m.Parse(b[:20]) != ErrCut || m.Parse(b) != nil || batch.Parse(&m, fields, &budget) != nil {
			t.Fatal("the batch is not taken apart")
		}
	}
	run()
	if n := testing.AllocsPerRun(10, run); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzWalk(f *testing.F) {
	for _, b := range samples(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { bounded(t, b) })
}
