package arrow

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
