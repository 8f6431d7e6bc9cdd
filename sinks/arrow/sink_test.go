package arrow

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

// filesOf returns the base names and the numbers of rows of a rotation.
func filesOf(t *testing.T, dir string) (names []string, rows []int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
		rows = append(rows, len(libraryRead(t, filepath.Join(dir, e.Name()))))
	}
	return names, rows
}

func TestRotationStartsANewFileWhenItIsDue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Config)
		rows   []int
	}{
		"after so many rows, cutting the batch":      {func(c *Config) { c.RotateRows = 10 }, []int{10, 10, 5}},
		"after so many rows of several batches":      {func(c *Config) { c.RotateRows, c.BatchRows = 10, 4 }, []int{10, 10, 5}},
		"after so much sensor time":                  {func(c *Config) { c.RotateEvery = 70 * time.Millisecond }, []int{7, 7, 7, 4}},
		"after so many bytes, counted after a batch": {func(c *Config) { c.RotateBytes, c.BatchRows = 1, 9 }, []int{9, 9, 7}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cfg := config(filepath.Join(dir, "{name}.arrow"))
			c.change(&cfg)
			for i, size := range []int{1, 4, 25, 7} { // the size of a Write does not matter
				run := []string{"a", "b", "c", "c"}[i] // and the last one is there already
				s := openRun(t, cfg, run)
				for part := range slices.Chunk(of(run, detections(25)), size) {
					write(t, s, part)
				}
				closeSink(t, s)
			}
			names, rows := filesOf(t, dir)
			if diff := cmp.Diff(slices.Repeat(c.rows, 3), rows); diff != "" {
				t.Errorf("rows of the files: %s", diff)
			}
			if names[0] != "left-a-000000000000.arrow" || len(slices.Compact(names)) != 3*len(c.rows) {
				t.Errorf("names: %v", names)
			}
		})
	}
}

func TestARotationWithoutRowsLeavesNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := config(filepath.Join(dir, "d.arrow"))
	cfg.RotateRows = 5
	closeSink(t, open(t, cfg))
	if names, _ := filesOf(t, dir); len(names) != 0 {
		t.Errorf("left %v", names)
	}
	s := open(t, cfg)
	write(t, s, detections(5)) // exactly one file
	closeSink(t, s)
	if names, _ := filesOf(t, dir); len(names) != 1 {
		t.Errorf("left %v", names)
	}
}

func TestSensorTimeFinishesABatch(t *testing.T) {
	t.Parallel()
	cfg := config(filepath.Join(t.TempDir(), "d.arrow"))
	cfg.BatchEvery = 30 * time.Millisecond
	s := open(t, cfg)
	defer closeSink(t, s)
	for i, want := range []int{0, 0, 0, 3, 3, 3, 6} { // 10 ms apart
		write(t, s, detections(7)[i:i+1])
		if got := len(read(t, cfg.Path)); got != want {
			t.Errorf("after row %d: %d rows are in the file, want %d", i, got, want)
		}
	}
}

func TestARecoveryLeavesForeignFilesAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := config(filepath.Join(dir, "d.arrow"))
	cfg.RotateRows = 5
	text := []byte("notes that someone keeps under this very name, longer than the head of a file")
	for len(text) < 4096 {
		text = append(text, text...)
	}
	foreign := filepath.Join(dir, "d-run-000000000007.arrow"+unfinished)
	if err := os.WriteFile(foreign, text, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"d-x.arrow.tmp", "d-run-000000000001.arrow.txt", "e-run-000000000001.arrow.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, other), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, cfg)
	write(t, s, detections(1))
	closeSink(t, s)
	if got, err := os.ReadFile(foreign); err != nil || string(got) != string(text) {
		t.Errorf("the foreign file changed: %v", err)
	}
	if got := read(t, filepath.Join(dir, "d-earlier-000000000000.arrow")); len(got) != 1 {
		t.Errorf("%d rows in the file after the foreign one", len(got))
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 5 {
		t.Errorf("%d files are left, want 5", len(entries))
	}
}

func TestOneFileHasOneWriter(t *testing.T) {
	t.Parallel()
	cfg := config(filepath.Join(t.TempDir(), "d.arrow"))
	first := open(t, cfg)
	write(t, first, detections(3))
	second, err := New(cfg, env())
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Open(context.Background(), pipeline.StreamMeta{}); !errors.Is(err, outfile.ErrTaken) {
		t.Errorf("got %v, want ErrTaken", err)
	}
	closeSink(t, second) // Close after a failed Open
	closeSink(t, first)
	if got := len(read(t, cfg.Path)); got != 3 {
		t.Errorf("%d rows, want 3", got)
	}
}

func TestUnusablePathsStopTheStart(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"a folder": t.TempDir(), "a device": os.DevNull} {
		s, err := New(config(path), env())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Open(context.Background(), pipeline.StreamMeta{}); err == nil {
			t.Errorf("%s was opened", name)
		}
		closeSink(t, s)
	}
}

// smallDisk is a file on a disk with room for limit bytes.
type smallDisk struct {
	outfile.File
	size, limit int64
}

