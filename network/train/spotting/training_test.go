package spotting

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"ganglion/network/nir"
	"ganglion/network/score"
	"ganglion/network/sound/hearing"
	"ganglion/network/sound/keyword"
	"ganglion/network/train/bptt"
)

// sounds are n tones of half a second, up or down, in a second and a half of near
// silence each, of which each fold of three holds as many.
func sounds(word string, n int, up bool) (all []hearing.Recording) {
	const rate = 16_000
	count := [3]int{}
	for i := 0; len(all) < n; i++ {
		path := fmt.Sprintf("%s%d.wav", word, i)
		if f := fold(path, 3); count[f] < (n+2)/3 {
			count[f]++
			pcm := make([]float32, rate*3/2)
			phase := 0.
			for k := range pcm {
				pcm[k] = float32(1e-3 * math.Sin(float64(k*k%977)))
				if at := float64(k-rate/2) / (rate / 2); at >= 0 && at < 1 {
					if !up {
						at = 1 - at
					}
					phase += 2 * math.Pi * (400 + 30*float64(i) + 3000*at) / rate
					pcm[k] += float32(.3 * math.Sin(phase))
				}
			}
			all = append(all, hearing.Recording{Path: path, PCM: pcm})
		}
	}
	return all
}

// lesson is a short training, and what it notes.
func lesson(t *testing.T) (*Training, *bytes.Buffer) {
	t.Helper()
	r := NewDefaultRecipe()
	r.Training.Hidden, r.Training.Epochs, r.Training.Batch, r.Training.Part = []int{6}, 1, 4, 4
	if err := r.Settle(); err != nil {
		t.Fatal(err)
	}
	dir, notes := t.TempDir(), new(bytes.Buffer)
	return &Training{
		Recipe: r, Word: "rise", Model: "rise.nir", FalseAlarms: 1, Folds: 3, Rounds: 2,
		Positives: sounds("rise", 6, true), Negatives: sounds("fall", 6, false), Noise: sounds("hum", 1, false),
		Notes: notes, Watch: func(int, Round) {}, Keep: func(*bptt.Network, []*hearing.Table) error { return nil },
		Files: func(round int) bptt.File { return bptt.NewFile(filepath.Join(dir, fmt.Sprint(round)), "train") },
	}, notes
}

// A training tests each network on what it was not taught, in every condition, and keeps
// the first one with the threshold that was taken.
func TestATrainingTestsWhatWasHeldOut(t *testing.T) {
	t.Parallel()
	l, notes := lesson(t)
	l.Threshold = .25
	silent := hearing.Recording{Path: "silent.wav", PCM: make([]float32, 16_000)}
	twice := hearing.Recording{Path: "twice.wav", PCM: append(append([]float32(nil), l.Positives[0].PCM...), l.Positives[1].PCM...)}
	l.Positives = append(l.Positives, silent, twice)
	l.Negatives = append(l.Negatives, hearing.Recording{Path: "click.wav", PCM: make([]float32, 10)})
	batches := map[int]int{}
	l.Watch = func(round int, r Round) { batches[round]++ }
	var kept []*bptt.Network
	l.Keep = func(net *bptt.Network, tables []*hearing.Table) error {
		kept = append(kept, net)
		if tables[0].Chosen.Threshold != .25 {
			t.Errorf("kept with the threshold %v", tables[0].Chosen.Threshold)
		}
		return nil
	}
	tables, err := l.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"silent.wav: left out: silent\n", "twice.wav: the word may be in it 2 times, at [",
		"1 of 8 recordings of the word are silent, 1 may hold it more than once",
		"click.wav: left out: too short",
	} {
		if !strings.Contains(notes.String(), want) {
			t.Errorf("not noted: %s in\n%s", want, notes)
		}
	}
	held := 0
	for _, r := range l.Positives {
		if (Part{0, 3}).Test(r.Path) || (Part{1, 3}).Test(r.Path) {
			held++
		}
	}
	if len(tables) != 3 || len(kept) != 2 || kept[0] != kept[1] || batches[0] == 0 || batches[1] == 0 {
		t.Fatalf("%d tables, %d kept, batches %v", len(tables), len(kept), batches)
	}
	for i, snr := range []float64{math.NaN(), 20, 10} {
		c := tables[i]
		if (c.SNR == nil) != (i == 0) || i > 0 && *c.SNR != snr || c.Chosen.Said != held || c.Chosen.Threshold != .25 ||
			c.Word != "rise" || c.Model != "rise.nir" {
			t.Errorf("condition %s: %+v, want %d said", c.Condition(), c.Chosen, held)
		}
	}

	g := l.Graph(kept[0], tables, "ganglion train keyword", "made here")
	if n := g.Metadata.Text("command") + ", " + g.Metadata.Text("data"); n != "ganglion train keyword, made here" {
		t.Error(n)
	}
	if n := g.Metadata.Section("training").Number("parameters"); int(n) != kept[0].Parameters() {
		t.Errorf("%v parameters, the network has %d", n, kept[0].Parameters())
	}
	path := filepath.Join(t.TempDir(), "rise.nir")
	if err := nir.WriteFile(path, &nir.Model{Graph: g}); err != nil {
		t.Fatal(err)
	}
	m, err := keyword.ReadModel(path)
	if err != nil || !cmp.Equal(m.Labels, []string{"_other", "rise"}) || !cmp.Equal(m.Thresholds, []float64{0, .25}) || m.Smooth != l.Smooth {
		t.Errorf("the readout reads %+v (%v)", m, err)
	}
}

