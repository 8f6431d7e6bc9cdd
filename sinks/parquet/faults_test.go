package parquet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// die ends a sink as a kill does: the system closes its files, and the last line of
// its rows may be torn.
func die(t *testing.T, s *sink) {
	t.Helper()
	if s.part == nil {
		return
	}
	if _, err := s.part.rows.f.Write([]byte(`{"stream":"le`)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.part.rows.f.Close(), s.part.table.f.Close()); err != nil {
		t.Fatal(err)
	}
}

// all are the rows of all files of a folder, which must be Parquet files alone, by
// run and number.
func all(t *testing.T, dir string) (list []string) {
	t.Helper()
	for _, name := range names(t, dir) {
		for _, d := range rowsOf(t, filepath.Join(dir, name)) {
			list = append(list, fmt.Sprintf("%s %03d", d.Run, d.Seq))
		}
	}
	slices.Sort(list)
	return list
}

func numbers(run string, n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("%s %03d", run, i))
	}
	return list
}

// timed are detections of a run, a tenth of a second each.
func timed(run string, n int) []pipeline.Detection {
	ds := of(run, n)
	for i := range ds {
		ds[i].T = int64(i) * 100_000
	}
	return ds
}

// TestAKilledRunResumesWithEachRowOnce kills a run after some rows, or stops it, and
// resumes it from each checkpoint before: files with and without rotation.
func TestAKilledRunResumesWithEachRowOnce(t *testing.T) {
	t.Parallel()
	const n, died = 7, 4
	for _, every := range []time.Duration{0, 300 * time.Millisecond} {
		for _, stopped := range []bool{false, true} {
			for _, next := range []int{2, died} { // few, since each file takes the library an encoder a page
				c := testConfig(t.TempDir())
				c.RotateEvery = every
				ds := timed("a", n)
				s := open(t, c, pipeline.StreamMeta{Run: "a"})
				if err := errors.Join(s.Write(t.Context(), ds[:died]), s.Commit(t.Context())); err != nil {
					t.Fatal(err)
				}
				if stopped {
					settled := timed(pipeline.StoppedRun("a", 5), died+1)[died:]
					if err := errors.Join(s.Write(t.Context(), settled), s.Close(t.Context())); err != nil {
						t.Fatal(err)
					}
				} else {
					die(t, s)
				}
				s = open(t, c, pipeline.StreamMeta{Run: "a", NextSeq: uint64(next), Resumed: true})
				if err := errors.Join(s.Write(t.Context(), ds[next:]), s.Close(t.Context())); err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(numbers("a", n), all(t, filepath.Dir(c.Path))); d != "" {
					t.Errorf("rotation %v, stopped %t, %d rows written, resumed at %d: %s", every, stopped, died, next, d)
				}
			}
		}
	}
}

// What a killed run left another one completes, whatever the policy for whole files.
func TestAnotherRunCompletesWhatAKilledOneLeft(t *testing.T) {
	t.Parallel()
	for _, every := range []time.Duration{0, 300 * time.Millisecond} {
		c := testConfig(t.TempDir())
		c.RotateEvery = every
		s := open(t, c, pipeline.StreamMeta{Run: "a"})
		if err := s.Write(t.Context(), timed("a", 8)); err != nil {
			t.Fatal(err)
		}
		die(t, s)
		refusing := c
		refusing.OnExist = outfile.OnRefuse
		err := newSink(refusing, component.Env{Name: "left"}).Open(t.Context(), pipeline.StreamMeta{Run: "b"})
		if !errors.Is(err, outfile.ErrExists) {
			t.Errorf("rotation %v: %v", every, err)
		}
		save(t, c, "b", 3)
		want := append(numbers("a", 8), numbers("b", 3)...)
		if d := cmp.Diff(want, all(t, filepath.Dir(c.Path))); d != "" {
			t.Errorf("rotation %v: %s", every, d)
		}
	}
}

// A run that died between a file's name and the removal of its rows left both.
func TestAFileThatIsWholeIsNotWrittenTwice(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	s := open(t, c, pipeline.StreamMeta{Run: "a"})
	if err := s.Write(t.Context(), of("a", 4)); err != nil {
		t.Fatal(err)
	}
	path := outfile.Path(c.Path, "left")
	left, err := os.ReadFile(path + beside)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(t.Context()), os.WriteFile(path+beside, left, 0o600)); err != nil {
		t.Fatal(err)
	}
	save(t, c, "b", 1)
	if d := cmp.Diff(append(numbers("a", 4), "b 000"), all(t, filepath.Dir(c.Path))); d != "" {
		t.Error(d)
	}
}

