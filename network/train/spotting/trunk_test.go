package spotting

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/network/nir"
	"ganglion/network/sound/hearing"
	"ganglion/network/sound/keyword"
	"ganglion/network/train/bptt"
)

// smallTrunk is a short training of two words, and what it notes.
func smallTrunk(t *testing.T) (*Trunk, *bytes.Buffer) {
	t.Helper()
	r := NewDefaultTrunkRecipe()
	r.Training.Hidden, r.Training.Epochs, r.Training.Batch, r.Training.Part = []int{6}, 2, 4, 4
	notes := new(bytes.Buffer)
	trunk := &Trunk{
		Recipe: r, Words: []Said{{"fall", sounds("fall", 4, false)}, {"rise", sounds("rise", 5, true)}},
		Negatives: sounds("hum", 6, false), Noise: sounds("hiss", 1, false), Notes: notes, Watch: func(Round) {},
		File: bptt.NewFile(filepath.Join(t.TempDir(), "checkpoint"), "trunk"),
	}
	if err := trunk.Settle(); err != nil {
		t.Fatal(err)
	}
	return trunk, notes
}

// trunkFile is a trunk that has learned little, in a file.
func trunkFile(t *testing.T) string {
	t.Helper()
	trunk, _ := smallTrunk(t)
	net, last, err := trunk.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "trunk.nir")
	if err := nir.WriteFile(path, &nir.Model{Graph: trunk.Graph(net, last, "ganglion train trunk", "made here")}); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestATrunkKnowsItsWords(t *testing.T) {
	t.Parallel()
	file, err := nir.ReadFile(trunkFile(t), nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	md := file.Graph.Metadata
	if got := md.Texts("labels"); !cmp.Equal(got, []string{"_other", "fall", "rise"}) {
		t.Errorf("labels %v", got)
	}
	if got := md.Text("command") + ", " + md.Text("data"); got != "ganglion train trunk, made here" {
		t.Error(got)
	}
	if tr := md.Section("training"); tr.Number("clips") != 9 || tr.Number("epochs") != 2 || tr.Number("loss") <= 0 {
		t.Errorf("training %v", tr)
	}
}

// A word that begins from a trunk is another network than one from scratch, and
// its file names the trunk.
func TestAWordBeginsFromATrunk(t *testing.T) {
	t.Parallel()
	path := trunkFile(t)
	m, err := keyword.ReadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	learn := func(from string) *nir.Graph {
		l, _ := lesson(t)
		l.Rounds, l.Threshold, l.Training.Rate = 1, .25, 1e-9 // hardly learns
		if from != "" {
			if err := l.Begin(from); err != nil {
				t.Fatal(err)
			}
		}
		var net *bptt.Network
		keep := l.Keep
		l.Keep = func(n *bptt.Network, tables []*hearing.Table) error { net = n; return keep(n, tables) }
		tables, err := l.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return l.Graph(net, tables, "ganglion train keyword", "")
	}
	weights := func(g *nir.Graph) []float32 {
		for _, n := range g.Nodes {
			if n.Name == "hidden1_recurrent" {
				return n.Op.(*nir.Linear).Weight.F32
			}
		}
		return nil
	}
	file, err := nir.ReadFile(path, nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	scratch, warm, want := learn(""), learn(path), weights(file.Graph)
	far := func(g *nir.Graph) (sum float64) {
		for i, w := range weights(g) {
			sum += float64((w - want[i]) * (w - want[i]))
		}
		return sum
	}
	if far(warm) > 1e-9 || far(scratch) < 1e-3 {
		t.Errorf("the weights lie %v from the trunk's, from scratch %v", far(warm), far(scratch))
	}
	if got := warm.Metadata.Section("trunk"); got.Text("name") != "trunk.nir" || got.Text("hash") != m.Hash {
		t.Errorf("begun from %v, want %s", got, m.Hash)
	}
	if scratch.Metadata.Section("trunk") != nil {
		t.Error("begun from scratch, it names a trunk")
	}
}

func TestATrunkThatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	path := trunkFile(t)
	for want, change := range map[string]func(*Training){
		"trunk.nir: it was trained behind another ear": func(l *Training) { l.Encoder.Mel.High = 7000 },
		"trunk.nir: bptt: hidden1: ":                   func(l *Training) { l.Training.Hidden = []int{7} },
		"trunk.nir: bptt: neither":                     func(l *Training) { l.Training.Hidden = nil },
	} {
		l, _ := lesson(t)
		change(l)
		if err := l.Begin(path); err == nil || !strings.Contains(err.Error(), want) || l.trunk != nil {
			t.Errorf("%v, want %s", err, want)
		}
	}
	l, _ := lesson(t)
	if err := l.Begin("nothere.nir"); err == nil {
		t.Error("a file that there is not was taken")
	}
	bare := filepath.Join(t.TempDir(), "bare.nir")
	if err := nir.WriteFile(bare, &nir.Model{Graph: &nir.Graph{}}); err != nil {
		t.Fatal(err)
	}
	if err := l.Begin(bare); err == nil {
		t.Error("a network that says nothing of its words was taken")
	}
}

// A trunk that was stopped resumes as if it had not, and one that cannot be
// trained reports why.
func TestATrunkIsTrainedToItsEnd(t *testing.T) {
	t.Parallel()
	written := func(n *bptt.Network) []byte {
		var b bytes.Buffer
		if err := nir.Write(&b, &nir.Model{Graph: n.Graph()}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	whole, _ := smallTrunk(t)
	want, end, err := whole.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	part, _ := smallTrunk(t)
	ctx, stop := context.WithCancel(t.Context())
	part.Watch = func(r Round) {
		if r.Epoch == 1 {
			stop()
		}
	}
	if _, _, err := part.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped: %v", err)
	}
	rest, notes := smallTrunk(t)
	rest.File, rest.Resume = part.File, true
	rest.Noise = append(rest.Noise, hearing.Recording{Path: "click.wav", PCM: make([]float32, 10)})
	got, last, err := rest.Run(t.Context())
	if err != nil || last != end || !bytes.Equal(written(got), written(want)) {
		t.Errorf("resumed: %v, %+v, want %+v", err, last, end)
	}
	if !strings.Contains(notes.String(), "click.wav: left out: too short") {
		t.Errorf("notes %q", notes)
	}
	for want, change := range map[string]func(*Trunk){
		"no such file": func(l *Trunk) { l.Resume = true },
		`"rise": no recording is left to learn from`: func(l *Trunk) { l.Words[1].Recordings = nil },
		"9 clips of the word and 0 frames of other":  func(l *Trunk) { l.Negatives = nil },
		"examples of 0 steps":                        func(l *Trunk) { l.Training.Steps = 0 },
		`front end "none"`:                           func(l *Trunk) { l.Encoder.Front = "none" },
	} {
		l, _ := smallTrunk(t)
		change(l)
		if _, _, err := l.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
