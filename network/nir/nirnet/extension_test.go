package nirnet

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network"
	"ganglion/network/nir"
)

// extended is the tiny network with everything that metadata can add.
func extended() *nir.Graph {
	g := tiny().Graph
	for i := range g.Nodes {
		n := &g.Nodes[i]
		switch n.Op.(type) {
		case *nir.LIF:
			n.Metadata = nir.Metadata{{Key: "author", Value: nir.Text{Values: []string{"someone"}}}, {Key: metadataGroup, Value: nir.Metadata{
				{Key: "refractory", Value: nir.Scalar(.5e-3)},
				{Key: "adaptation_tau", Value: nir.Scalar(2e-3)},
				{Key: "adaptation_coupling", Value: nir.Float64([]int{4}, []float64{0, .1, .2, .3})},
				{Key: "adaptation_jump", Value: nir.Scalar(.7)},
			}}}
		case *nir.Conv:
			delays := make([]float64, 32)
			for k := range delays {
				delays[k] = float64(k) * 1e-4
			}
			n.Metadata = nir.Metadata{{Key: metadataGroup, Value: nir.Metadata{
				{Key: "delay", Value: nir.Float64([]int{1, 2, 4, 4}, delays)},
				{Key: "depression_use", Value: nir.Scalar(.4)}, {Key: "depression_recovery", Value: nir.Scalar(5e-3)},
			}}}
		}
	}
	return g
}

func TestMetadataExtendsNodes(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := nir.Write(&b, &nir.Model{Graph: extended()}); err != nil {
		t.Fatal(err)
	}
	m, err := nir.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := ProfileByName("norse")
	p.DT = 1e-4
	l, err := Lower(m.Graph, p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	n, in := l.Spec.Layers[0].Neuron.(network.Clocked), l.Spec.Layers[0].Inputs[0]
	if d := cmp.Diff([]int32{5}, n.Refractory); d != "" {
		t.Error(d)
	}
	want := &network.Adaptation{
		Decay: []float32{.95, .95, .95, .95}, Couple: []float32{0, .1 * .05, .2 * .05, .3 * .05}, Jump: []float32{.7, .7, .7, .7},
		Rest: make([]float32, 4),
	}
	near := cmp.Comparer(func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-8 })
	if d := cmp.Diff(want, n.Adapt, near); d != "" {
		t.Error(d)
	}
	for i, d := range in.Delays {
		if int(d) != i {
			t.Fatalf("delay %d of weight %d", d, i)
		}
	}
	// 5 ms of the equations are 50 steps, which are 50 ms of sensor time.
	if d := cmp.Diff(&network.Depression{Use: .4, Recovery: 50 * time.Millisecond}, in.Depress); d != "" || len(in.Delays) != 32 {
		t.Error(d)
	}
	e, err := network.New(l.Spec, 2)
	if err != nil {
		t.Fatal(err)
	}
	_ = e.Close()
}

func TestScaledMembranesAdaptAlike(t *testing.T) {
	t.Parallel()
	for _, of := range []string{"input", "threshold"} {
		g := extended()
		g.Nodes[2].Metadata[1].Value = append(g.Nodes[2].Metadata[1].Value.(nir.Metadata),
			nir.Meta{Key: "adaptation_of", Value: nir.Text{Values: []string{of}}})
		adapt := func(profile string) (network.Clocked, *network.Adaptation) {
			p, _ := ProfileByName(profile)
			p.DT = 1e-4
			l, err := Lower(g, p, time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			n := l.Spec.Layers[0].Neuron.(network.Clocked)
			return n, n.Adapt
		}
		plain, a := adapt("norse")
		scaled, b := adapt("snntorch")
		// The membrane is in units of u, the adaptation in those of the input
		// or, for the threshold, of the membrane.
		u := scaled.Threshold[0] / plain.Threshold[0]
		couple, jump := b.Couple[1]*u, b.Jump[1]
		if of == "threshold" {
			couple, jump = b.Couple[1], b.Jump[1]/u
		}
		if math.Abs(float64(couple-a.Couple[1])) > 1e-7 || math.Abs(float64(jump-a.Jump[1])) > 1e-7 || a.OnThreshold != (of == "threshold") {
			t.Errorf("of %s: coupling %v and jump %v, want %v and %v", of, couple, jump, a.Couple[1], a.Jump[1])
		}
	}
}

func TestBadMetadataIsRefusedByName(t *testing.T) {
	t.Parallel()
	number, text := nir.Scalar(1), nir.Text{Values: []string{"x"}}
	for _, c := range []struct {
		node  int
		key   string
		value nir.MetaValue
		want  string
	}{
		{2, "refractry", number, `node "lif" (LIF): metadata "ganglion": a LIF has no "refractry"`},
		{2, "delay", number, `a LIF has no "delay"`},
		{2, "refractory", text, `"refractory" is not of the right type`},
		{2, "refractory", nir.Scalar(-1), `a refractory period of -1 s`},
		{2, "refractory", nir.Scalar(math.NaN()), `metadata "ganglion" holds NaN`},
		{2, "adaptation_of", text, `adaptation_of is "x", neither input nor threshold`},
		{2, "adaptation_jump", number, "adaptation without adaptation_tau"},
		{2, "adaptation_tau", nir.Scalar(1e-9), "adaptation: a time constant of 1e-09 s does not fit"},
		{1, "delay", nir.Float64([]int{2}, []float64{1, 2}), `2 delays of shape [2]`},
		{1, "delay", nir.Scalar(-1), `input "quadrants": a delay of -1 s`},
		{1, "depression_use", number, "depression_use and depression_recovery are one number each"},
	} {
		g := tiny().Graph
		g.Nodes[c.node].Metadata = nir.Metadata{{Key: metadataGroup, Value: nir.Metadata{{Key: c.key, Value: c.value}}}}
		p, _ := ProfileByName("norse")
		if _, err := Lower(g, p, time.Millisecond); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.key, err, c.want)
		}
	}
	g := tiny().Graph
	g.Nodes[2].Metadata = nir.Metadata{{Key: metadataGroup, Value: number}}
	p, _ := ProfileByName("norse")
	if _, err := Lower(g, p, time.Millisecond); err == nil || !strings.Contains(err.Error(), `metadata "ganglion" is not a group`) {
		t.Errorf("%v", err)
	}
}
