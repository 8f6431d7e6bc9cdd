package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/network/nir"
)

// A trunk is trained, and a word begins from it: the file names it, and the
// command that made the word says so.
func TestAWordBeginsFromATrunkOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	jingles(t, dir)
	if err := os.Mkdir(filepath.Join(dir, "words"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"rise", "again"} {
		if err := os.Symlink(filepath.Join(dir, "word"), filepath.Join(dir, "words", word)); err != nil {
			t.Fatal(err)
		}
	}
	trunk := filepath.Join(dir, "trunk.nir")
	args := []string{"train", "trunk", "--words", filepath.Join(dir, "words"), "--negatives", filepath.Join(dir, "other"), "--epochs", "1",
		"--out", trunk, "--credit", "made here"}
	for _, s := range jingleSets {
		args = append(args, "--set", s)
	}
	r := mustRun(t, 0, args...)
	if !strings.Contains(r.out, "trunk.nir: 2 words, ") || !strings.Contains(r.stderr, "epoch 1 of 1: loss ") {
		t.Errorf("%s%s", r.out, r.stderr)
	}
	if left, err := filepath.Glob(trunk + ".checkpoint*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	var made struct {
		Words, Parameters, Epochs int
		Loss                      float64
	}
	if err := json.Unmarshal([]byte(mustRun(t, 0, append(args, "--json")...).out), &made); err != nil || made.Words != 2 || made.Epochs != 1 ||
		made.Parameters < 1 || made.Loss <= 0 {
		t.Errorf("%+v, %v", made, err)
	}
	if out := output(t, "nir", "info", trunk); !strings.Contains(out, "made here") ||
		!strings.Contains(out, "ganglion train trunk --words DIR --negatives DIR --out FILE.nir --seed 1 --epochs 1 --set") {
		t.Error(out)
	}
	begun := func(more ...string) (said string, md nir.Metadata) {
		args := []string{"--epochs", "1", "--false-alarms", "100000", "--rounds", "1"}
		r := trainBadly(t, 0, dir, append(args, more...)...)
		file, err := nir.ReadFile(filepath.Join(dir, "jingle.nir"), nir.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r.stderr, file.Graph.Metadata
	}
	if _, md := begun("--from", trunk); md.Section("trunk").Text("name") != "trunk.nir" ||
		!strings.Contains(md.Text("command"), "--from trunk.nir") {
		t.Errorf("begun from %v by %s", md.Section("trunk"), md.Text("command"))
	}
	if said, md := begun("--from", "scratch"); md.Section("trunk") != nil || strings.Contains(said, "begun from") {
		t.Errorf("begun from %v: %s", md.Section("trunk"), said)
	}
	// The layers of the small network are not those of the trunk that comes along.
	if said, md := begun(); md.Section("trunk") != nil || !strings.Contains(said, "begun from scratch: builtin:trunk: ") ||
		!strings.Contains(md.Text("command"), "--from scratch") {
		t.Errorf("by default %v: %s", md.Section("trunk"), said)
	}
	if r := trainBadly(t, exitUsage, dir, "--from", "builtin:trunk"); !strings.Contains(r.stderr, "--from builtin:trunk: bptt: hidden1: ") {
		t.Error(r.stderr)
	}
}

func TestWrongUseOfTrunksIsToldApart(t *testing.T) {
	dir := t.TempDir()
	jingles(t, dir)
	base := "train trunk --out " + filepath.Join(dir, "t.nir") + " --words "
	if err := os.MkdirAll(filepath.Join(dir, "two", "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "two", "other"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"train trunk --words .", "--words, --negatives and --out are required"},
		{base + dir + "/word --negatives " + dir + "/other", "0 folders of words: want 2 or more"},
		{base + dir + "/none --negatives " + dir + "/other", "no such file"},
		{base + dir + "/two --negatives " + dir + "/other", "empty: no .wav, .flac or .mp3 file"},
		{base + dir + " --negatives " + dir + "/none", "two: no .wav"},
		{base + dir + " --negatives . --set windows.frame=3", "windows.frame"},
	} {
		r := runCommand(t.Context(), strings.Fields(c.args)...)
		if r.code == 0 || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%s: exit code %d, %s, want %q", c.args, r.code, r.stderr, c.want)
		}
	}
}