// What was not learned is not kept, and why is told with what there is.
func TestAWordThatIsNotLearnedIsNotKept(t *testing.T) {
	t.Parallel()
	l, _ := lesson(t)
	l.Rounds = 1
	l.Noise = nil
	l.FalseAlarms = 0
	l.Keep = func(*bptt.Network, []*hearing.Table) error { t.Error("kept"); return nil }
	_, err := l.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(),
		"the network has not learned the word: no threshold hears any of the 2 recordings that were held out at no more than 0") {
		t.Errorf("error %v", err)
	}
	l.Folds = 1 // nothing is held out
	if _, err := l.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "0 and 0.00 h are held out: give more, or fewer --folds") {
		t.Errorf("error %v", err)
	}
	full := errors.New("the disk is full")
	l.Folds, l.Threshold = 3, .5
	l.Keep = func(*bptt.Network, []*hearing.Table) error { return full }
	if _, err := l.Run(t.Context()); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	l.Positives = nil
	if _, err := l.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "0 clips of the word") {
		t.Errorf("error %v", err)
	}
	l.Encoder.Front = "none"
	if _, err := l.Run(t.Context()); err == nil {
		t.Error("an ear that there is not is trained with")
	}
	if err := l.Settle(); err == nil {
		t.Error("an ear that there is not is settled")
	}
}

// The highest threshold that hears half is what tells how far away a word is.
func TestHowFarAwayAWordIs(t *testing.T) {
	t.Parallel()
	table := &hearing.Table{Thresholds: []score.WordResult{
		{Threshold: .1, Said: 4, Missed: 1, FAPerHour: 90}, {Threshold: .2, Said: 4, Missed: 2, FAPerHour: 7.5}, {Threshold: .3, Said: 4,
			Missed: 3},
	}}
	if got := new(Training).halfway(table); got != "at 0.200 it hears 2, with 7.5 false accepts per hour" {
		t.Error(got)
	}
	table.Thresholds = table.Thresholds[2:]
	if got := new(Training).halfway(table); got != "none hears half of them" {
		t.Error(got)
	}
}

func TestFewRecordingsAreLearnedFromMoreOften(t *testing.T) {
	t.Parallel()
	for recordings, want := range map[int]int{0: 4500, 10: 450, 30: 150, 100: 120} {
		r := NewDefaultRecipe()
		if r.Enough(recordings); r.Training.Epochs != want {
			t.Errorf("%d recordings: %d epochs, want %d", recordings, r.Training.Epochs, want)
		}
	}
}

// The configuration says what is not a default, and nothing else.
func TestTheConfigurationIsThatOfTheRecipe(t *testing.T) {
	t.Parallel()
	r := NewDefaultRecipe()
	if err := r.Settle(); err != nil {
		t.Fatal(err)
	}
	text, err := r.Pipeline("rise", "rise.nir", "loihi", "rise.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	want := map[string]any{
		"name": "rise", "source": map[string]any{"type": "audio", "path": "-", "rate": 16000},
		"encoder": map[string]any{"type": "cochlea", "mel": map[string]any{"high": 7600}},
		"network": map[string]any{"model": "nir", "path": "rise.nir", "profile": "loihi", "step": "10ms", "dt": "10ms", "shards": 1},
		"readout": map[string]any{"type": "keyword", "model": "rise.nir"},
		"sinks":   []any{map[string]any{"type": "jsonl", "path": "-"}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(text, "# Hears \"rise\".") || !strings.Contains(text, "ganglion run rise.yaml") {
		t.Error(text)
	}
}
