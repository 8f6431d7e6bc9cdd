package table

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// npzColumns writes an archive of one array for each column, one behind the
// other, as numpy.savez does.
func npzColumns(t *testing.T, path string, events []pipeline.Event, method uint16) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, c := range []struct {
		name, kind string
		add        func([]byte, *pipeline.Event) []byte
	}{
		{"t", "<i8", func(b []byte, e *pipeline.Event) []byte { return binary.LittleEndian.AppendUint64(b, uint64(e.T)) }},
		{"x", "<u2", func(b []byte, e *pipeline.Event) []byte { return binary.LittleEndian.AppendUint16(b, e.X) }},
		{"y", "<u2", func(b []byte, e *pipeline.Event) []byte { return binary.LittleEndian.AppendUint16(b, e.Y) }},
		{"p", "|u1", func(b []byte, e *pipeline.Event) []byte { return append(b, e.P) }},
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: c.name + npyEnding, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		b := npyFile(npyDict("'"+c.kind+"'", fmt.Sprintf("(%d,)", len(events))))
		for i := range events {
			b = c.add(b, &events[i])
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAnArchiveInAFileIsNotReadIntoMemory(t *testing.T) {
	events := formattest.Events(400_000)
	dir := t.TempDir()
	stored, deflated, records := filepath.Join(dir, "stored.npz"), filepath.Join(dir, "deflated.npz"), filepath.Join(dir, "records.npz")
	npzColumns(t, stored, events, zip.Store)
	npzColumns(t, deflated, events, zip.Deflate)
	if err := os.WriteFile(records, kit.Encode(t, "npz", formattest.Info, &format.Block{Events: events}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{stored, deflated, records} {
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := kit.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		b, n, at := format.NewBlock(4096), 0, int64(0)
		for r.Read(b) == nil {
			if diff := formattest.DiffEvents(events[n:n+len(b.Events)], b.Events); diff != "" {
				t.Fatalf("%s, from event %d: -written +read:\n%s", path, n, diff)
			}
			if n += len(b.Events); r.Offset() < at || r.Offset() > st.Size() {
				t.Fatalf("%s: at byte %d after %d", path, r.Offset(), at)
			}
			at = r.Offset()
		}
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("%s: %d bytes of file took %d bytes of memory", path, st.Size(), took)
		}
		if n != len(events) || r.Offset() != st.Size() || len(r.Damage()) > 0 {
			t.Errorf("%s: %d events, at byte %d of %d, damage %v", path, n, r.Offset(), st.Size(), r.Damage())
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
