package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ganglion/cmd/standard"
)

// TestAProgramWithComponentsOfItsOwn builds testdata/embedding, a module beside
// this one, and runs a pipeline of its source, encoder, readout and sink.
func TestAProgramWithComponentsOfItsOwn(t *testing.T) {
	module, err := filepath.Abs("../testdata/embedding")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "lane")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir, build.Env = module, append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v; after a change of go.mod, run go mod tidy in testdata/embedding too:\n%s", err, out)
	}
	run := func(args ...string) (string, int) {
		c := exec.Command(binary, args...)
		c.Dir = dir
		out, _ := c.CombinedOutput() // the exit code tells
		return string(out), c.ProcessState.ExitCode()
	}
	list, _ := run("list")
	for _, want := range []string{"source +barriers", "encoder +steps", "readout +laps", "sink +tally", "source +recording"} {
		if !regexp.MustCompile(`(?m)^` + want + ` `).MatchString(list) {
			t.Errorf("list does not show %q:\n%s", want, list)
		}
	}
	if out, code := run("run", filepath.Join(module, "lane.yaml")); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	got, err := os.ReadFile(filepath.Join(dir, "laps.txt"))
	if want := "lap: 4, fastest 90 ms\n"; err != nil || string(got) != want {
		t.Errorf("the sink wrote %q, %v; want %q", got, err, want)
	}
	if out, code := run("run", filepath.Join(module, "lane.yaml"), "--set", "source.barrier=3"); code != exitUsage ||
		!strings.Contains(out, `"barriers"`) {
		t.Errorf("a key of its own that is misspelt: exit code %d: %s", code, out)
	}
	if out, code := run("run", filepath.Join(module, "lane.yaml"), "--set", "encoder.ignore=-1"); code != exitUsage ||
		!strings.Contains(out, "encoder.ignore") {
		t.Errorf("a value out of its bounds: exit code %d: %s", code, out)
	}
}

// TestThePageOnEmbeddingShowsTheModule holds the Go of docs/embedding.md to
// testdata/embedding.
func TestThePageOnEmbeddingShowsTheModule(t *testing.T) {
	page, err := os.ReadFile("../docs/embedding.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../testdata/embedding/*")
	if err != nil {
		t.Fatal(err)
	}
	var module bytes.Buffer
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		module.Write(text)
	}
	blocks := regexp.MustCompile("(?s)```(?:go|yaml)\n(.*?)```").FindAllSubmatch(page, -1)
	for _, b := range blocks {
		if !bytes.Contains(module.Bytes(), b[1]) {
			t.Errorf("not in testdata/embedding:\n%s", b[1])
		}
	}
	if len(blocks) < 5 {
		t.Errorf("%d blocks of code", len(blocks))
	}
}

func TestATableWithAComponentTwiceIsRefused(t *testing.T) {
	table := standard.Components()
	if code := Main(append(table, table[0])...); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
}
