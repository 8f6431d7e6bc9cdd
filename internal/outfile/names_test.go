package outfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// put makes a file with a text.
func put(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOneFileUnderTwoNamesIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	put(t, in("a"), "a")
	put(t, in("b"), "b")
	for link, target := range map[string]string{"soft": in("a"), "relative": "a", "nothing": in("missing"), "loop": "loop", "folder": dir} {
		if err := os.Symlink(target, in(link)); err != nil {
			t.Skip("no links here")
		}
	}
	if err := os.Link(in("a"), in("hard")); err != nil {
		t.Skip("no links here")
	}
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"one path", in("a"), in("a"), true},
		{"another file", in("a"), in("b"), false},
		{"a link", in("a"), in("soft"), true},
		{"a relative link", in("a"), in("relative"), true},
		{"a hard link", in("hard"), in("soft"), true},
		{"through a link to the folder", in("folder", "a"), in("a"), true},
		{"nothing yet", in("new"), in("new"), true},
		{"two that are not there", in("new"), in("other"), false},
		{"nothing yet, through a link to the folder", in("folder", "new"), in("new"), true},
		{"in folders that are not there", in("x", "y", "z"), in("folder", "x", "y", "z"), true},
		{"a link to nothing yet", in("nothing"), in("missing"), true},
		{"one that is there and one that is not", in("a"), in("new"), false},
		{"links in a circle", in("loop"), in("a"), false},
		{"folders", dir, dir, false},
		{"devices", os.DevNull, os.DevNull, false},
		{"standard streams", "-", "-", false},
		{"no path", "", "", false},
	} {
		if got := same(c.a, c.b); got != c.same {
			t.Errorf("%s: the same %t, want %t", c.name, got, c.same)
		}
	}
	a, b, soft := Named{"sinks.0.path", in("a")}, Named{"sinks.1.path", in("b")}, Named{"source.path", in("soft")}
	for _, c := range []struct {
		outputs, inputs []Named
		want            string
	}{
		{[]Named{a, b}, nil, ""},
		{[]Named{b}, []Named{soft}, ""},
		{[]Named{a, b}, []Named{soft}, "sinks.0.path: " + a.Path + " is source.path too, which writing would destroy"},
		{[]Named{b, a, {"sinks.2.path", in("hard")}}, nil, "sinks.2.path: " + in("hard") + " is written by sinks.0.path already"},
	} {
		if err := Distinct(c.outputs, c.inputs); (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%v from %v: %v, want %q", c.outputs, c.inputs, err, c.want)
		}
	}
}

func TestAFileIsSetAsideUnderItsRunAndReplacesNone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "motion.arrow")
	var names []string
	for i, run := range []string{"3f2a", "3f2a", "3f2a", ""} {
		put(t, path, string(rune('a'+i)))
		name, err := SetAside(path, run, 500)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(name))
	}
	want := "motion-3f2a-000000000500.arrow motion-3f2a-000000000500.2.arrow motion-3f2a-000000000500.3.arrow " +
		"motion-earlier-000000000500.arrow"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("names %s, want %s", got, want)
	}
	for i, name := range names {
		if b, err := os.ReadFile(filepath.Join(filepath.Dir(path), name)); err != nil || string(b) != string(rune('a'+i)) {
			t.Errorf("%s holds %q, %v", name, b, err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	if _, err := SetAside(path, "3f2a", 7); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestWhatBecameOfAFileIsSeen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(path string) error
		want   State
	}{
		"nothing":        {func(string) error { return nil }, Intact},
		"it grew":        {func(path string) error { return os.WriteFile(path, []byte("longer than before"), 0o600) }, Intact},
		"it was cut":     {func(path string) error { return os.Truncate(path, 3) }, Cut},
		"it was removed": {os.Remove, Removed},
		"it was renamed": {func(path string) error { return os.Rename(path, path+".old") }, Moved},
		"another took its name": {func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		}, Moved},
		"another replaced it": {func(path string) error {
			return errors.Join(os.WriteFile(path+".new", []byte("five!"), 0o600), os.Rename(path+".new", path))
		}, Removed},
	} {
		t.Run(name, func(t *testing.T) {
			path := put(t, filepath.Join(t.TempDir(), "out"), "five!")
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := c.change(path); err != nil {
				t.Fatal(err)
			}
			if got := Look(f, path, 5); got != c.want {
				t.Errorf("it %v, want it %v", got, c.want)
			}
		})
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if got := Look(w, "nowhere", 5); got != Intact {
		t.Errorf("a pipe %v", got)
	}
}

func TestWhereNoFileCanBeIsSaidBeforeOneIsMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := put(t, filepath.Join(dir, "file"), "")
	for path, want := range map[string]string{
		"-": "", file: "", filepath.Join(dir, "new"): "", filepath.Join(dir, "a", "b", "new"): "",
		dir: "is a folder", filepath.Join(file, "new"): "is not a folder", filepath.Join(file, "a", "new"): "is not a folder",
	} {
		err := Check(path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("looking made something: %v, %v", entries, err)
	}
}

func TestDevicesAreWrittenAsTheyAre(t *testing.T) {
	t.Parallel()
	for i, want := range []string{"is intact", "was moved", "was removed", "was truncated"} {
		if got := State(i).String(); got != want {
			t.Errorf("state %d: %q, want %q", i, got, want)
		}
	}
	wrote := false
	err := Replace(os.DevNull, func(w io.Writer) error {
		wrote = true
		_, err := io.WriteString(w, "gone")
		return err
	})
	if info, statErr := os.Stat(os.DevNull); err != nil || !wrote || statErr != nil || info.Mode().IsRegular() {
		t.Errorf("the null device after writing: %v, written %t", err, wrote)
	}
	f, err := Create(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Create(os.DevNull) // nobody holds it alone
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Close(), other.Close()); err != nil {
		t.Error(err)
	}
}