func TestRowsAreRepaired(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	save(t, c, "before", 2)
	path := outfile.Path(c.Path, "left")
	s := open(t, c, pipeline.StreamMeta{Run: "a"}) // sets the first aside
	if err := s.Write(t.Context(), of("a", 4)); err != nil {
		t.Fatal(err)
	}
	die(t, s)
	if !IsRows(path+beside) || IsRows(path) {
		t.Error("what rows are")
	}
	got, n, err := Repair(path + beside)
	if err != nil || got != path || n != 4 {
		t.Errorf("%s, %d rows, %v", got, n, err)
	}
	if d := cmp.Diff(append(numbers("a", 4), numbers("before", 2)...), all(t, filepath.Dir(c.Path))); d != "" {
		t.Error(d)
	}
	if err := os.WriteFile(path+beside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, n, err := Repair(path + beside); n != 0 || err != nil {
		t.Errorf("%d rows of nothing, %v", n, err)
	}
}

// A file of somebody else that bears the name of rows stays as it is.
func TestForeignRowsAreRefusedAndKept(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	path := outfile.Path(c.Path, "left") + beside
	if err := os.WriteFile(path, []byte("my notes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := newSink(c, component.Env{Name: "left"}).Open(t.Context(), pipeline.StreamMeta{Run: "a"}); !errors.Is(err, outfile.ErrForeign) {
		t.Errorf("%v", err)
	}
	if _, _, err := Repair(path); !errors.Is(err, outfile.ErrForeign) {
		t.Errorf("repair: %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "my notes\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestWhatGoesAwayIsMadeAgainOrCounted harms the files of a sink between two writes.
func TestWhatGoesAwayIsMadeAgainOrCounted(t *testing.T) {
	t.Parallel()
	remove := func(suffix ...string) func(string) error {
		return func(path string) (err error) {
			for _, s := range suffix {
				err = errors.Join(err, os.Remove(path+s))
			}
			return err
		}
	}
	cut := func(suffix string) func(string) error {
		return func(path string) error { return os.Truncate(path+suffix, 100) }
	}
	for name, c := range map[string]struct {
		harm func(path string) error
		lost int
	}{
		"the file is removed":         {remove(unfinished), 0},
		"the rows are removed":        {remove(beside), 0},
		"both are removed":            {remove(unfinished, beside), 0},
		"the file is cut":             {cut(unfinished), 0},
		"the rows are moved":          {func(path string) error { return os.Rename(path+beside, path+".taken") }, 0},
		"all rows but a byte are cut": {cut(beside), 40},
		"nothing is done":             {remove(), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := testConfig(t.TempDir())
			config.GroupRows = 20 // so that it is more than nothing
			s := open(t, config, pipeline.StreamMeta{Run: "a"})
			path, ds := outfile.Path(config.Path, "left"), of("a", 50)
			if err := errors.Join(s.Write(t.Context(), ds[:40]), c.harm(path)); err != nil {
				t.Fatal(err)
			}
			lost := 0
			if gone, ok := errors.AsType[*pipeline.LostError](s.Check(t.Context())); ok {
				lost = gone.Lost
			}
			if harmed := strings.Contains(name, "file") || strings.Contains(name, "both"); harmed && s.part.table != nil {
				t.Error("nobody noticed")
			}
			if err := errors.Join(s.Write(t.Context(), ds[40:]), s.Check(t.Context()), s.Close(t.Context())); err != nil {
				t.Fatal(err)
			}
			if n := len(rowsOf(t, path)); lost != c.lost || n != 50-lost {
				t.Errorf("%d lost, %d rows, want %d lost", lost, n, c.lost)
			}
		})
	}
}

// full are rows on a disk that takes no more than room bytes.
type full struct {
	rowsFile
	room int
}

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	n, err := f.rowsFile.Write(p[:min(len(p), f.room)])
	if f.room -= n; err == nil && n < len(p) {
		err = errFull
	}
	return n, err
}

func TestAFullDiskLeavesWholeRowsAndCountsTheRest(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	c.GroupRows = 5
	s := open(t, c, pipeline.StreamMeta{Run: "a"})
	ds := of("a", 30)
	if err := s.Write(t.Context(), ds[:1]); err != nil {
		t.Fatal(err)
	}
	each := int(s.part.rows.size)
	disk := &full{s.part.rows.f, 2*each + each/2 + 100}
	s.part.rows.f = disk
	err := s.Write(t.Context(), ds[1:12])
	partial, ok := errors.AsType[*pipeline.PartialWriteError](err)
	if !ok || partial.Written < 1 || partial.Written > 3 || !errors.Is(err, errFull) {
		t.Fatalf("%v", err)
	}
	disk.room = 1 << 20
	s.part.table.to.err = errFull // the file's disk is full, that of the rows is not
	if err := s.Write(t.Context(), ds[12:]); err != nil {
		t.Fatal(err)
	}
	if s.part.table != nil {
		t.Error("the file is still written")
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(rowsOf(t, outfile.Path(c.Path, "left"))); n != 1+partial.Written+18 {
		t.Errorf("%d rows, want %d", n, 1+partial.Written+18)
	}
}

// Where the file cannot be made, its rows stay for the next run.
func TestRowsOutliveAFileThatCannotBeMade(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	s := open(t, c, pipeline.StreamMeta{Run: "a"})
	if err := s.Write(t.Context(), of("a", 4)); err != nil {
		t.Fatal(err)
	}
	path := outfile.Path(c.Path, "left")
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err == nil || !strings.Contains(err.Error(), "its rows stay in") {
		t.Errorf("%v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	save(t, c, "b", 1)
	if d := cmp.Diff(append(numbers("a", 4), "b 000"), all(t, filepath.Dir(c.Path))); d != "" {
		t.Error(d)
	}
}

// A folder in which no file can be made is told at the start, not with each row.
func TestAFolderThatTakesNoFileIsRefusedAtOpen(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("wants a folder that takes no file, whoever asks")
	}
	c := testConfig(t.TempDir())
	c.Path = "/proc/d.parquet"
	if err := newSink(c, component.Env{Name: "left"}).Open(t.Context(), pipeline.StreamMeta{Run: "a"}); err == nil {
		t.Error("it was opened")
	}
}
