package arrow

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/pipeline"
)

// openAt opens a sink to continue with detection next.
func openAt(t *testing.T, c Config, next uint64) *Sink {
	t.Helper()
	s, err := New(c, env())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Open(t.Context(), pipeline.StreamMeta{NextSeq: next, Resumed: true}); err != nil {
		t.Fatal(err)
	}
	return s
}

func commit(t *testing.T, s *Sink) {
	t.Helper()
	if err := s.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAResumedFileIsTheOneOfARunThatNeverStopped(t *testing.T) {
	t.Parallel()
	all := detections(60)
	for _, format := range []string{formatFile, formatStream} {
		for _, at := range []int{1, 16, 20, 33} {
			dir := t.TempDir()
			c := config(filepath.Join(dir, "once.arrow"))
			c.Format, c.BatchRows = format, 16
			once := open(t, c)
			write(t, once, all[:at])
			commit(t, once)
			write(t, once, all[at:])
			closeSink(t, once)

			c.Path = filepath.Join(dir, "twice.arrow")
			first := open(t, c)
			write(t, first, all[:at])
			commit(t, first)
			write(t, first, all[at:at+20]) // behind the checkpoint: to be removed
			closeSink(t, first)
			second := openAt(t, c, uint64(at))
			write(t, second, all[at:])
			closeSink(t, second)

			a, err := os.ReadFile(filepath.Join(dir, "once.arrow"))
			if err != nil {
				t.Fatal(err)
			}
			if b, err := os.ReadFile(c.Path); err != nil || !bytes.Equal(a, b) {
				t.Errorf("%s resumed at %d: %d bytes, never stopped %d: %v", format, at, len(b), len(a), err)
			}
			same(t, read(t, c.Path), viaJSON(t, all))
		}
	}
}

func TestCommitMakesEveryRowReadable(t *testing.T) {
	t.Parallel()
	c := config(filepath.Join(t.TempDir(), "d.arrow"))
	s := open(t, c)
	all := detections(5)
	write(t, s, all)
	if rows, _ := ReadDetections(c.Path); len(rows) != 0 {
		t.Error("rows are readable without Commit: the test shows nothing")
	}
	commit(t, s)
	same(t, read(t, c.Path), viaJSON(t, all))
	closeSink(t, s)
}

func TestResumingGoesOnWithAFileThatMissesRows(t *testing.T) {
	t.Parallel()
	c := config(filepath.Join(t.TempDir(), "d.arrow"))
	s := openAt(t, c, 7) // no such file yet
	all := detections(9)
	write(t, s, all[7:])
	closeSink(t, s)
	same(t, read(t, c.Path), viaJSON(t, all[7:]))
}

func TestFilesThatCannotBeResumedAreRefusedAndKept(t *testing.T) {
	t.Parallel()
	c := config(filepath.Join(t.TempDir(), "d.arrow"))
	s := open(t, c)
	write(t, s, detections(9))
	closeSink(t, s)
	foreign := strings.Repeat("no Arrow file\n", 1000)
	ours, err := os.ReadFile(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	for want, before := range map[string][]byte{
		"holds detections 0 to 8, the checkpoint lies before 4": ours,
		"something else than detections":                        []byte(foreign),
	} {
		if err := os.WriteFile(c.Path, before, 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := New(c, env())
		if err != nil {
			t.Fatal(err)
		}
		err = s.Open(t.Context(), pipeline.StreamMeta{NextSeq: 4, Resumed: true})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
		if after, _ := os.ReadFile(c.Path); !bytes.Equal(before, after) {
			t.Error("the file has changed")
		}
	}
}
