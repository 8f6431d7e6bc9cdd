package nirnet

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network/nir"
	"ganglion/pipeline"
)

// learning is a config in which the tiny network's convolution learns, its
// neurons compete, and the model lies in a folder of the test.
func learning(t *testing.T) Config {
	t.Helper()
	c := NewDefaultConfig()
	c.Path, c.DT, c.Shards = filepath.Join(t.TempDir(), "tiny.nir"), time.Millisecond, 1
	g := tiny().Graph
	for i := range g.Nodes[1].Op.(*nir.Conv).Weight.F32 {
		g.Nodes[1].Op.(*nir.Conv).Weight.F32[i] = .1 + .01*float32(i)
	}
	if err := nir.WriteFile(c.Path, &nir.Model{Graph: g}); err != nil {
		t.Fatal(err)
	}
	c.Plasticity = []Plasticity{{Synapses: "quadrants", APlus: .01, AMinus: -.012, TauPlus: 10 * time.Millisecond,
		TauMinus: 10 * time.Millisecond, Max: 1}}
	c.Homeostasis = []Homeostasis{{Neurons: "lif", Rise: .2, Tau: time.Second, ByChannel: true}}
	return c
}

const learnSpan = 400_000 // µs

func learnInput() *pipeline.Spikes {
	r := rand.New(rand.NewPCG(1, 7))
	var s pipeline.Spikes
	for at := int64(0); at < learnSpan; at += 1000 {
		for id := range uint32(128) {
			if r.Float64() < .04 {
				s.Append(at, id)
			}
		}
	}
	return &s
}

// learnRun runs the network over windows of some length and says what it fired
// and has learned. When stop is not 0, the run is handed to another network
// there.
func learnRun(t *testing.T, c Config, window, stop int64) (pipeline.Spikes, pipeline.Learned) {
	t.Helper()
	in := learnInput()
	n, err := newNetwork(c, pipeline.Shape{2, 8, 8})
	if err != nil {
		t.Fatal(err)
	}
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(n.Layers()))}
	run := 0
	for start := int64(0); start < learnSpan; start += window {
		var part pipeline.Spikes
		end := min(start+window, learnSpan)
		for ; run < len(in.T) && in.T[run] < end; run++ {
			for _, id := range in.Run(run) {
				part.Append(in.T[run], id)
			}
		}
		if err := n.Step(t.Context(), pipeline.Window{Start: start, End: end}, &part, &act); err != nil {
			t.Fatal(err)
		}
		if start < stop && end >= stop {
			snap, err := n.(pipeline.Stateful).AppendState(nil)
			if err != nil {
				t.Fatal(err)
			}
			if n, err = newNetwork(c, pipeline.Shape{2, 8, 8}); err != nil { // the first was killed
				t.Fatal(err)
			}
			if err := n.(pipeline.Stateful).RestoreState(snap); err != nil {
				t.Fatal(err)
			}
		}
	}
	learned := n.(pipeline.Learner).Learned(nil)
	for range 2 {
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return act.Layers[0].Spikes, learned[0]
}

func TestAPipelineLearnsKeepsAndExports(t *testing.T) {
	t.Parallel()
	c := learning(t)
	dir := t.TempDir()
	c.Learning = Learning{KeepEvery: 100 * time.Millisecond, FreezeAfter: 250 * time.Millisecond, Export: filepath.Join(dir, "learned.nir")}
	spikes, learned := learnRun(t, c, learnSpan, 0)
	if spikes.Len() < 50 || !(learned.Drift > .05) || !learned.Frozen || learned.Version != 2 || learned.Changes < 1000 {
		t.Fatalf("%d spikes, %+v", spikes.Len(), learned)
	}
	// Windows and a stop in between change nothing, files included.
	want := files(t, dir)
	if len(want) != 3 {
		t.Fatalf("%d files", len(want))
	}
	for _, cut := range []struct{ window, stop int64 }{{7000, 0}, {50_000, 150_000}, {33_000, 231_000}} {
		c.Learning.Export = filepath.Join(t.TempDir(), "learned.nir")
		got, again := learnRun(t, c, cut.window, cut.stop)
		if d := cmp.Diff(spikes, got); d != "" {
			t.Fatalf("windows of %d µs, stopped at %d: %s", cut.window, cut.stop, d)
		}
		if again.Drift != learned.Drift || again.Version != learned.Version {
			t.Errorf("windows of %d µs: %+v, want %+v", cut.window, again, learned)
		}
		if d := cmp.Diff(want, files(t, filepath.Dir(c.Learning.Export))); d != "" {
			t.Errorf("windows of %d µs: other files: %s", cut.window, d)
		}
	}
	// The exported network is the frozen one: weights, and raised thresholds.
	m, err := nir.ReadFile(filepath.Join(dir, "learned.nir"), nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := nir.ReadFile(c.Path, nir.Options{})
	at := func(m *nir.Model, name string) nir.Op {
		return m.Graph.Nodes[slices.IndexFunc(m.Graph.Nodes, func(n nir.Node) bool { return n.Name == name })].Op
	}
	if v := at(m, "lif").(*nir.LIF).VThreshold; !(v.At(0) > 2.6) {
		t.Errorf("threshold %v", v.At(0))
	}
	if d := cmp.Diff(at(before, "quadrants").(*nir.Conv).Weight, at(m, "quadrants").(*nir.Conv).Weight); d == "" {
		t.Error("the weights are those of before")
	}
	// Rolling back is running a version that was kept.
	c.Path, c.Learning = filepath.Join(dir, "learned.v1.nir"), Learning{}
	learnRun(t, c, learnSpan, 0)
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(b)
	}
	return all
}

