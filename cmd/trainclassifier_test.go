package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/random"
	"ganglion/network/train/classifier"
	"ganglion/network/train/exam"
)

// writeSweeps writes recordings of bars that sweep 12x10 px to the right or
// downwards, in a folder for each class, as N-MNIST has them.
func writeSweeps(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for _, class := range []string{"down", "right"} {
		if err := os.MkdirAll(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			first := random.New(uint64(i)).Below(0, 4)
			var b []byte
			add := func(t, x, y, p int) { b = append(b, byte(x), byte(y), byte(p<<7|t>>16), byte(t>>8), byte(t)) }
			for k := range 120 {
				x, y := (first+k/12)%10, 1+k%8
				if class == "down" {
					x, y = y, x
				}
				add(5000+k*1000, x, y, 1)
			}
			add(200_000, 11, 9, 0)
			if err := os.WriteFile(filepath.Join(dir, class, fmt.Sprintf("%02d.bin", i)), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

var quickClassifier = []string{"--epochs", "8", "--set", "window=120ms", "--set", "vary.turn=0",
	"--set", "training.batch=8", "--set", "training.part=4", "--set",
	"training.convolutions=[{channels: 6, kernel: 3, stride: 2, padding: 1}, {channels: 8, kernel: 3, pool: 2}]"}

// TestACameraClassifierIsTrainedJudgedAndRun trains on recordings, and wants
// eval nir to find of the file alone what the training said of it.
func TestACameraClassifierIsTrainedJudgedAndRun(t *testing.T) {
	dir, out := writeSweeps(t, 20), filepath.Join(t.TempDir(), "sweeps.nir")
	list := func(keep func(i int) bool) string {
		var b strings.Builder
		for _, class := range []string{"down", "right"} {
			for i := range 20 {
				if keep(i) {
					fmt.Fprintf(&b, "%s,%s\n", filepath.Join(dir, class, fmt.Sprintf("%02d.bin", i)), class)
				}
			}
		}
		path := filepath.Join(t.TempDir(), "list.txt")
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	train, test := list(func(i int) bool { return i < 14 }), list(func(i int) bool { return i >= 14 })
	stdout, stderr, code := invoke(t, append([]string{"train", "classifier", "--data", train, "--test", test, "--out", out, "--json",
		"--credit", "bars of this test"}, quickClassifier...)...)
	if code != 0 {
		t.Fatal(stderr)
	}
	var r classifier.Result
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	if r.Examples != 28 || r.Epochs != 8 || r.Test == nil || r.Test.N != 12 || r.Test.Correct < 11 {
		t.Fatalf("%+v", r)
	}
	stdout, stderr, code = invoke(t, "eval", "nir", out, "--data", test, "--profile", "auto", "--bin", "0", "--json")
	if code != 0 {
		t.Fatal(stderr)
	}
	var report exam.Report
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	if report.Correct != r.Test.Correct || report.N != 12 || report.DT != .02 || report.SynOps != r.Test.SynOps {
		t.Errorf("%d of %d in steps of %v s, the training said %d of %d", report.Correct, report.N, report.DT, r.Test.Correct, r.Test.N)
	}
	recording := filepath.Join(dir, "right", "19.bin")
	picture := filepath.Join(t.TempDir(), "x.png")
	stdout, stderr, code = invoke(t, "infer", out, recording, "--profile", "auto", "--bin", "0", "--layer", "convolution1", "--plot", picture)
	if code != 0 || !strings.Contains(stdout, "1, right\n") {
		t.Errorf("infer with the file's own step: exit code %d: %s%s", code, stdout, stderr)
	}
	own, _, _ := invoke(t, "infer", out, recording, "--profile", "auto", "--bin", "0", "--json")
	given, _, _ := invoke(t, "infer", out, recording, "--profile", "auto", "--bin", "20ms", "--json")
	if own != given || !strings.Contains(own, `"class":1,"label":"right"`) {
		t.Errorf("infer prints %s with the file's own step and %s with the same", own, given)
	}
	stdout, _, _ = invoke(t, "nir", "info", out)
	for _, want := range []string{"convolution2_pool", "SumPool2d", "down, right", "test.accuracy", "bars of this test",
		"ganglion train classifier --data DIR --out FILE.nir --seed 1 --held-out 5 --epochs 8 --test DIR --set 'window=120ms' " +
			"--set 'vary.turn=0'"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("nir info does not show %q:\n%s", want, stdout)
		}
	}
	if _, err := os.Stat(out + ".checkpoint"); !os.IsNotExist(err) {
		t.Error("the checkpoint is left behind")
	}
}

func TestWrongUseOfTrainClassifierIsNamed(t *testing.T) {
	dir, out := writeSweeps(t, 3), filepath.Join(t.TempDir(), "x.nir")
	for want, args := range map[string][]string{
		"--data and --out are required":   {"--data", dir},
		"--held-out 1 leaves nothing":     {"--data", dir, "--out", out, "--held-out", "1"},
		`no output stands for the label`:  {"--data", dir, "--out", out, "--classes", "right,left"},
		"no such file or directory":       {"--data", filepath.Join(dir, "nowhere"), "--out", out},
		"kernel: 99 is above the maximum": {"--data", dir, "--out", out, "--set", "training.convolutions=[{channels: 1, kernel: 99}]"},
		"a kernel of 5 px on an input of 4x4 px": {"--data", dir, "--out", out, "--set",
			"training.convolutions=[{channels: 1, kernel: 31}, {channels: 1, kernel: 5}]"},
		"not a whole checkpoint of a tra": {"--data", dir, "--out", brokenCheckpoint(t), "--resume"},
	} {
		_, stderr, code := invoke(t, append([]string{"train", "classifier"}, args...)...)
		if code == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%q: exit code %d: %s", args, code, stderr)
		}
	}
}

// brokenCheckpoint is an output beside which lies a checkpoint that is none.
func brokenCheckpoint(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "x.nir")
	if err := os.WriteFile(out+".checkpoint", []byte("nothing"), 0o644); err != nil {
		t.Fatal(err)
	}
	return out
}
