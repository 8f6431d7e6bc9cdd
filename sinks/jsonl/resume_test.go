package jsonl

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// resume opens a sink at a path to continue with detection next, and returns what
// it logs.
func resume(t *testing.T, path string, next uint64) (*sink, *strings.Builder, error) {
	t.Helper()
	log := new(strings.Builder)
	s := newSink(config{Path: path}, jsonLines, component.Env{Log: slog.New(slog.NewTextHandler(log, nil))}, os.Stdout)
	return s, log, s.Open(context.Background(), pipeline.StreamMeta{NextSeq: next, Resumed: true})
}

func TestAResumedFileKeepsWhatTheCheckpointHasAndNothingElse(t *testing.T) {
	t.Parallel()
	all := detections(700) // several windows of the search
	path := filepath.Join(t.TempDir(), "out.jsonl")
	for _, next := range []int{0, 1, 2, 333, 699, 700} {
		s := open(t, path)
		if err := s.Write(context.Background(), all); err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		s, log, err := resume(t, path, uint64(next))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(read(t, path)); got != next {
			t.Errorf("kept %d lines, want %d", got, next)
		}
		if err := s.Write(context.Background(), all[next:]); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, read(t, path), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("resumed at %d: %s", next, diff)
		}
		if log.Len() > 0 {
			t.Errorf("resumed at %d: %s", next, log)
		}
	}
}

func TestAFileIsCutWhereverTheKillLeftIt(t *testing.T) {
	t.Parallel()
	all := detections(3)
	var text []byte
	var ends []int
	for i := range all {
		text = append(all[i].AppendJSON(text), '\n')
		ends = append(ends, len(text))
	}
	path := filepath.Join(t.TempDir(), "out.jsonl")
	for n := ends[0]; n <= len(text); n += 3 {
		if err := os.WriteFile(path, text[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		s, log, err := resume(t, path, 1)
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if got := read(t, path); len(got) != 1 || log.Len() > 0 {
			t.Errorf("%d bytes: kept %d lines, logged %q", n, len(got), log)
		}
		s.Close(context.Background())
	}
}

func TestAFileThatEndsBeforeTheCheckpointIsGoneOnWithAndTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	for _, text := range []string{"", `{"seq":3}` + "\n", `{"seq":3`} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		s, log, err := resume(t, path, 9)
		if err != nil || !strings.Contains(log.String(), "misses detections") {
			t.Errorf("%q: error %v, log %s", text, err, log)
		}
		s.Close(context.Background())
	}
}

func TestAFileThatHoldsSomethingElseIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	for _, text := range []string{"my diary\n", `{"a":1}` + "\n", strings.Repeat("x", 2*window), strings.Repeat("\n", 100)} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		s, _, err := resume(t, path, 9)
		if err == nil || !strings.Contains(err.Error(), "is not a detection") {
			t.Errorf("error %v", err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Error("the file has changed")
		}
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}
