package cmd

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/random"
	"ganglion/network/score"
	"ganglion/network/train/bptt"
	"ganglion/network/train/digits"
)

// invoke runs a command line in this process.
func invoke(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	root := ganglion.newRoot()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&errs)
	err := root.ExecuteContext(t.Context())
	if err != nil {
		errs.WriteString(err.Error())
	}
	return out.String(), errs.String(), exitCode(err)
}

// writeWords writes tones that rise, fall or stay as words of three speakers.
func writeWords(t *testing.T, takes int) string {
	t.Helper()
	dir := t.TempDir()
	for w, label := range []string{"fall", "rise", "stay"} {
		for s, speaker := range []string{"ann", "ben", "cat"} {
			for take := range takes {
				key := random.New(uint64(s)).With(uint64(w), uint64(take))
				from, turn := key.Between(0, 700, 1100), key.Between(1, .7, 1)*float64(w*(3-w))
				if w == 0 {
					turn = -key.Between(1, .7, 1)
				}
				if w == 2 {
					turn = 0
				}
				pcm, phase := make([]byte, 0, 8000), 0.
				for i := range 3200 {
					phase += 2 * math.Pi * from * math.Exp2(turn*float64(i)/3200) / 8000
					pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(9000*math.Sin(phase))))
				}
				path := filepath.Join(dir, fmt.Sprintf("%s_%s_%d.wav", label, speaker, take))
				if err := os.WriteFile(path, append(wavHeader(len(pcm)), pcm...), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return dir
}

// wavHeader is that of 16-bit PCM at 8 kHz.
func wavHeader(size int) []byte {
	b := append([]byte("RIFF"), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(b[4:], uint32(36+size))
	b = append(b, "WAVEfmt "...)
	for _, v := range []uint32{16, 1<<16 | 1, 8000, 16000, 16<<16 | 2} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return binary.LittleEndian.AppendUint32(append(b, "data"...), uint32(size))
}

// quick are the flags of a training of seconds.
var quick = []string{"--recordings", "0-1", "--epochs", "14", "--set", "training.hidden=[24]", "--set", "training.batch=16", "--set",
	"training.rate=0.02", "--set", "window=500ms"}

func trainWords(t *testing.T, dir, out string, more ...string) string {
	t.Helper()
	stdout, stderr, code := invoke(t, append(append([]string{"train", "digits", "--data", dir, "--out", out}, quick...), more...)...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	return stdout
}

func TestWordsAreTrainedAndTestedOnWhatWasHeldOut(t *testing.T) {
	dir, out := writeWords(t, 8), filepath.Join(t.TempDir(), "words.nir")
	var training digits.Result
	if err := json.Unmarshal([]byte(trainWords(t, dir, out, "--json", "--credit", "tones of this test")), &training); err != nil {
		t.Fatal(err)
	}
	if training.Examples != 54 || len(training.Test) != 3 || training.Test[0].N != 18 {
		t.Errorf("%+v", training)
	}
	stdout, stderr, code := invoke(t, "eval", "digits", "--model", out, "--data", dir, "--recordings", "0-1", "--json")
	if code != 0 {
		t.Fatal(stderr)
	}
	var c score.Classes
	if err := json.Unmarshal([]byte(stdout), &c); err != nil {
		t.Fatal(err)
	}
	if c.N != 18 || c.Accuracy < .9 || c.Accuracy != training.Test[0].Accuracy || strings.Join(c.Labels, " ") != "fall rise stay" {
		t.Errorf("%+v, trained %+v", c, training.Test)
	}
	stdout, _, code = invoke(t, "eval", "digits", "--model", out, "--data", dir, "--speaker", "ben", "--snr-db", "-40")
	if code != 0 || !strings.Contains(stdout, "of 24 correct") || strings.HasPrefix(stdout, "24 of 24") {
		t.Errorf("in noise 40 dB above: %s", stdout)
	}
	stdout, _, _ = invoke(t, "nir", "info", out)
	for _, want := range []string{"fall, rise, stay", "encoder.mel.gain", "training.loss", "tones of this test", "test.accuracy_20_db",
		"ganglion train digits --data DIR --out FILE.nir --seed 1 --epochs 14 --recordings 0-1 --set 'training.hidden=[24]'"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("nir info does not show %q:\n%s", want, stdout)
		}
	}
}

func TestAModelIsTestedWithTheResetItWasTrainedWith(t *testing.T) {
	dir, out := writeWords(t, 4), filepath.Join(t.TempDir(), "words.nir")
	var training digits.Result
	if err := json.Unmarshal([]byte(trainWords(t, dir, out, "--json", "--set", "training.subtract=true")), &training); err != nil {
		t.Fatal(err)
	}
	var c score.Classes
	stdout, stderr, _ := invoke(t, "eval", "digits", "--model", out, "--data", dir, "--recordings", "0-1", "--json")
	if err := json.Unmarshal([]byte(stdout), &c); err != nil {
		t.Fatal(err, stderr)
	}
	if info, _, _ := invoke(t, "nir", "info", out); c.Accuracy != training.Test[0].Accuracy || !strings.Contains(info, "norse-1.1:subtract") {
		t.Errorf("accuracy %v, in training %v; %s", c.Accuracy, training.Test, info)
	}
}

// TestAStoppedTrainingGoesOnAsIfItHadNot stops after two epochs and resumes.
func TestAStoppedTrainingGoesOnAsIfItHadNot(t *testing.T) {
	dir := writeWords(t, 3)
	whole, stopped := filepath.Join(t.TempDir(), "whole.nir"), filepath.Join(t.TempDir(), "stopped.nir")
	trainWords(t, dir, whole)

	f := trainDigitsFlags{data: dir, takes: "0-1", trainingFlags: trainingFlags{out: stopped, seed: 1, epochs: 14,
		sets: []string{"training.hidden=[24]", "training.batch=16", "training.rate=0.02", "window=500ms"}}}
	recipe, split, err := f.recipe()
	if err != nil {
		t.Fatal(err)
	}
	words, err := readWords(t.Context(), dir, digits.Rate, func(r digits.Recording) bool { return !split.HoldsOut(r) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	watch := bptt.Watch{Batch: func(bptt.Progress) {}, Epoch: func(p bptt.Progress) {
		if p.Epoch == 1 {
			cancel()
		}
	}}
	if _, _, err := recipe.Train(ctx, words, bptt.NewFile(stopped+".checkpoint", f.command()), false, watch); err == nil {
		t.Fatal("the training was not stopped")
	}
	trainWords(t, dir, stopped, "--resume")
	a, b := fileBytes(t, whole), fileBytes(t, stopped)
	if !bytes.Equal(a, b) {
		t.Error("a resumed training gives another model")
	}
	if _, err := os.Stat(stopped + ".checkpoint"); !os.IsNotExist(err) {
		t.Errorf("the checkpoint is still there: %v", err)
	}
}

func fileBytes(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestACheckpointIsTakenWholeAndOfItsOwnCommandOnly(t *testing.T) {
	dir, out := writeWords(t, 3), filepath.Join(t.TempDir(), "words.nir")
	args := append([]string{"train", "digits", "--data", dir, "--out", out, "--resume"}, quick...)
	for name, content := range map[string]string{"absent": "", "other file": "PNG", "torn": "ganglion training 2\n" +
		strings.Repeat("x", 100)} {
		if content != "" {
			if err := os.WriteFile(out+".checkpoint", []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, stderr, code := invoke(t, args...); code != exitFailed || !strings.Contains(stderr, "words.nir.checkpoint") {
			t.Errorf("%s: exit code %d: %s", name, code, stderr)
		}
	}
}

func TestBadWordsAreRefusedWithTheirCause(t *testing.T) {
	dir, out := writeWords(t, 3), filepath.Join(t.TempDir(), "words.nir")
	empty := t.TempDir()
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no data":  {[]string{"train", "digits", "--out", out}, exitUsage, "--data and --out are required"},
		"no model": {[]string{"eval", "digits", "--data", dir}, exitUsage, "--model and --data are required"},
		"empty":    {[]string{"train", "digits", "--data", empty, "--out", out}, exitFailed, "no recording is named LABEL_SPEAKER_N.wav"},
		"takes": {[]string{"train", "digits", "--data", dir, "--out", out, "--recordings", "9-5"}, exitUsage,
			`--recordings "9-5": want N or FIRST-LAST`},
		"all held": {[]string{"train", "digits", "--data", dir, "--out", out, "--recordings", "0-9"}, exitFailed, "no recording is left"},
		"recipe":   {[]string{"train", "digits", "--data", dir, "--out", out, "--set", "encoder.mel.gian=pcen"}, exitUsage, "gain"},
		"bare model": {[]string{"eval", "digits", "--data", dir, "--model", filepath.Join("..", "testdata", "tiny.nir")}, exitFailed,
			"did not write this"},
	} {
		if _, stderr, code := invoke(t, c.args...); code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d: %s", name, code, stderr)
		}
	}
}
