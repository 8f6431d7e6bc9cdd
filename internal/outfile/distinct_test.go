package outfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/outfile"
)

// Every way in which two names lead to one file is a collision, and no other is.
func TestOutputsThatAreOneFileWithAnotherAreRefused(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(at(name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(at("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"soft": "a", "round": "folder", "dangling": "new"} {
		if err := os.Symlink(at(target), at(link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(at("a"), at("hard")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{at("a"), at("a"), true}, {at("a"), "a", true}, {at("a"), "folder/../a", true}, {at("a"), at("soft"), true},
		{at("soft"), at("hard"), true}, {at("a"), at("b"), false}, {"new", "new", true}, {"dangling", "new", true},
		{"folder/new", "round/new", true}, {"folder/deep/new", "round/deep/new", true}, {"new", "other", false}, {"a", "new", false},
		{"-", "-", false}, {"", "", false}, {os.DevNull, os.DevNull, false},
	} {
		one, other := []outfile.Named{{What: "one", Path: c.a}}, []outfile.Named{{What: "other", Path: c.b}}
		for how, err := range map[string]error{
			"an input": outfile.Distinct(one, other), "an output": outfile.Distinct(append(one, other...), nil),
		} {
			if (err != nil) != c.same {
				t.Errorf("%s and %s as %s: %v", c.a, c.b, how, err)
			}
		}
	}
}

func TestFoldersOfManyFilesAreForOneWriter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := func(name string) outfile.Named { return outfile.Named{What: name, Path: filepath.Join(dir, name)} }
	if err := os.Symlink(dir, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		folders, files []outfile.Named
		want           string
	}{
		{[]outfile.Named{folder("kept")}, []outfile.Named{folder("kept/a.wav")}, "lies in the folder"},
		{[]outfile.Named{folder("kept")}, []outfile.Named{folder("link/kept/a.wav")}, "lies in the folder"},
		{[]outfile.Named{folder("kept"), folder("link/kept")}, nil, "is written to by kept already"},
		{[]outfile.Named{folder("kept"), folder("other")}, []outfile.Named{folder("a.wav"), folder("kept/below/a.wav")}, ""},
	} {
		err := outfile.Apart(c.folders, c.files)
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %v: %v, want %q", c.folders, c.files, err, c.want)
		}
	}
}

// An output must not replace what lies among the inputs, by whatever name; what is
// made from them may be replaced.
func TestOutputsThatWouldReplaceAFileAmongTheInputsAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.MkdirAll(at("in/deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"in/a.wav", "in/deep/b.wav", "in/model.nir", "other.wav"} {
		if err := os.WriteFile(at(name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"soft.wav": "in/a.wav", "in/shared.wav": "other.wav"} {
		if err := os.Symlink(at(target), at(link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(at("in/deep/b.wav"), at("hard.wav")); err != nil {
		t.Fatal(err)
	}
	model := func(path string) bool { return filepath.Ext(path) == ".nir" }
	for out, refused := range map[string]bool{
		"in/a.wav": true, "in/deep/b.wav": true, "soft.wav": true, "hard.wav": true, "other.wav": true,
		"in/model.nir": false, "in/new.wav": false, "new.wav": false, "in": false,
	} {
		inputs := []outfile.Named{{What: "--rate", Path: "16000"}, {What: "--data", Path: at("in")}}
		err := outfile.Outside([]outfile.Named{{What: "--out", Path: at(out)}}, inputs, model)
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "--out: "+at(out)) {
			t.Errorf("%s: %v", out, err)
		}
	}
}