func (f *smallDisk) Write(p []byte) (int, error) {
	n, _ := f.File.Write(p[:max(0, min(f.limit-f.size, int64(len(p))))])
	f.size += int64(n)
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func (f *smallDisk) Truncate(size int64) error {
	f.size = size
	return f.File.Truncate(size)
}

// TestAFullDiskIsReportedAndCounted runs out of room at many places: every row
// is in the file, refused by Write or named as lost by Close, whatever room
// is made later.
func TestAFullDiskIsReportedAndCounted(t *testing.T) {
	t.Parallel()
	all := detections(60)
	for limit := int64(4000); limit < 80_000; limit += 1237 {
		for _, later := range []int64{limit, 1 << 30} {
			cfg := config(filepath.Join(t.TempDir(), "d.arrow"))
			cfg.BatchRows = 4
			s := open(t, cfg)
			disk := &smallDisk{File: s.seg.f, size: s.seg.size, limit: limit}
			s.seg.f = disk
			accepted := writeAll(t, s, all, func(i int) {
				if i == 40 {
					disk.limit = later
				}
			})
			lost := 0
			var e *pipeline.LostError
			if err := s.Close(context.Background()); errors.As(err, &e) {
				lost = e.Lost
			} else if err != nil && !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			rows, _ := ReadDetections(cfg.Path)
			if len(rows)+lost != len(accepted) {
				t.Errorf("room for %d, then %d: %d rows in the file, %d lost, %d accepted", limit, later, len(rows), lost, len(accepted))
			}
			same(t, rows, viaJSON(t, accepted[:len(rows)]))
			if later > limit && lost > 0 {
				t.Errorf("%d rows lost although room was made", lost)
			}
		}
	}
}

// writeAll writes in parts of 3 and returns what was accepted.
func writeAll(t *testing.T, s *Sink, all []pipeline.Detection, before func(i int)) (accepted []pipeline.Detection) {
	t.Helper()
	for i := 0; i < len(all); i += 3 {
		before(i)
		before(i + 1)
		before(i + 2)
		part := all[i : i+3]
		err := s.Write(context.Background(), part)
		var partial *pipeline.PartialWriteError
		switch {
		case errors.As(err, &partial) && errors.Is(err, syscall.ENOSPC):
			part = part[:partial.Written]
		case err != nil:
			t.Fatal(err)
		}
		accepted = append(accepted, part...)
	}
	return accepted
}

func TestCloseWithoutOpenDoesNoHarm(t *testing.T) {
	t.Parallel()
	s, err := New(config(filepath.Join(t.TempDir(), "d.arrow")), env())
	if err != nil {
		t.Fatal(err)
	}
	closeSink(t, s)
}

// plain returns detections as a pipeline makes them: all text is UTF-8.
func plain(n int) []pipeline.Detection {
	d := detections(n)
	for i := range d {
		d[i].Label = "gate"
	}
	return d
}

// The builders grow while the first rows of a batch come in and the library
// makes some 12 small objects (20 with compression) per batch and column; between the two nothing allocates.
func TestRowsOfABatchAllocateNothing(t *testing.T) {
	cfg := config(filepath.Join(t.TempDir(), "d.arrow"))
	cfg.BatchRows, cfg.BatchEvery = 60_000, time.Hour
	s := open(t, cfg)
	defer closeSink(t, s)
	d := plain(100)
	for s.enc.rows < 33_000 { // past the last doubling of the buffers of strings
		write(t, s, d)
	}
	if n := testing.AllocsPerRun(100, func() { write(t, s, d) }); n != 0 {
		t.Errorf("%v allocations per write of %d rows", n, len(d))
	}
}

func TestABatchAllocatesLittle(t *testing.T) {
	for _, compression := range []string{uncompressed, lz4, zstd} {
		cfg := config(filepath.Join(t.TempDir(), "d.arrow"))
		cfg.BatchEvery, cfg.Compression = time.Hour, compression
		s := open(t, cfg)
		d := plain(1024)
		write(t, s, d)
		if n := testing.AllocsPerRun(5, func() { write(t, s, d) }); n > 20*float64(len(pipeline.Fields())) {
			t.Errorf("%s: %v allocations for a batch of %d rows", compression, n, len(d))
		}
		closeSink(t, s)
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, compression := range []string{uncompressed, lz4, zstd} {
		for _, n := range []int{1, 100} {
			b.Run(fmt.Sprintf("%s/%d per write", compression, n), func(b *testing.B) {
				cfg := config(filepath.Join(b.TempDir(), "d.arrow"))
				cfg.BatchEvery, cfg.Compression = time.Hour, compression
				s := open(b, cfg)
				defer closeSink(b, s)
				d := plain(n)
				b.ReportAllocs()
				for b.Loop() {
					write(b, s, d)
				}
				b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "detections/s")
			})
		}
	}
}

func BenchmarkReadDetections(b *testing.B) {
	for _, name := range []string{"a file", "a file with Zstandard"} {
		b.Run(name, func(b *testing.B) {
			data := encoded(b, detections(10_000), variants[name])
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := decode(data); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*10_000)/b.Elapsed().Seconds(), "detections/s")
		})
	}
}
