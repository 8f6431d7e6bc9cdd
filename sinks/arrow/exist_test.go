package arrow

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

// rowsIn counts the rows of all files of a folder.
func rowsIn(t *testing.T, dir string) (files, rows int) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(dir, "*.arrow"))
	for _, name := range names {
		rows += len(libraryRead(t, name))
	}
	return len(names), rows
}

func TestAnotherRunKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]struct{ files, rows int }{
		outfile.OnRotate: {2, 16}, outfile.OnAppend: {1, 16}, outfile.OnReplace: {1, 7},
	} {
		dir := t.TempDir()
		c := config(filepath.Join(dir, "d.arrow"))
		c.OnExist = policy
		for _, run := range []struct {
			name string
			rows int
		}{{"a", 9}, {"b", 7}} {
			s := openRun(t, c, run.name)
			write(t, s, of(run.name, detections(run.rows)))
			closeSink(t, s)
		}
		if files, rows := rowsIn(t, dir); files != want.files || rows != want.rows {
			t.Errorf("%s: %d files with %d rows, want %v", policy, files, rows, want)
		}
	}
}

func TestARefusedRunLeavesTheFileAlone(t *testing.T) {
	t.Parallel()
	c := config(filepath.Join(t.TempDir(), "d.arrow"))
	c.OnExist = outfile.OnRefuse
	s := openRun(t, c, "a")
	write(t, s, of("a", detections(9)))
	closeSink(t, s)
	before, _ := os.ReadFile(c.Path)
	again, err := New(c, env())
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Open(t.Context(), pipeline.StreamMeta{Run: "b"}); !errors.Is(err, outfile.ErrExists) {
		t.Errorf("error %v", err)
	}
	closeSink(t, again)
	if after, _ := os.ReadFile(c.Path); !bytes.Equal(before, after) {
		t.Error("the file has changed")
	}
}

func TestARepeatedRunWritesNothingTwice(t *testing.T) {
	t.Parallel()
	for name, rotate := range map[string]int{"one file": 0, "a rotation": 4} {
		dir := t.TempDir()
		c := config(filepath.Join(dir, "d.arrow"))
		c.BatchRows, c.RotateRows = 3, rotate
		for _, n := range []int{5, 11, 8} { // cut off, whole, cut off again
			run := pipeline.RecordingRun(strings.Repeat("0", 32), "a")
			s := openRun(t, c, run)
			write(t, s, of(run, detections(n)))
			closeSink(t, s)
		}
		if _, rows := rowsIn(t, dir); rows != 11 {
			t.Errorf("%s: %d rows of 11", name, rows)
		}
	}
}

func TestAResumedRotationHasEachRowOnce(t *testing.T) {
	t.Parallel()
	all := detections(30)
	for _, run := range []string{"a", pipeline.RecordingRun(strings.Repeat("0", 32), "a"), "b-c-d"} {
		dir := t.TempDir()
		c := config(filepath.Join(dir, "d.arrow"))
		c.BatchRows, c.RotateRows = 3, 7
		s := openRun(t, c, run)
		write(t, s, of(run, all[:9]))
		commit(t, s)
		write(t, s, of(run, all[9:25])) // behind the checkpoint, with files of their own; then it is killed
		leave(t, s)
		s, err := New(c, env())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Open(t.Context(), pipeline.StreamMeta{Run: run, NextSeq: 9, Resumed: true}); err != nil {
			t.Fatal(err)
		}
		write(t, s, of(run, all[9:]))
		closeSink(t, s)
		if files, rows := rowsIn(t, dir); files != 5 || rows != len(all) {
			t.Errorf("%s: %d rows of %d in %d files", run, rows, len(all), files)
		}
	}
}

// A rotation by size or time, over midnight and over a clock that is set back, resumes to
// the files of a run that never stopped, wherever its checkpoint lies.
func TestAResumedRotationHasTheFilesOfOneThatNeverStopped(t *testing.T) {
	t.Parallel()
	all := detections(30)
	for i := range all {
		all[i].T = int64(i) * 3 * time.Hour.Microseconds()
		if i >= 20 {
			all[i].T -= 10 * time.Hour.Microseconds()
		}
	}
	for name, edit := range map[string]func(c *Config){
		"bytes": func(c *Config) { c.RotateBytes, c.BatchEvery = 2500, 1000*time.Hour },
		"a day": func(c *Config) { c.RotateEvery = 24 * time.Hour },
		"both":  func(c *Config) { c.RotateEvery, c.RotateBytes, c.RotateRows = 24*time.Hour, 4000, 7 },
	} {
		for at := 1; at < 25; at += 4 {
			written := func(kill bool) (map[string]int, int) {
				dir := t.TempDir()
				c := config(filepath.Join(dir, "d.arrow"))
				c.BatchRows = 3
				edit(&c)
				s := openRun(t, c, "a")
				write(t, s, of("a", all[:at]))
				commit(t, s)
				if kill {
					write(t, s, of("a", all[at:25]))
					leave(t, s)
					var err error
					if s, err = New(c, env()); err == nil {
						err = s.Open(t.Context(), pipeline.StreamMeta{Run: "a", NextSeq: uint64(at), Resumed: true})
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				write(t, s, of("a", all[at:]))
				closeSink(t, s)
				files, err := os.ReadDir(dir)
				if err != nil {
					t.Fatal(err)
				}
				sizes := map[string]int{}
				for _, f := range files {
					info, err := f.Info()
					if err != nil {
						t.Fatal(err)
					}
					sizes[f.Name()] = int(info.Size())
				}
				_, rows := rowsIn(t, dir)
				return sizes, rows
			}
			want, _ := written(false)
			got, rows := written(true)
			if d := cmp.Diff(want, got); d != "" || rows != len(all) || len(want) < 3 {
				t.Errorf("%s, a checkpoint after %d: %d rows of %d; -never stopped +resumed:\n%s", name, at, rows, len(all), d)
			}
		}
	}
}

// leave lets go of a sink's file as the death of its process does.
func leave(t *testing.T, s *Sink) {
	t.Helper()
	if s.seg == nil {
		return
	}
	if err := s.seg.f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAFileThatGoesAwayIsBegunAgainAndCounted(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]struct {
		do   func(path string) error
		lost int
		left int // rows of all files in the end
	}{
		"moved":     {func(p string) error { return os.Rename(p, filepath.Join(filepath.Dir(p), "away.arrow")) }, 0, 12},
		"removed":   {os.Remove, 8, 4},
		"truncated": {func(p string) error { return os.Truncate(p, 0) }, 8, 4},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c := config(filepath.Join(dir, "d.arrow"))
			c.BatchRows = 4
			all := detections(12)
			s := open(t, c)
			write(t, s, all[:8])
			if err := s.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := harm.do(c.Path); err != nil {
				t.Fatal(err)
			}
			lost := 0
			var e *pipeline.LostError
			if err := s.Check(t.Context()); errors.As(err, &e) {
				lost = e.Lost
			} else if err != nil {
				t.Fatal(err)
			}
			write(t, s, all[8:])
			closeSink(t, s)
			if _, rows := rowsIn(t, dir); rows != harm.left || lost != harm.lost {
				t.Errorf("%d rows left and %d counted as lost, want %d and %d", rows, lost, harm.left, harm.lost)
			}
		})
	}
}
