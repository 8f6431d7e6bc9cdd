package recording

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format/formattest"
)

// TestARecordingOfAnyLengthIsReadInConstantMemory reads 100 million events if
// GANGLION_LONG is set, and 4 million otherwise.
func TestARecordingOfAnyLengthIsReadInConstantMemory(t *testing.T) {
	repeats := 8
	if os.Getenv("GANGLION_LONG") != "" {
		repeats = 200
	}
	events := formattest.Events(500_000)
	length := events[len(events)-1].T + 1
	path := filepath.Join(t.TempDir(), "long.raw")
	w, err := Create(path, "evt3", formattest.Info)
	if err != nil {
		t.Fatal(err)
	}
	for range repeats {
		if err := w.Write(events); err != nil {
			t.Fatal(err)
		}
		for i := range events {
			events[i].T += length
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := len(events) * repeats
	events = nil
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)

	s := open(t, config(path))
	var b pipeline.Batch
	got := 0
	for ; err == nil; err = s.Read(context.Background(), &b) {
		got += len(b.Events)
		b.Reset()
	}
	runtime.ReadMemStats(&after)
	if got != want || len(s.Damage()) > 0 {
		t.Errorf("%d of %d events, damage %v, %v", got, want, s.Damage(), err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("%d events took %d MiB", got, took>>20)
	} else {
		t.Logf("%d events took %.1f MiB", got, float64(took)/(1<<20))
	}
}
