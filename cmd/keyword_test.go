package cmd

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ganglion/cmd/labels"
	"ganglion/internal/random"
	"ganglion/network/sound/hearing"
	"ganglion/network/train/spotting"
)

// writeWAV writes samples as 16-bit PCM at 16 kHz.
func writeWAV(t testing.TB, path string, pcm []float32) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("RIFF")
	put := func(v any) { binary.Write(&b, binary.LittleEndian, v) } //nolint:errcheck // to memory
	put(uint32(36 + 2*len(pcm)))
	b.WriteString("WAVEfmt ")
	put([]uint32{16, 1<<16 | 1, 16_000, 32_000, 16<<16 | 2})
	b.WriteString("data")
	put(uint32(2 * len(pcm)))
	for _, v := range pcm {
		put(int16(max(math.MinInt16, min(math.Round(float64(v)*(1<<15)), math.MaxInt16))))
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tones are notes of 120 ms with harmonics, one after another.
func tones(key random.Key, notes ...float64) []float32 {
	const n = 16_000 * 12 / 100
	pcm := make([]float32, n*len(notes))
	pitch := key.Between(0, .97, 1.03)
	for i := range pcm {
		at := float64(i%n) / 16_000
		envelope := math.Sin(math.Pi * float64(i%n) / n)
		for h := range 4 {
			f := notes[i/n] * pitch * float64(h+1)
			pcm[i] += float32(.1 * envelope * math.Sin(2*math.Pi*f*at) / float64(h+1))
		}
	}
	return pcm
}

// hiss is silence with a little noise.
func hiss(key random.Key, seconds float64) []float32 {
	pcm := make([]float32, int(seconds*16_000))
	for i := range pcm {
		pcm[i] = float32(1e-4 * key.Normal(uint64(i)))
	}
	return pcm
}

// jingle is the word of the tests: three rising notes.
func jingle(key random.Key) []float32 { return tones(key, 400, 600, 900) }

// babble is other notes, no three of which rise so.
func babble(key random.Key, n int) (pcm []float32) {
	for i := range n {
		k := key.With(uint64(i))
		scale := []float64{300, 400, 500, 600, 750, 900, 1200}
		notes := []float64{scale[k.Below(1, 7)], scale[k.Below(2, 7)], 900, 600, 400, scale[k.Below(3, 7)]}
		pcm = append(append(pcm, tones(k, notes[:2+k.Below(4, 5)]...)...), hiss(k, k.Between(5, .05, .4))...)
	}
	return pcm
}

// jingles writes recordings of the word, and others, into folders word and
// other of dir.
func jingles(t *testing.T, dir string) {
	t.Helper()
	for _, sub := range []string{"word", "other"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 15 {
		key := random.New(1).With(uint64(i))
		pcm := append(append(hiss(key.With(1), .5), jingle(key)...), hiss(key.With(2), .6)...)
		writeWAV(t, filepath.Join(dir, "word", fmt.Sprintf("%d.wav", i)), pcm)
		writeWAV(t, filepath.Join(dir, "other", fmt.Sprintf("%d.wav", i)), babble(key.With(3), 6))
	}
}

// output runs a command line and returns what it prints.
func output(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	root := ganglion.newRoot()
	root.SetOut(&out)
	root.SetErr(io.Discard)
	root.SetArgs(args)
	if err := root.Execute(); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return out.String()
}

// trainJingle trains a small network to hear the word of the tests.
func trainJingle(t *testing.T, dir string, more ...string) {
	t.Helper()
	args := []string{
		"train", "keyword", "--word", "jingle", "--positives", filepath.Join(dir, "word"), "--negatives", filepath.Join(dir, "other"),
		"--out", filepath.Join(dir, "jingle.nir"), "--epochs", "160", "--false-alarms", "60", "--rounds", "1",
	}
	for _, s := range jingleSets {
		args = append(args, "--set", s)
	}
	output(t, append(args, more...)...)
}

// jingleSets make the network of trainJingle small.
var jingleSets = []string{
	"training.hidden=[48]", "training.batch=4", "training.part=4", "training.rate=0.01", "windows.frames=150", "windows.pre_roll=20",
	"windows.noisy=0.1",
	"training.delay=0s",
}

func TestAWordOfOnesOwnIsLearnedTestedAndHeard(t *testing.T) {
	dir := t.TempDir()
	jingles(t, dir)
	trainJingle(t, dir, "--threshold", "0.6", "--picture", filepath.Join(dir, "curve.png"))
	if st, err := os.Stat(filepath.Join(dir, "curve.png")); err != nil || st.Size() < 1000 {
		t.Errorf("the picture: %v", err)
	}
	model := filepath.Join(dir, "jingle.nir")
	var table hearing.Table
	text := output(t, "eval", "keywords", "--model", model, "--positives", filepath.Join(dir, "word"), "--negatives",
		filepath.Join(dir, "other"), "--part", "test", "--json")
	if err := json.Unmarshal([]byte(text), &table); err != nil {
		t.Fatal(err)
	}
	c := table.Chosen
	if c.Said < 1 || c.Said > 7 || c.Missed > c.Said/2 || c.False > 0 || len(table.Thresholds) < 50 || table.SNR != nil {
		t.Errorf("on what it had not heard: %+v", c)
	}
	// What was learned is heard in the middle of other sound, through the
	// pipeline that was written beside the model.
	key := random.New(99)
	pcm := append(babble(key, 5), hiss(key, .3)...)
	at := len(pcm)
	pcm = append(append(pcm, jingle(key)...), hiss(key.With(2), .3)...)
	pcm = append(pcm, babble(key.With(1), 5)...)
	file := filepath.Join(dir, "stream.wav")
	writeWAV(t, file, pcm)
	heard := filepath.Join(dir, "heard.jsonl")
	t.Chdir(dir)
	output(t, "run", filepath.Join(dir, "jingle.yaml"), "--input", file, "--set", "sinks.0.path="+heard, "--set", "telemetry={}",
		"--log-level", "error")
	ds, err := labels.ReadDetections(heard)
	if err != nil || len(ds) == 0 {
		t.Fatalf("%d detections: %v", len(ds), err)
	}
	end := hearing.Micros(at+3*1920, 16_000)
	hit := 0
	for _, d := range ds {
		if d.Label == "jingle" && d.T > end-200_000 && d.T < end+400_000 && d.Model != "" {
			hit++
		}
	}
	if hit != 1 {
		t.Errorf("the word ends at %d µs and is detected %d times: %+v", end, hit, ds)
	}
}

func TestAKeywordModelIsTheSameOnAnyNumberOfCores(t *testing.T) {
	dir := t.TempDir()
	jingles(t, dir)
	var files [2][]byte
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for i, cores := range []int{1, 3} {
		runtime.GOMAXPROCS(cores)
		trainJingle(t, dir, "--epochs", "6", "--false-alarms", "100000", "--rounds", "2")
		var err error
		if files[i], err = os.ReadFile(filepath.Join(dir, "jingle.nir")); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("three cores make another model than one")
	}
}

// TestAStoppedKeywordTrainingResumes stops in the second of two rounds.
func TestAStoppedKeywordTrainingResumes(t *testing.T) {
	dir := t.TempDir()
	jingles(t, dir)
	short := []string{"--epochs", "5", "--false-alarms", "100000", "--rounds", "2"}
	trainJingle(t, dir, short...)
	model := filepath.Join(dir, "jingle.nir")
	want := fileBytes(t, model)
	if err := os.Remove(model); err != nil {
		t.Fatal(err)
	}
	// The flags of trainJingle, but with a hand on the training.
	f := trainKeywordFlags{
		word: "jingle", positives: []string{filepath.Join(dir, "word")}, negatives: []string{filepath.Join(dir, "other")},
		falseAlarms: 100000, folds: 5, rounds: 2, trainingFlags: trainingFlags{out: model, epochs: 5, seed: 1, sets: jingleSets},
	}
	ctx, cancel := context.WithCancel(t.Context())
	training, err := f.training(ctx, io.Discard, func(round int, r spotting.Round) {
		if round == 1 && r.Epoch == 3 {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := training.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("the training was not stopped: %v", err)
	}
	trainJingle(t, dir, append(short, "--resume")...)
	if !bytes.Equal(fileBytes(t, model), want) {
		t.Error("the resumed training gives another model")
	}
	if left, err := filepath.Glob(model + ".checkpoint*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWrongUseOfKeywordsIsToldApart(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"train keyword --word go", "--positives and --negatives are required"},
		{"train keyword --word _go --positives . --negatives .", "is not a word"},
		{"train keyword --word go --positives . --negatives . --rounds 9", "--rounds 9"},
		{"train keyword --word go --positives . --negatives . --set windows.frame=3", "windows.frame"},
		{"train keyword --word go --positives " + dir + "/empty --negatives .", "no .wav, .flac or .mp3 file"},
		{"train keyword --word go --positives " + dir + "/none --negatives .", "no such file"},
		{"eval keywords --model m.nir", "are required"},
		{"eval keywords --model m.nir --positives . --negatives . --snr-db 10", "go together"},
		{"eval keywords --model m.nir --positives . --negatives . --part some", "want all, test or train"},
		{"eval keywords --model " + dir + "/none.nir --positives . --negatives .", "no such file"},
	} {
		root := ganglion.newRoot()
		root.SetOut(io.Discard)
		root.SetErr(io.Discard)
		root.SetArgs(strings.Fields(c.args))
		if err := root.Execute(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.args, err, c.want)
		}
	}
}

// trainBadly trains for an epoch or two, with everything that the command says.
func trainBadly(t *testing.T, code int, dir string, more ...string) ran {
	t.Helper()
	args := []string{
		"train", "keyword", "--word", "jingle", "--positives", filepath.Join(dir, "word"), "--negatives", filepath.Join(dir, "other"),
		"--out", filepath.Join(dir, "jingle.nir"),
	}
	for _, s := range jingleSets {
		args = append(args, "--set", s)
	}
	return mustRun(t, code, append(args, more...)...)
}

func TestRecordingsThatSayNothingAreNamedAndCountedAndStopNoTraining(t *testing.T) {
	dir := t.TempDir()
	jingles(t, dir)
	key := random.New(3)
	pcm := append(append(hiss(key, .5), jingle(key)...), hiss(key.With(2), .8)...)
	writeWAV(t, filepath.Join(dir, "word", "twice.wav"), append(pcm, pcm...))
	writeWAV(t, filepath.Join(dir, "word", "silent.wav"), make([]float32, 16_000))
	if err := os.WriteFile(filepath.Join(dir, "other", "broken.wav"), []byte("no sound at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := trainBadly(t, 0, dir, "--epochs", "1", "--false-alarms", "100000", "--rounds", "1")
	for _, want := range []string{
		"broken.wav: neither WAV", "1 of 16 recordings were skipped", "silent.wav: left out: silent",
		"twice.wav: the word may be in it 2 times, at [5",
		"1 of 17 recordings of the word are silent, 1 may hold it more than once", "expect ", "false rejects (95 %: ",
		"h without it, which this network has not heard",
	} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("%q is not said:\n%s", want, r.stderr)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "other"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "other", "broken.wav"), []byte("no sound at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := trainBadly(t, exitFailed, dir, "--rounds", "1"); !strings.Contains(r.stderr, "broken.wav: neither WAV") {
		t.Errorf("nothing to learn from:\n%s", r.stderr)
	}
}

func TestAThresholdThatHearsNothingIsAnErrorAndNoModel(t *testing.T) {
	dir := t.TempDir()
	jingles(t, dir)
	r := trainBadly(t, exitFailed, dir, "--epochs", "1", "--false-alarms", "0", "--rounds", "1")
	if !strings.Contains(r.stderr, "has not learned the word: no threshold hears any of the") {
		t.Error(r.stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "jingle.nir")); err == nil {
		t.Error("a model was written")
	}
}

func TestFewRecordingsAreCrossValidated(t *testing.T) {
	dir := t.TempDir()
	jingles(t, dir)
	r := trainBadly(t, 0, dir, "--epochs", "1", "--false-alarms", "100000", "--folds", "3")
	if !strings.Contains(r.stderr, "by 3 networks, none of which had heard what it was tested on") ||
		!strings.Contains(r.stderr, "on 15 recordings of the word") {
		t.Error(r.stderr)
	}
	if !strings.Contains(trainBadly(t, 0, dir, "--epochs", "1", "--false-alarms", "1", "--threshold", ".5", "--rounds", "1").stderr,
		"cannot show 1 false accepts per hour: that takes 3.7 h") {
		t.Error("more is claimed than the hours can show")
	}
}
