package table

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// zeros is an archive of one array of so many MiB of nothing, in a few KiB.
func zeros(t *testing.T, mib int) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, err := z.Create("events.npy")
	if err != nil {
		t.Fatal(err)
	}
	header := npyFile(npyDict("[('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', '<i4')]", fmt.Sprintf("(%d,)", mib<<16)))
	for _, b := range append([][]byte{header}, make([][]byte, mib)...) {
		if b == nil {
			b = make([]byte, 1<<20)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestAnArchiveThatWouldFillTheDiskIsRefused(t *testing.T) {
	bomb := zeros(t, 192)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := kit.NewReader(bytes.NewReader(bomb), "bytes", formattest.Options{})
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "no recording packs so well") {
		t.Errorf("%d bytes of an archive: %v", len(bomb), err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
		t.Errorf("%d bytes took %d bytes of memory", len(bomb), took)
	}
	// What packs well and is small is read.
	r, err := kit.NewReader(bytes.NewReader(zeros(t, 32)), "bytes", formattest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, n := format.NewBlock(4096), 0
	for r.Read(b) == nil {
		n += len(b.Events)
	}
	if n != 32<<16 {
		t.Errorf("%d events of an archive that is allowed", n)
	}
}

func TestAnArchiveCannotLieAboutWhatItUnpacksTo(t *testing.T) {
	t.Parallel()
	bomb := zeros(t, 192)
	directory := bytes.LastIndex(bomb, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(bomb[directory+24:], 1<<20) // the size that the index states
	r, err := kit.NewReader(bytes.NewReader(bomb), "bytes", formattest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, n := format.NewBlock(4096), 0
	for r.Read(b) == nil {
		n += len(b.Events)
	}
	if n > 1<<16 || len(r.Damage()) == 0 {
		t.Errorf("%d events of a member that states room for %d, damage %v", n, 1<<16, r.Damage())
	}
}
