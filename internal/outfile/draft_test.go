package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// names are what a folder holds.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// draft begins one with something in it.
func draft(t *testing.T, path string) *Draft {
	t.Helper()
	d, err := NewDraft(path)
	if err == nil {
		_, err = d.Write([]byte("new"))
	}
	if err == nil && d.Regular() {
		_, err = d.WriteAt([]byte("N"), 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAFileIsWholeUnderItsNameOrWhatItWas(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{false, true} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.raw")
		old := ""
		if before {
			old = "a.raw"
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d := draft(t, path)
		if err := errors.Join(d.Discard(), d.Discard(), d.Close()); err != nil || names(t, dir) != old {
			t.Errorf("given up: %v, %q", err, names(t, dir))
		}
		d = draft(t, path)
		if err := d.f.Close(); err != nil { // the device goes away
			t.Fatal(err)
		}
		_, err := d.Write([]byte("more"))
		if err == nil || !strings.Contains(err.Error(), "write "+path+": ") || !strings.HasSuffix(err.Error(), "; nothing of it is kept") {
			t.Errorf("a failure is told as %v", err)
		}
		if closed := d.Close(); !errors.Is(closed, err) || names(t, dir) != old {
			t.Errorf("after a failure: %v, %q", closed, names(t, dir))
		}
		if before && content(t, path) != "old" {
			t.Errorf("it was old and is %q", content(t, path))
		}
		d = draft(t, path)
		if before && content(t, path) != "old" {
			t.Error("it is another one before it is whole")
		}
		if err := errors.Join(d.Close(), d.Close(), d.Discard()); err != nil || names(t, dir) != "a.raw" || content(t, path) != "New" {
			t.Errorf("closed: %v, %q", err, names(t, dir))
		}
		info, err := os.Stat(path)
		if want := map[bool]fs.FileMode{false: 0o644, true: 0o600}[before]; err != nil || info.Mode().Perm() != want {
			t.Errorf("mode %v, want %v: %v", info.Mode(), want, err)
		}
	}
}

func TestALinkStaysOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, there := range []bool{false, true} {
		link, target := filepath.Join(dir, "link"), filepath.Join(dir, "target")
		if !there {
			if err := os.Symlink("target", link); err != nil {
				t.Fatal(err)
			}
		}
		if err := draft(t, link).Close(); err != nil || content(t, target) != "New" || names(t, dir) != "link target" {
			t.Errorf("%v, %s", err, names(t, dir))
		}
		if info, err := os.Lstat(link); err != nil || info.Mode().Type() != fs.ModeSymlink {
			t.Errorf("the link became a file: %v", err)
		}
	}
}

func TestADraftThatCannotBeginSaysWhy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	locked := filepath.Join(dir, "locked")
	if err := os.WriteFile(locked, nil, 0o444); err != nil {
		t.Fatal(err)
	}
	absent := filepath.Join(dir, "none", "a")
	for path, want := range map[string]string{dir: "is a folder", locked: "permission denied", absent: "no such file"} {
		if d, err := NewDraft(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %q", path, d, err, want)
		}
	}
	if names(t, dir) != "locked" {
		t.Errorf("left behind: %s", names(t, dir))
	}
}

func TestADeviceIsWrittenAsItIs(t *testing.T) {
	t.Parallel()
	d := draft(t, os.DevNull)
	if d.Regular() {
		t.Error("a device is a regular file")
	}
	if err := errors.Join(d.Close(), d.Discard()); err != nil {
		t.Error(err)
	}
	if err := draft(t, os.DevNull).Discard(); err != nil {
		t.Error(err)
	}
}
