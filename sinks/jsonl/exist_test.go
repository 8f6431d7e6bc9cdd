package jsonl

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// runInto writes detections as a run of their own and returns why it did not
// begin.
func runInto(t *testing.T, path, onExist, run string, d []pipeline.Detection) error {
	t.Helper()
	s := newSink(config{Path: path, OnExist: onExist}, jsonLines, component.Env{Log: slog.New(slog.DiscardHandler)}, os.Stdout)
	for i := range d {
		d[i].Run = run
	}
	if err := s.Open(context.Background(), pipeline.StreamMeta{Run: run}); err != nil {
		return err
	}
	if err := s.Write(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	return s.Close(context.Background())
}

func TestAnotherRunKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]struct{ here, aside int }{
		outfile.OnRotate: {20, 10}, outfile.OnAppend: {30, 0}, outfile.OnRefuse: {10, 0},
		outfile.OnReplace: {20, 0}, // the control: what was there is lost
	} {
		t.Run(mode, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out.jsonl")
			if err := runInto(t, path, mode, "1111111111111111", detections(10)); err != nil {
				t.Fatal(err)
			}
			err := runInto(t, path, mode, "2222222222222222", detections(20))
			if errors.Is(err, outfile.ErrExists) != (mode == outfile.OnRefuse) {
				t.Fatal(err)
			}
			if got := len(read(t, path)); got != want.here {
				t.Errorf("%d lines, want %d", got, want.here)
			}
			aside, err := filepath.Glob(filepath.Join(filepath.Dir(path), "out-1111111111111111-*.jsonl"))
			if err != nil || len(aside) > 0 != (want.aside > 0) {
				t.Fatal(aside, err)
			}
			if len(aside) > 0 && len(read(t, aside[0])) != want.aside {
				t.Errorf("%d lines set aside, want %d", len(read(t, aside[0])), want.aside)
			}
		})
	}
}

func TestARepeatedRunWritesNothingTwice(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	for range 3 {
		if err := runInto(t, path, outfile.OnRotate, "1111111111111111", detections(10)); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(read(t, path)); got != 10 {
		t.Errorf("%d lines of three equal runs", got)
	}
}

func TestAFileThatGoesAwayIsBegunAgainAndCounted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		harm func(path string) error
		lost int // of the ten lines before
		left int // lines at the path once ten more are written
	}{
		"moved":     {func(p string) error { return os.Rename(p, p+".1") }, 0, 10}, // the control: nothing is lost
		"removed":   {os.Remove, 10, 10},
		"truncated": {func(p string) error { return os.Truncate(p, 0) }, 10, 10},
		"intact":    {func(string) error { return nil }, 0, 20},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out.jsonl")
			s := open(t, path)
			all := detections(20)
			if err := s.Write(context.Background(), all[:10]); err != nil {
				t.Fatal(err)
			}
			if err := s.Check(context.Background()); err != nil {
				t.Fatal(err)
			}
			if err := c.harm(path); err != nil {
				t.Fatal(err)
			}
			lost := 0
			if gone, ok := errors.AsType[*pipeline.LostError](s.Check(context.Background())); ok {
				lost = gone.Lost
			}
			if lost != c.lost {
				t.Errorf("%d lines are told to be lost, want %d", lost, c.lost)
			}
			if err := s.Write(context.Background(), all[10:]); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(context.Background()); err != nil {
				t.Error(err)
			}
			if got := len(read(t, path)); got != c.left {
				t.Errorf("%d lines are there, want %d", got, c.left)
			}
		})
	}
}
