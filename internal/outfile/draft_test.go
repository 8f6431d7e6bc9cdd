package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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

func TestACompleteDraftIsSettled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, b := range map[string]string{"film.part": "new", "film.mp4": "old"} {
		if err := os.WriteFile(at(name), []byte(b), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Settle(at("film.part"), at("film.mp4")); err != nil || names(t, dir) != "film.mp4" || content(t, at("film.mp4")) != "new" {
		t.Errorf("%v, %s", err, names(t, dir))
	}
	if err := Settle(at("film.part"), at("film.mp4")); !errors.Is(err, fs.ErrNotExist) || content(t, at("film.mp4")) != "new" {
		t.Errorf("a draft that is not there: %v", err)
	}
	if err := os.Mkdir(at("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Settle(at("film.mp4"), at("folder")); err == nil || content(t, at("film.mp4")) != "new" {
		t.Errorf("a name that is a folder's: %v", err)
	}
}

// Of what lies beside a path only its parts are listed, by run and number.
func TestPartsAreListedByRunAndNumber(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "motion.arrow")
	want := []NamedPart{
		{Part(path, "", 7), "", 7}, {Part(path, "a-b", 0), "a-b", 0}, {Part(path, "a-b", 12), "a-b", 12}, {Part(path, "c", 5), "c", 5},
	}
	for _, p := range []string{want[3].Path, want[2].Path, want[1].Path, want[0].Path, Part(path, "c", 5) + ".rows", path,
		filepath.Join(dir, "motion-c-5.arrow"), filepath.Join(dir, "motion-c-00000000000x.arrow"),
		filepath.Join(dir, "other-c-000000000005.arrow"), filepath.Join(dir, "motion-000000000005.arrow")} {
		if err := os.WriteFile(p, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := Parts(path, ""); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if got, err := Parts(path, ".rows"); err != nil || len(got) != 1 || got[0].Path != want[3].Path+".rows" || got[0].First != 5 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := Parts(filepath.Join(dir, "none", "x.arrow"), ""); err != nil || len(got) > 0 {
		t.Errorf("of a folder that is not there: %v, %v", got, err)
	}
	if _, err := Parts(filepath.Join(path, "x.arrow"), ""); err == nil {
		t.Error("a file is listed as a folder")
	}
}
