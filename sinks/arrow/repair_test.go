package arrow

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestARepairedFileIsReadByTheLibrary cuts a file at every byte: whatever is
// left, the library reads the whole batches before it.
func TestARepairedFileIsReadByTheLibrary(t *testing.T) {
	t.Parallel()
	all := detections(24)
	whole := encoded(t, all, func(c *Config) { c.BatchRows = 8 })
	full, err := parse(whole)
	if err != nil || len(full.blocks) != 3 {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "d.arrow")
	for n := len(full.schema) + 8; n <= len(whole); n += 37 {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		batches, _, err := Repair(path)
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		want := 0
		for _, b := range full.blocks {
			if b.Offset+int64(b.Metadata)+b.Body <= int64(n) {
				want++
			}
		}
		if batches != want {
			t.Errorf("%d bytes: %d batches, want %d", n, batches, want)
		}
		same(t, libraryRead(t, path), viaJSON(t, all[:8*want]))
	}
	before, _ := os.ReadFile(path)
	if _, cut, err := Repair(path); err != nil || cut != 0 {
		t.Errorf("a whole file: %d bytes cut, %v", cut, err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("a whole file has changed")
	}
	if err := os.WriteFile(path, []byte("my diary"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Repair(path); err == nil {
		t.Error("a diary was repaired")
	}
}
