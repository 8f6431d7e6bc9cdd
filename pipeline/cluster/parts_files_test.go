package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/sleep"
	"ganglion/pipeline"
)

// writeLines writes a part as lines of JSON.
func writeLines(_ context.Context, path string, _ pipeline.StreamMeta, rows []pipeline.Detection) error {
	var b []byte
	for i := range rows {
		b = append(rows[i].AppendJSON(b), '\n')
	}
	return os.WriteFile(path, b, 0o644)
}

// TestEachDetectionIsInOneFile kills workers while they write parts into one
// folder.
func TestEachDetectionIsInOneFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := newHall(t, 1, func(c *Config) { c.Parts, c.Snapshot = dir, 100*time.Millisecond })
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	p := &Pipeline{Pipeline: chain("chain", nil), Config: h.cfg}
	workers := []*hand{h.work(p), h.work(p)}
	const streams, windows = 4, 1000
	fed := make(chan error, streams)
	for i := range streams {
		go func() {
			slow := func(ctx context.Context) error { return sleep.For(ctx, 4*time.Millisecond) }
			_, err := h.feed(t.Context(), fmt.Sprint("s", i), &chainSource{seed: uint64(i), windows: windows, pause: slow})
			fed <- err
		}()
	}
	for left := streams; left > 0; {
		select {
		case err := <-fed:
			if left--; err != nil {
				t.Fatal(err)
			}
		case <-time.After(time.Duration(300+random.IntN(300)) * time.Millisecond):
			i := random.IntN(len(workers))
			workers[i].kill()
			workers[i] = h.work(p)
		}
	}
	h.ended(20*time.Second, "chain", "s0", "s1", "s2", "s3")
	for _, w := range workers {
		w.leave()
	}
	// What nobody committed goes when the partitions are taken next.
	left := filepath.Join(dir, "part-0-chain-s9-1-2"+partForm)
	if err := os.WriteFile(left, []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var others []string // that stay, whatever they are called
	for _, name := range []string{"part-0-notes.txt", "part-0-chain-s9-2-1" + partForm,
		"part-0-chain-s9-1-2" + partForm + ".zip", "part-0-draft" + partForm} {
		others = append(others, filepath.Join(dir, name))
		if err := os.WriteFile(others[len(others)-1], nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(dir, "part-0-chain-s9-3-4"+partForm)
	if err := os.MkdirAll(filepath.Join(folder, "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	last := h.work(p)
	h.until("the last worker has all", 10*time.Second, func() bool { return len(last.holdings()) == h.cfg.Partitions })
	h.until("what was left behind is gone", 10*time.Second, func() bool {
		_, err := os.Stat(left)
		return os.IsNotExist(err)
	})
	last.leave()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	by := map[string][]string{}
	for _, path := range append(others, folder) {
		if !slices.Contains(files, path) {
			t.Errorf("%s, which is not a part, is gone", path)
		}
	}
	files = slices.DeleteFunc(files, func(path string) bool {
		return path == folder || slices.Contains(others, path) || strings.HasPrefix(filepath.Base(path), partsMark)
	})
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		key := strings.Split(filepath.Base(path), "-")[3]
		by[key] = append(by[key], slices.Collect(strings.Lines(string(b)))...)
	}
	for i := range streams {
		key := fmt.Sprint("s", i)
		var got []string
		for _, line := range by[key] {
			got = append(got, strings.TrimSpace(line))
		}
		want := alone(t, chain(key, nil), &chainSource{seed: uint64(i), windows: windows})
		slices.Sort(want)
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s in %d files: %s", key, len(files), d)
		}
	}
	t.Logf("%d files", len(files))
}

// A folder of parts belongs to one cluster: another one, or the same after its
// streams were made again, would take what is in there for files that nobody
// committed.
func TestAFolderOfPartsBelongsToOneCluster(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	part := filepath.Join(dir, "part-0-chain-s9-1-2"+partForm)
	for first := range 2 {
		h := newHall(t, 1, func(c *Config) { c.Parts = dir })
		p := &Pipeline{Pipeline: chain("chain", nil), Config: h.cfg}
		for range 2 { // a second worker too
			w, err := NewWorker(t.Context(), Options{Conn: h.nc, Log: h.log, Now: time.Now}, []*Pipeline{p})
			if first == 0 && err != nil || first > 0 && (err == nil || !strings.Contains(err.Error(), "files of another cluster")) {
				t.Fatalf("cluster %d: %v, %v", first, w, err)
			}
		}
		if first == 0 {
			if err := os.WriteFile(part, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := os.Stat(part); err != nil {
		t.Error(err)
	}
	marks, err := filepath.Glob(filepath.Join(dir, partsMark+"*"))
	if err != nil || len(marks) != 1 {
		t.Errorf("%v, %v", marks, err)
	}
}
