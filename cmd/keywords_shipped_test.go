package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/cmd/labels"
	"ganglion/encoders/cochlea"
	"ganglion/internal/random"
	"ganglion/internal/shareddata"
	"ganglion/network"
	"ganglion/network/sound/hearing"
	"ganglion/network/sound/keyword"
	"ganglion/pipeline"
	"ganglion/sources/audio"
)

// runKeywords runs configs/keywords.yaml and returns what it detects, but for
// what names the configuration.
func runKeywords(t *testing.T, args ...string) []pipeline.Detection {
	t.Helper()
	heard := filepath.Join(t.TempDir(), "heard.jsonl")
	runQuietly(t, append([]string{"run", "configs/keywords.yaml", "--log-level", "error", "--set", "sinks=[{type: jsonl, path: " + heard +
		"}]"}, args...)...)
	ds, err := labels.ReadDetections(heard)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ds {
		ds[i].ConfigHash, ds[i].Run = "", ""
	}
	return ds
}

// said is when the word ends in testdata/computer.flac, ms, by its energy.
var said = []int64{4740, 10450, 14580}

func TestShippedKeywordIsHeard(t *testing.T) {
	t.Chdir("..")
	ds := runKeywords(t)
	if len(ds) != len(said) {
		t.Fatalf("%d detections of %d", len(ds), len(said))
	}
	for i, d := range ds {
		if ms := d.T / 1000; d.Label != "computer" || ms < said[i]-100 || ms > said[i]+300 {
			t.Errorf("%q at %d ms, said until %d ms", d.Label, ms, said[i])
		}
		if d.TStart >= d.TEnd || d.TEnd > d.T || d.T-d.TStart > 1_500_000 || d.Model == "" {
			t.Errorf("from %d to %d µs, decided at %d µs by %q", d.TStart, d.TEnd, d.T, d.Model)
		}
	}
}

func TestAFileAPipeAndPacedPlayAreHeardAlike(t *testing.T) {
	t.Chdir("..")
	want := runKeywords(t)
	pcm, _, _, err := audio.Load(t.Context(), "testdata/computer.flac", 16_000)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "computer.wav")
	writeWAV(t, file, pcm)
	ways := map[string][]string{
		"a WAV file":     {"--input", file},
		"a pipe":         {"--input", "-"},
		"paced":          {"--input", file, "--set", "source.pace=40x"},
		"long windows":   {"--input", file, "--set", "source.window=230ms"},
		"several shards": {"--input", file, "--set", "network.shards=3"},
	}
	for name, args := range ways {
		t.Run(name, func(t *testing.T) {
			if name == "a pipe" {
				pipeToStdin(t, file)
			}
			if d := cmp.Diff(lines(want), lines(runKeywords(t, args...))); d != "" {
				t.Errorf("heard otherwise (-file +this):\n%s", d)
			}
		})
	}
}

// lines are detections as JSON.
func lines(ds []pipeline.Detection) (all []string) {
	for i := range ds {
		all = append(all, string(ds[i].AppendJSON(nil)))
	}
	return all
}

// pipeToStdin makes standard input a pipe with what a file holds.
func pipeToStdin(t *testing.T, file string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stdin
	os.Stdin = r
	done := make(chan error, 1)
	go func() { // ends with the reader
		b, err := os.ReadFile(file)
		if err == nil {
			_, err = w.Write(b)
		}
		w.Close()
		done <- err
	}()
	t.Cleanup(func() {
		os.Stdin = old
		r.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// chain is the shipped model from sound to words.
type chain struct {
	enc     *cochlea.Encoder
	net     *network.Engine
	readout *keyword.Readout
	act     pipeline.Activity
	spikes  pipeline.Spikes
	found   []pipeline.Detection
	frame   int64
}

func newChain100ms(t testing.TB) *chain {
	t.Helper()
	const model = "../configs/computer.nir"
	l, err := hearing.ReadListener(model)
	if err != nil {
		t.Fatal(err)
	}
	c := new(chain)
	if c.enc, err = cochlea.New(l.Encoder, pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: l.Rate, Channels: 1}); err != nil {
		t.Fatal(err)
	}
	if c.net, err = network.New(l.Lowered.Spec, 1); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.net.Close() })
	k := keyword.NewDefaultConfig()
	k.Model = model
	if c.readout, err = keyword.New(k, c.net.Layers()); err != nil {
		t.Fatal(err)
	}
	c.act = pipeline.Activity{Input: &c.spikes, Layers: make([]pipeline.LayerActivity, len(c.net.Layers()))}
	return c
}

// hear takes 100 ms of sound.
func (c *chain) hear(t testing.TB, pcm []float32) {
	start := c.frame * 1_000_000 / 16_000
	b := pipeline.Batch{Window: pipeline.Window{Start: start, End: start + 100_000}, FrameIndex: c.frame, PCM: pcm}
	c.frame += int64(len(pcm))
	c.spikes.Reset()
	if _, err := c.enc.Encode(&b, &c.spikes); err != nil {
		t.Fatal(err)
	}
	c.act.Window = b.Window
	for i := range c.act.Layers {
		c.act.Layers[i].Spikes.Reset()
	}
	if err := c.net.Step(context.Background(), b.Window, &c.spikes, &c.act); err != nil {
		t.Fatal(err)
	}
	c.found = c.readout.Read(&c.act, c.found[:0])
}

