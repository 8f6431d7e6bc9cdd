package jsonl

import (
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
)

// table writes detections of a run to a file, from a number on.
func table(t *testing.T, c config, m pipeline.StreamMeta, ds []pipeline.Detection) {
	t.Helper()
	s := newSink(c, csvLines, component.Env{Name: "left"}, os.Stdout)
	if err := s.Open(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), ds); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func cells(t *testing.T, path string) [][]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return rows
}

func runOf(run string, ds []pipeline.Detection) []pipeline.Detection {
	for i := range ds {
		ds[i].Run = run
	}
	return ds
}

func TestATableHasAHeadAndALineADetection(t *testing.T) {
	t.Parallel()
	c := config{Path: filepath.Join(t.TempDir(), "{name}.csv"), OnExist: outfile.OnRotate}
	ds := runOf("a", detections(3))
	ds[1].Label = "a, \"b\"\nc"
	table(t, c, pipeline.StreamMeta{Run: "a"}, ds)
	rows := cells(t, outfile.Path(c.Path, "left"))
	if len(rows) != 4 || rows[0][0] != "stream" || rows[1][csvSeq] != "0" || rows[3][csvRun] != "a" {
		t.Errorf("%q", rows)
	}
	if got := rows[2][column("label")]; got != `a, "b" c` {
		t.Errorf("label %q", got)
	}
	if x0, unknown := rows[1][column("x0")], rows[1][column("direction_deg")]; x0 != "1.5" || unknown != "" {
		t.Errorf("x0 %q, direction %q", x0, unknown)
	}
}

func TestATableResumesBehindItsCheckpointWithOneHead(t *testing.T) {
	t.Parallel()
	c := config{Path: filepath.Join(t.TempDir(), "d.csv"), OnExist: outfile.OnRotate}
	ds := runOf("a", detections(9))
	table(t, c, pipeline.StreamMeta{Run: "a"}, ds[:6])
	whole, err := os.ReadFile(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) + 1 { // wherever a kill has left it
		if err := os.WriteFile(c.Path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		kept := max(0, strings.Count(string(whole[:cut]), "\n")-1)
		from := min(kept, 4)
		table(t, c, pipeline.StreamMeta{Run: "a", Resumed: true, NextSeq: uint64(from)}, ds[from:])
		rows := cells(t, c.Path)
		if len(rows) != 10 || rows[9][csvSeq] != "8" || rows[0][csvSeq] != "seq" {
			t.Fatalf("cut at %d: %d rows", cut, len(rows))
		}
	}
}

func TestAnotherTableIsSetAsideAndAForeignOneRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := config{Path: filepath.Join(dir, "d.csv"), OnExist: outfile.OnRotate}
	table(t, c, pipeline.StreamMeta{Run: "a"}, runOf("a", detections(2)))
	table(t, c, pipeline.StreamMeta{Run: "b"}, runOf("b", detections(3)))
	parts, _ := filepath.Glob(filepath.Join(dir, "*.csv"))
	if len(parts) != 2 || len(cells(t, c.Path)) != 4 {
		t.Errorf("%v", parts)
	}
	for _, text := range []string{"x,y\n1,2\n", csvLines.head + "1,2\n"} {
		if err := os.WriteFile(c.Path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := newSink(c, csvLines, component.Env{}, os.Stdout)
		if err := s.Open(t.Context(), pipeline.StreamMeta{Run: "c"}); err == nil || !strings.Contains(err.Error(), "something else") {
			t.Errorf("%q: %v", text, err)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestATableThatIsCutOrRemovedBeginsAgainWithItsHead(t *testing.T) {
	t.Parallel()
	c := config{Path: filepath.Join(t.TempDir(), "d.csv"), OnExist: outfile.OnRotate}
	for name, harm := range map[string]func() error{
		"cut":     func() error { return os.Truncate(c.Path, 0) },
		"removed": func() error { return os.Remove(c.Path) },
	} {
		s := newSink(c, csvLines, component.Env{}, os.Stdout)
		if err := s.Open(t.Context(), pipeline.StreamMeta{Run: name}); err != nil {
			t.Fatal(err)
		}
		ds := runOf(name, detections(4))
		if err := s.Write(t.Context(), ds[:2]); err != nil {
			t.Fatal(err)
		}
		if err := harm(); err != nil {
			t.Fatal(err)
		}
		_ = s.Check(t.Context()) // it tells of what is lost
		if err := s.Write(t.Context(), ds[2:]); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rows := cells(t, c.Path); rows[0][0] != "stream" || rows[len(rows)-1][csvSeq] != "3" {
			t.Errorf("%s: %q", name, rows)
		}
	}
}

func TestATableToAPipeBeginsWithItsHead(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := newSink(config{Path: dash}, csvLines, component.Env{}, w)
	if err := s.Open(t.Context(), pipeline.StreamMeta{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), detections(1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil || !strings.HasPrefix(string(text), csvLines.head) || strings.Count(string(text), "\n") != 2 {
		t.Errorf("%v: %q", err, text)
	}
}

func TestATornTableIsRepaired(t *testing.T) {
	t.Parallel()
	c := config{Path: filepath.Join(t.TempDir(), "d.csv"), OnExist: outfile.OnRotate}
	table(t, c, pipeline.StreamMeta{Run: "a"}, runOf("a", detections(2)))
	f, err := os.OpenFile(c.Path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("left,1,01"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if cut, err := Repair(c.Path); err != nil || cut != 9 {
		t.Errorf("%d bytes, %v", cut, err)
	}
	if rows := cells(t, c.Path); len(rows) != 3 {
		t.Errorf("%q", rows)
	}
}

func TestTheTableKeepsItsContract(t *testing.T) {
	t.Parallel()
	if err := CSV().Check(); err != nil {
		t.Error(err)
	}
	pipelinetest.Sink(t, pipelinetest.SinkCase{New: func() (pipeline.Sink, error) {
		return newSink(config{Path: filepath.Join(t.TempDir(), "d.csv")}, csvLines, component.Env{Name: "left"}, os.Stdout), nil
	}})
}
