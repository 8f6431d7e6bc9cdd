package outfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestThePipelinesNameTakesThePlaceOfItsMark(t *testing.T) {
	t.Parallel()
	if got, want := Path("out/{name}/{name}.jsonl", "left"), "out/left/left.jsonl"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCreateMakesParentsAndEmptiesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "b", "c.txt")
	for _, text := range []string{"a long first text", "short"} {
		f, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("got %q, %v, want %q", got, err, text)
		}
	}
}

func TestASecondWriterIsRefusedAndHarmsNothing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no flock here")
	}
	path := filepath.Join(t.TempDir(), "out.txt")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("kept"); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path); !errors.Is(err, ErrTaken) {
		t.Errorf("got %v, want ErrTaken", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "kept" {
		t.Errorf("the first writer's file now holds %q", got)
	}
	f.Close()
	again, err := Create(path)
	if err != nil {
		t.Fatalf("after the first writer closed: %v", err)
	}
	again.Close()
}

func TestUnusablePathsGiveErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"a folder":             dir,
		"a file as a parent":   filepath.Join(file, "x"),
		"an empty path":        "",
		"a byte no path bears": dir + "/a\x00b",
	} {
		if f, err := Create(path); err == nil {
			f.Close()
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAFileIsReplacedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "model")
	put := func(text string, failure error) error {
		return Replace(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, failure)
		})
	}
	if err := put("first", nil); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := put("sec", broken); !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
	if b, err := os.ReadFile(path); string(b) != "first" {
		t.Errorf("after a failure the file holds %q, %v", b, err)
	}
	if err := put("second", nil); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); string(b) != "second" {
		t.Errorf("the file holds %q, %v", b, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