// speechLike is 10 s of sound with the ups and downs of speech.
func speechLike() []float32 { return babble(random.New(4), 30)[:160_000] }

func TestFromSoundToWordsNothingIsAllocated(t *testing.T) {
	c, pcm := newChain100ms(t), speechLike()
	play := func() {
		for at := 0; at < len(pcm); at += 1600 {
			c.hear(t, pcm[at:at+1600])
		}
	}
	play()
	play()
	// Goroutines that earlier tests left to the runtime may allocate meanwhile,
	// now and then; what the chain allocates comes every time.
	least := testing.AllocsPerRun(3, play)
	for range 4 {
		least = min(least, testing.AllocsPerRun(1, play))
	}
	if least != 0 {
		t.Errorf("%v allocations in 10 s of sound", least)
	}
}

// BenchmarkKeyword goes from sound to words. x/realtime is how many seconds of
// sound it hears in a second of one core.
func BenchmarkKeyword(b *testing.B) {
	c, pcm := newChain100ms(b), speechLike()
	at := 0
	b.ReportAllocs()
	for b.Loop() {
		c.hear(b, pcm[at:at+1600])
		at = (at + 1600) % len(pcm)
	}
	b.ReportMetric(float64(b.N)*.1*float64(time.Second)/float64(b.Elapsed()), "x/realtime")
}

// A word that ends with its file is heard as it is with silence behind it, and
// eval and run hear the same in every recording.
func TestAWordAtTheEndOfAFileIsHeardByRunAndEvalAlike(t *testing.T) {
	t.Chdir("..")
	l, err := hearing.ReadListener("configs/computer.nir")
	if err != nil {
		t.Fatal(err)
	}
	pcm, _, _, err := audio.Load(t.Context(), "testdata/computer.flac", l.Rate)
	if err != nil {
		t.Fatal(err)
	}
	clips := map[string][]float32{}
	for i, ms := range said {
		clips[fmt.Sprintf("word %d", i)] = pcm[16*max(ms-3000, 0) : 16*ms]
	}
	heard := 0
	for name, clip := range clips {
		heard += len(runAndEvalAgree(t, l, name, clip))
	}
	if heard != len(said) {
		t.Errorf("%d words that end with their file are heard, of %d", heard, len(said))
	}
}

func TestRunAndEvalAgreeOnRecordedClips(t *testing.T) {
	dir := shareddata.Path(t, "audio/computer")
	t.Chdir("..")
	l, err := hearing.ReadListener("configs/computer.nir")
	if err != nil {
		t.Fatal(err)
	}
	sounds, err := readSounds(t.Context(), []string{dir}, l.Rate, everything, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	heard, n := 0, 30
	for _, s := range sounds[:n] {
		_, end := s.Word(l.Rate)
		if len(runAndEvalAgree(t, l, s.Path, s.PCM)) > 0 && len(runAndEvalAgree(t, l, s.Path+", cut", s.PCM[:end])) > 0 {
			heard++
		}
	}
	if heard < n-1 {
		t.Errorf("%d of %d are heard whole and cut where the word ends", heard, n)
	}
}

// runAndEvalAgree plays a clip as `run` does, in short and in long windows, and
// as `eval` does.
func runAndEvalAgree(t *testing.T, l *hearing.Listener, name string, clip []float32) []pipeline.Detection {
	t.Helper()
	file := filepath.Join(t.TempDir(), "clip.wav")
	writeWAV(t, file, clip)
	loaded, _, _, err := audio.Load(t.Context(), file, l.Rate) // 16 bits of it
	if err != nil {
		t.Fatal(err)
	}
	found, err := l.Listen(t.Context(), loaded, l.Configs("computer", []float64{l.Words.Threshold("computer")}))
	if err != nil {
		t.Fatal(err)
	}
	for _, window := range []string{"10ms", "470ms"} {
		ran := runKeywords(t, "--input", file, "--set", "source.window="+window)
		for i := range min(len(ran), len(found[0])) {
			ran[i].Model, ran[i].Stream, ran[i].SchemaVersion, ran[i].Seq = "", "", 0, 0
			ran[i].Run, ran[i].TimeUnixUS = "", found[0][i].TimeUnixUS
		}
		if d := cmp.Diff(lines(found[0]), lines(ran)); d != "" {
			t.Errorf("%s in windows of %s (-eval +run):\n%s", name, window, d)
		}
	}
	return found[0]
}

func TestTwoPipelinesDoNotShareStandardInput(t *testing.T) {
	t.Chdir("..")
	file := filepath.Join(t.TempDir(), "two.yaml")
	one := "name: word%d\nsource: {type: audio, path: '-'}\nencoder: {type: cochlea, mel: {high: 7600}}\n" +
		"network: {model: nir, path: configs/computer.nir, step: 10ms, dt: 10ms}\nreadout: {type: keyword, model: configs/computer.nir}\n"
	if err := os.WriteFile(file, fmt.Appendf(nil, one+"---\n"+one, 1, 2), 0o600); err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, exitUsage, "run", file, "--log-level", "error")
	if !strings.Contains(r.stderr, "word1, word2 would all read standard input") {
		t.Error(r.stderr)
	}
}
