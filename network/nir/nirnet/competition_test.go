package nirnet

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network/nir"
	"ganglion/pipeline"
)

// step runs a network over a window and returns what its first layer fired.
func step(t *testing.T, n pipeline.Network, start, end int64, in *pipeline.Spikes) pipeline.Spikes {
	t.Helper()
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(n.Layers()))}
	if err := n.Step(t.Context(), pipeline.Window{Start: start, End: end}, in, &act); err != nil {
		t.Fatal(err)
	}
	s := act.Layers[0].Spikes
	for i := range s.T {
		s.T[i] -= start
	}
	return s
}

// TestALearnedNetworkThatCompetesIsExportedWhole lets features learn in
// competition, exports them, and wants the file to fire exactly as the network
// that learned does from rest. Without what the metadata
// says of the competition it must not.
func TestALearnedNetworkThatCompetesIsExportedWhole(t *testing.T) {
	t.Parallel()
	for _, compete := range []Competition{{Neurons: "lif", Group: "layer"}, {Neurons: "lif", Group: "layer", Reset: true},
		{Neurons: "lif", Group: "channels", Reset: true}} {
		for _, profile := range []string{"norse", "snntorch"} {
			c := learning(t)
			widen(t, c.Path)
			c.Profile, c.Homeostasis[0].Rise = profile, .001
			c.Competition = []Competition{compete}
			c.Learning = Learning{FreezeAfter: 250 * time.Millisecond, Export: filepath.Join(t.TempDir(), "learned.nir")}
			n, err := newNetwork(c, pipeline.Shape{2, 8, 8})
			if err != nil {
				t.Fatal(err)
			}
			step(t, n, 0, learnSpan, learnInput())
			const rest = 10_000_000 // long enough for all membranes to be at rest
			step(t, n, learnSpan, rest, &pipeline.Spikes{})
			in := learnInput()
			shifted := *in
			shifted.T = nil
			for _, at := range in.T {
				shifted.T = append(shifted.T, at+rest)
			}
			want := step(t, n, rest, rest+learnSpan, &shifted)
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			run := func(path string) pipeline.Spikes {
				again := NewDefaultConfig()
				again.Path, again.Profile, again.DT, again.Shards = path, profile, c.DT, 2
				n, err := newNetwork(again, pipeline.Shape{2, 8, 8})
				if err != nil {
					t.Fatal(err)
				}
				defer n.Close()
				return step(t, n, 0, learnSpan, in)
			}
			got := run(c.Learning.Export)
			if d := cmp.Diff(want, got); d != "" || want.Len() < 50 {
				t.Fatalf("%s, %+v: %d spikes: %s", profile, compete, want.Len(), d)
			}
			m, err := nir.ReadFile(c.Learning.Export, nir.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range m.Graph.Nodes {
				m.Graph.Nodes[i].Metadata = nil
			}
			plain := filepath.Join(t.TempDir(), "plain.nir")
			if err := nir.WriteFile(plain, &nir.Model{Graph: m.Graph}); err != nil {
				t.Fatal(err)
			}
			if free := run(plain); free.Len() <= want.Len() {
				t.Errorf("%s, %+v: %d spikes without competition, %d with it", profile, compete, free.Len(), want.Len())
			}
		}
	}
}

// widen gives the convolution of a model four channels that differ.
func widen(t *testing.T, path string) {
	t.Helper()
	m, err := nir.ReadFile(path, nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	spread := func(v float64, low int) nir.Tensor {
		all := make([]float64, 16)
		for i := range all {
			all[i] = v + float64(low)*float64(i/4)*.1
		}
		return nir.Float64([]int{4, 2, 2}, all)
	}
	for i := range m.Graph.Nodes {
		switch op := m.Graph.Nodes[i].Op.(type) {
		case *nir.Conv:
			w := make([]float32, 4*2*16)
			for j := range w {
				w[j] = .1 + .05*float32(j*7%11)
			}
			op.Weight, op.Bias = nir.Float32([]int{4, 2, 4, 4}, w), nir.Float32([]int{4}, make([]float32, 4))
		case *nir.LIF:
			op.Tau, op.R, op.VLeak, op.VReset, op.VThreshold = spread(1e-2, 0), spread(1, 0), spread(0, 0), spread(0, 0), spread(.2, 1)
		case *nir.Flatten:
			op.InputShape = []int{4, 2, 2}
		case *nir.Linear:
			op.Weight = nir.Float32([]int{2, 16}, make([]float32, 32))
		}
	}
	if err := nir.WriteFile(path, &nir.Model{Graph: m.Graph}); err != nil {
		t.Fatal(err)
	}
}

func TestBadCompetitionInMetadataIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		group nir.Metadata
		want  string
	}{
		"group": {nir.Metadata{{Key: "competition", Value: nir.Text{Values: []string{"all"}}}},
			`competition is "all", neither layer nor channels`},
		"reset alone":  {nir.Metadata{{Key: "competition_reset", Value: nir.Scalar(1)}}, "competition_reset is one number, beside competition"},
		"event-driven": {nir.Metadata{{Key: "competition", Value: nir.Text{Values: []string{"layer"}}}}, "competition: it needs steps"},
	} {
		g := tiny().Graph
		g.Nodes[2].Metadata = nir.Metadata{{Key: metadataGroup, Value: c.group}}
		p, _ := ProfileByName("ganglion")
		if _, err := Lower(g, p, time.Millisecond); err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), `"lif"`) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// TestCompetitionJoinsWhatMetadataSays keeps the other keys of the group, and
// other groups.
func TestCompetitionJoinsWhatMetadataSays(t *testing.T) {
	t.Parallel()
	c := learning(t)
	m, err := nir.ReadFile(c.Path, nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Graph.Nodes {
		if m.Graph.Nodes[i].Name == "lif" {
			m.Graph.Nodes[i].Metadata = nir.Metadata{
				{Key: metadataGroup, Value: nir.Metadata{{Key: "competition", Value: nir.Text{Values: []string{"channels"}}}}},
				{Key: "note", Value: nir.Text{Values: []string{"kept"}}},
			}
		}
	}
	if err := nir.WriteFile(c.Path, &nir.Model{Graph: m.Graph}); err != nil {
		t.Fatal(err)
	}
	c.Competition = []Competition{{Neurons: "lif", Reset: true}} // the config's counts
	c.Learning.Export = filepath.Join(t.TempDir(), "learned.nir")
	learnRun(t, c, learnSpan, 0)
	if m, err = nir.ReadFile(c.Learning.Export, nir.Options{}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, n := range m.Graph.Nodes {
		for _, e := range n.Metadata {
			b.WriteString(n.Name + " " + e.Key + "\n")
			if g, ok := e.Value.(nir.Metadata); ok {
				for _, e := range g {
					b.WriteString("  " + e.Key + "\n")
				}
			}
		}
	}
	if d := cmp.Diff("lif ganglion\n  competition\n  competition_reset\nlif note\n", b.String()); d != "" {
		t.Error(d)
	}
}
