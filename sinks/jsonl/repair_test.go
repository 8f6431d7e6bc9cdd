package jsonl

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

func TestATornLastLineIsCutAndNothingElse(t *testing.T) {
	t.Parallel()
	const whole = `{"run":"a","seq":0}` + "\n" + `{"run":"a","seq":1}` + "\n"
	for text, c := range map[string]struct {
		left string
		cut  int64
		err  string
	}{
		"":                         {"", 0, ""},
		whole:                      {whole, 0, ""},
		whole + `{`:                {whole, 1, ""},
		whole + `{"run":"a","s`:    {whole, 13, ""},
		`{"run`:                    {"", 5, ""},
		whole + "my diary":         {whole + "my diary", 0, "the line at byte 40 is not a detection"},
		strings.Repeat("x", 1<<17): {strings.Repeat("x", 1<<17), 0, "is not a detection"},
	} {
		path := filepath.Join(t.TempDir(), "out.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cut, err := Repair(path)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) || err != nil &&
			!strings.Contains(err.Error(), path) {
			t.Errorf("%.40q: error %v, want %q", text, err, c.err)
		}
		left, readErr := os.ReadFile(path)
		if readErr != nil || string(left) != c.left || cut != c.cut {
			t.Errorf("%.40q: %d bytes cut, %.40q left (%v)", text, cut, left, readErr)
		}
	}
	if _, err := Repair(t.TempDir()); err == nil {
		t.Error("a folder was repaired")
	}
}

func TestAnEmptyPathIsRefused(t *testing.T) {
	t.Parallel()
	if err := (config{}).Validate(); err == nil || err.Error() != "path is empty" {
		t.Errorf("error %v", err)
	}
	if err := (config{Path: dash}).Validate(); err != nil {
		t.Error(err)
	}
}

// stiff is a file of which one operation fails.
type stiff struct {
	outfile.File
	fails string
}

var errStiff = errors.New("the disk is stiff")

func (f stiff) Truncate(size int64) error {
	if f.fails == "truncate" {
		return errStiff
	}
	return f.File.Truncate(size)
}

func (f stiff) Seek(at int64, whence int) (int64, error) {
	if f.fails == "seek" {
		return 0, errStiff
	}
	return f.File.Seek(at, whence)
}

func (f stiff) Sync() error {
	if f.fails == "sync" {
		return errStiff
	}
	return f.File.Sync()
}

func (f stiff) Close() error { return errors.Join(f.File.Close(), errStiff) }

func TestWhatADiskRefusesIsTold(t *testing.T) {
	t.Parallel()
	for _, fails := range []string{"truncate", "seek", "sync", "close"} {
		f, err := os.Create(filepath.Join(t.TempDir(), "out.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		out, err := newFile(stiff{f, fails}, "", "", 0, nil)
		if begun := fails == "sync" || fails == "close"; (err == nil) != begun || err != nil && !errors.Is(err, errStiff) {
			t.Errorf("%s: begun with %v", fails, err)
		}
		s := &sink{form: jsonLines, path: "out.jsonl", out: out}
		err = s.Commit(t.Context())
		if (err != nil) != (fails == "sync") || err != nil && err.Error() != "out.jsonl: "+errStiff.Error() {
			t.Errorf("%s: committed with %v", fails, err)
		}
		if err := s.Close(t.Context()); !errors.Is(err, errStiff) {
			t.Errorf("%s: closed with %v", fails, err)
		}
	}
}

// readerAt fails from an offset on.
type readerAt struct {
	*strings.Reader
	from int64
}

func (r readerAt) ReadAt(p []byte, at int64) (int, error) {
	if at >= r.from {
		return 0, errStiff
	}
	return r.Reader.ReadAt(p, at)
}

func TestWhatCannotBeReadIsTold(t *testing.T) {
	t.Parallel()
	text := strings.Repeat(strings.Repeat("y", 999)+"\n", 200) // over three windows
	lines, end, err := wholeLines(strings.NewReader(text+"torn"), int64(len(text)+4))
	if lines != 200 || end != int64(len(text)) || err != nil {
		t.Errorf("%d lines to byte %d: %v", lines, end, err)
	}
	lines, end, err = wholeLines(readerAt{strings.NewReader(text), window}, int64(len(text)))
	if lines != window/1000 || end != window/1000*1000 || !errors.Is(err, errStiff) {
		t.Errorf("%d lines to byte %d: %v", lines, end, err)
	}
	if _, _, err := wholeLines(strings.NewReader(text), int64(len(text)+1)); !errors.Is(err, io.EOF) {
		t.Errorf("a file that became shorter: %v", err)
	}
	b := backward{form: jsonLines, r: readerAt{strings.NewReader(text), 0}, end: 2000, buf: make([]byte, window)}
	if err := b.dropTorn(); !errors.Is(err, errStiff) {
		t.Errorf("error %v", err)
	}
	if _, err := b.line(); !errors.Is(err, errStiff) {
		t.Errorf("error %v", err)
	}
	if _, err := b.first(); !errors.Is(err, errStiff) {
		t.Errorf("error %v", err)
	}
	b = backward{form: jsonLines, r: strings.NewReader(text), end: 500, buf: make([]byte, window)}
	if _, err := b.first(); !errors.Is(err, outfile.ErrForeign) {
		t.Errorf("a first line without an end: %v", err)
	}
}

// A reader that stopped reading is told of once it has held a write, and every write
// after that one is refused at once.
func TestARelayThatStallsStaysStalled(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	released := false
	relay := newRelay(w, func() error { released = true; return w.Close() })
	s := &sink{form: jsonLines, path: "pipe", out: relay}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStiff)
	var partial *pipeline.PartialWriteError
	// More than a pipe holds, so that the write cannot end before it is read.
	for range 3 {
		if err = s.Write(ctx, detections(2000)); err != nil {
			break
		}
	}
	if !errors.As(err, &partial) || !errors.Is(err, errStiff) {
		t.Fatalf("error %v", err)
	}
	if err := s.Write(t.Context(), detections(1)); !errors.Is(err, errStalled) {
		t.Errorf("error %v", err)
	}
	if err := errors.Join(s.Check(t.Context()), s.Commit(t.Context())); err != nil {
		t.Errorf("a pipe has nothing to look after: %v", err)
	}
	go io.Copy(io.Discard, r) //nolint:errcheck // ends with the pipe
	if err := s.Close(t.Context()); err != nil || !released {
		t.Errorf("closed with %v, released %t", err, released)
	}
}

func TestAFileThatIsToBeRefusedOrReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	if err := runInto(t, path, outfile.OnRotate, "1111111111111111", detections(3)); err != nil {
		t.Fatal(err)
	}
	s := newSink(config{Path: path, OnExist: outfile.OnRefuse}, jsonLines, component.Env{}, os.Stdout)
	if err := s.Open(t.Context(), pipeline.StreamMeta{Run: "2222222222222222"}); !errors.Is(err, outfile.ErrExists) ||
		!strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	if err := s.Precheck(); err != nil {
		t.Error(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := runInto(t, path, outfile.OnReplace, "3333333333333333", detections(2)); err != nil {
		t.Fatal(err)
	}
	if n := len(read(t, path)); n != 2 {
		t.Errorf("%d lines where two replaced three", n)
	}
}

// A file in the place of the one that is written is left as it is, behind its end.
func TestAFileThatSomebodyPutInTheWayIsContinued(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	s := open(t, path)
	all := detections(6)
	if err := s.Write(t.Context(), all[:3]); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), all[3:4]); err != nil { // since it was last seen
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	var lost *pipeline.LostError
	if err := s.Check(t.Context()); !errors.As(err, &lost) || lost.Lost != 3 || !errors.Is(err, outfile.ErrGone) {
		t.Errorf("error %v", err)
	}
	if got := read(t, path); len(got) != 1 || got[0].Seq != 3 {
		t.Errorf("%d lines, of which the last was late", len(got))
	}
	// Where nothing can be put, that is told and what follows is written to the old file.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err == nil {
		t.Error("a folder in the file's place was not told")
	}
	if err := s.Write(t.Context(), all[4:]); err != nil {
		t.Error(err)
	}
	if err := s.Close(t.Context()); err == nil {
		t.Error("a folder in the file's place was not told at the end")
	}
}