func TestTooMuchDriftGoesBackAndStays(t *testing.T) {
	t.Parallel()
	c := learning(t)
	_, free := learnRun(t, c, 10_000, 0)
	c.Learning = Learning{KeepEvery: 10 * time.Millisecond, MaxDrift: .8 * free.Drift}
	_, held := learnRun(t, c, 10_000, 0)
	if !held.Frozen || held.Version == 0 || !(held.Drift > 0 && held.Drift <= .8*free.Drift) {
		t.Errorf("%+v where freely %+v", held, free)
	}
}

// TestGapsAreCutWhereWeightsAreKept wants the same whether a silent stretch
// comes as windows or not at all.
func TestGapsAreCutWhereWeightsAreKept(t *testing.T) {
	t.Parallel()
	c := learning(t)
	c.Learning.KeepEvery = 100 * time.Millisecond
	version := func(windows ...pipeline.Window) []byte {
		n, err := newNetwork(c, pipeline.Shape{2, 8, 8})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(n.Layers()))}
		in := learnInput()
		run := 0
		for _, w := range windows {
			var part pipeline.Spikes
			for ; run < len(in.T) && in.T[run] < 50_000 && in.T[run] < w.End; run++ {
				for _, id := range in.Run(run) {
					part.Append(in.T[run], id)
				}
			}
			if err := n.Step(t.Context(), w, &part, &act); err != nil {
				t.Fatal(err)
			}
		}
		b, err := n.(pipeline.Stateful).AppendState(nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	whole := version(pipeline.Window{End: 350_000})
	if !slices.Equal(whole, version(pipeline.Window{End: 50_000}, pipeline.Window{Start: 340_000, End: 350_000})) {
		t.Error("a gap is not silence")
	}
}

func TestBadPlasticityIsRefusedByName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"node": {func(c *Config) { c.Plasticity[0].Synapses = "conv" },
			`plasticity.0: no node "conv" with synapses; there are ["quadrants" "vote"]`},
		"relay":  {func(c *Config) { c.Plasticity[0].Synapses = "vote" }, `the layer never fires`},
		"bounds": {func(c *Config) { c.Plasticity[0].Max = .2 }, `outside 0..0.2`},
		"neurons": {func(c *Config) { c.Homeostasis[0].Neurons = "quadrants" },
			`homeostasis.0: no node "quadrants" with neurons; there are ["lif"]`},
		"competition": {func(c *Config) { c.Competition = []Competition{{Neurons: "x"}} }, `competition.0: no node "x"`},
		"steps":       {func(c *Config) { c.Profile = "ganglion" }, `homeostasis.0: node "lif": it needs steps`},
		"times":       {func(c *Config) { c.Learning.KeepEvery = time.Microsecond }, "must be whole steps of 1ms"},
		"drift":       {func(c *Config) { c.Learning.MaxDrift = 1 }, "max_drift: needs keep_every"},
		"export":      {func(c *Config) { c.Learning.Export = "learned.h5" }, "does not end in .nir"},
		"extension":   {func(c *Config) { c.Extend = []Extend{{Node: "x"}} }, `extend.0: no node "x"`},
		"folder":      {func(c *Config) { c.Learning.Export = "/nowhere/learned.nir" }, "learned network: open /nowhere"},
	} {
		cfg := learning(t)
		c.change(&cfg)
		n, err := newNetwork(cfg, pipeline.Shape{2, 8, 8})
		if err == nil {
			act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(n.Layers()))}
			if err = n.Step(t.Context(), pipeline.Window{End: 1000}, &pipeline.Spikes{}, &act); err == nil {
				err = n.Close()
			}
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestExtensionsOfAConfigAreThoseOfMetadata(t *testing.T) {
	t.Parallel()
	c := learning(t)
	c.Plasticity, c.Homeostasis = nil, nil
	c.Extend = []Extend{
		{Node: "lif", Refractory: 3 * time.Millisecond, AdaptationTau: 20 * time.Millisecond, AdaptationCoupling: .1, AdaptationJump: .5,
			AdaptationOf: "threshold"},
		{Node: "quadrants", Delay: 2 * time.Millisecond, DepressionUse: .3, DepressionRecovery: 100 * time.Millisecond},
	}
	spikes := func(c Config) int {
		n, err := newNetwork(c, pipeline.Shape{2, 8, 8})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(n.Layers()))}
		if err := n.Step(t.Context(), pipeline.Window{End: learnSpan}, learnInput(), &act); err != nil {
			t.Fatal(err)
		}
		return act.Layers[0].Spikes.Len()
	}
	with := spikes(c)
	c.Extend = nil
	if without := spikes(c); with == 0 || with >= without*2/3 {
		t.Errorf("%d spikes with adaptation, refractory period and depression, %d without", with, without)
	}
}
