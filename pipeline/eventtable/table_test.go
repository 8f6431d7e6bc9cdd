package eventtable

import (
	"bytes"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"ganglion/internal/arrowipc"
	"ganglion/pipeline"
)

func events(n int) (all []pipeline.Event) {
	for i := range n {
		all = append(all, pipeline.Event{T: int64(i)*10 - 5, X: uint16(i % 640), Y: uint16(i % 479), P: uint8(i % 3)})
	}
	return all
}

// write makes a table of events that come in pieces of a length.
func write(file bool, all []pipeline.Event, piece int) (b []byte) {
	table := New(file, []arrowipc.Pair{{Key: Width, Value: "640"}, {Key: Height, Value: "479"}})
	for len(all) > 0 {
		n := min(piece, len(all))
		b = table.Append(b, all[:n])
		all = all[n:]
	}
	return table.Finish(b)
}

// reader is what Arrow's library has for files and streams alike.
type reader func() (arrow.Record, error) // nil at the end

func open(file bool, b []byte) (reader, *arrow.Schema, error) {
	if file {
		r, err := ipc.NewFileReader(bytes.NewReader(b))
		if err != nil {
			return nil, nil, err
		}
		next := 0
		return func() (arrow.Record, error) {
			if next++; next > r.NumRecords() {
				return nil, nil
			}
			return r.Record(next - 1)
		}, r.Schema(), nil
	}
	r, err := ipc.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, nil, err
	}
	return func() (arrow.Record, error) {
		if !r.Next() {
			return nil, r.Err()
		}
		return r.Record(), nil
	}, r.Schema(), nil
}

// read takes a table apart with Arrow's own library: the events, and how many
// rows each batch has.
func read(t *testing.T, file bool, b []byte) (got []pipeline.Event, rows []int) {
	t.Helper()
	next, schema, err := open(file, b)
	if err != nil {
		t.Fatal(err)
	}
	meta := schema.Metadata()
	if w, _ := meta.GetValue(Width); w != "640" {
		t.Errorf("the width is %q", w)
	}
	for {
		record, err := next()
		if err != nil {
			t.Fatal(err)
		}
		if record == nil {
			return got, rows
		}
		ts, xs, ys := record.Column(0).(*array.Int64), record.Column(1).(*array.Uint16), record.Column(2).(*array.Uint16)
		on := record.Column(3).(*array.Boolean)
		for i := range int(record.NumRows()) {
			e := pipeline.Event{T: ts.Value(i), X: xs.Value(i), Y: ys.Value(i)}
			if on.Value(i) {
				e.P = 1
			}
			got = append(got, e)
		}
		rows = append(rows, int(record.NumRows()))
	}
}

func TestArrowsLibraryReadsTheTables(t *testing.T) {
	t.Parallel()
	for _, file := range []bool{true, false} {
		for _, n := range []int{0, 1, 7, 8, 9, Rows - 1, Rows, Rows + 1, 2*Rows + 5} {
			want := events(n)
			for i := range want {
				want[i].P = min(want[i].P, 1) // a bit is all there is
			}
			got, rows := read(t, file, write(file, events(n), 1000))
			if !slices.Equal(want, got) {
				t.Errorf("file %t, %d events: others are read", file, n)
			}
			var full []int
			for left := n; left > 0; left -= Rows {
				full = append(full, min(left, Rows))
			}
			if !slices.Equal(full, rows) {
				t.Errorf("file %t, %d events: batches of %v rows, want %v", file, n, rows, full)
			}
		}
	}
}

func TestPiecesChangeNothing(t *testing.T) {
	t.Parallel()
	for _, file := range []bool{true, false} {
		all := events(Rows + 100)
		want := write(file, all, len(all))
		for _, piece := range []int{97, Rows} {
			if !bytes.Equal(want, write(file, all, piece)) {
				t.Errorf("file %t: pieces of %d events give another table", file, piece)
			}
		}
	}
}

func TestAFullTableAllocatesNothingForTheNextRows(t *testing.T) {
	table, some := New(false, nil), events(Rows)
	dst := table.Append(nil, some)
	if n := testing.AllocsPerRun(10, func() { dst = table.Append(dst[:0], some) }); n > 0 {
		t.Errorf("%v allocations for a batch", n)
	}
}
