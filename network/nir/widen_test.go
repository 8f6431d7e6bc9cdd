package nir

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reread is a graph as a file holds it.
func reread(t *testing.T, nodes []Node, edges ...Edge) (*Model, error) {
	t.Helper()
	var file bytes.Buffer
	if err := Write(&file, &Model{Graph: &Graph{Nodes: nodes, Edges: edges}}); err != nil {
		t.Fatal(err)
	}
	return Read(bytes.NewReader(file.Bytes()), int64(file.Len()), Options{})
}

// TestParametersOfChannelsServeTheirPlanes reads a layer of two channels whose
// parameters are one for each channel, and one whose delays are one for each
// row, in a nested graph too.
func TestParametersOfChannelsServeTheirPlanes(t *testing.T) {
	t.Parallel()
	channels := func(a, b float32) Tensor { return Float32([]int{2, 1, 1}, []float32{a, b}) }
	lif := func() *LIF {
		return &LIF{Tau: channels(1, 2), R: channels(1, 1), VLeak: channels(0, 0), VReset: channels(0, 0), VThreshold: channels(3, 4)}
	}
	inner := &Graph{Nodes: []Node{{Name: "i", Op: &Input{Shape: []int{2, 2, 3}}}, {Name: "lif", Op: lif()}, {Name: "o", Op: &Output{}}},
		Edges: wired("i", "lif", "o")}
	m, err := reread(t, []Node{{Name: "i", Op: &Input{Shape: []int{2, 2, 3}}}, {Name: "lif", Op: lif()}, {Name: "sub", Op: inner},
		{Name: "d", Op: &Delay{Delay: Float32([]int{1, 2, 1}, []float32{7, 8})}}, {Name: "o", Op: &Output{}}},
		wired("i", "lif", "sub", "d", "o")...)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]Op{}
	for _, n := range m.Graph.Nodes {
		byName[n.Name] = n.Op
	}
	for _, n := range byName["sub"].(*Graph).Nodes {
		byName["sub."+n.Name] = n.Op
	}
	for name, got := range map[string]struct {
		t    Tensor
		want []float64
	}{
		"tau":        {byName["lif"].(*LIF).Tau, []float64{1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2}},
		"threshold":  {byName["lif"].(*LIF).VThreshold, []float64{3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4}},
		"nested tau": {byName["sub.lif"].(*LIF).Tau, []float64{1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2}},
		"delay":      {byName["d"].(*Delay).Delay, []float64{7, 7, 7, 8, 8, 8, 7, 7, 7, 8, 8, 8}},
	} {
		if d := cmp.Diff(got.want, got.t.Float64s()); d != "" || !cmp.Equal(got.t.Shape, []int{2, 2, 3}) {
			t.Errorf("%s of shape %v: %s", name, got.t.Shape, d)
		}
	}
}

// TestParametersOfANeuronTakeTheShapeOfTheLargest completes a neuron of which
// one parameter is a number, one has a value for each channel and one for each
// neuron.
func TestParametersOfANeuronTakeTheShapeOfTheLargest(t *testing.T) {
	t.Parallel()
	lif := &LIF{Tau: Float32([]int{2, 1}, []float32{1, 2}), R: Scalar(5), VLeak: Tensor{Shape: []int{1, 3}, I64: []int64{7, 8, 9}},
		VThreshold: Float64([]int{2, 3}, []float64{1, 2, 3, 4, 5, 6})}
	fill(lif)
	for name, got := range map[string]struct {
		t    Tensor
		want []float64
	}{
		"tau":   {lif.Tau, []float64{1, 1, 1, 2, 2, 2}},
		"r":     {lif.R, []float64{5, 5, 5, 5, 5, 5}},
		"leak":  {lif.VLeak, []float64{7, 8, 9, 7, 8, 9}},
		"reset": {lif.VReset, []float64{0, 0, 0, 0, 0, 0}},
	} {
		if d := cmp.Diff(got.want, got.t.Float64s()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if where, err := validate(lif); err != nil {
		t.Error(where, err)
	}
}

// TestParametersThatNothingWidensKeepTheirShape reads a loop that an input of
// another shape feeds.
func TestParametersThatNothingWidensKeepTheirShape(t *testing.T) {
	t.Parallel()
	scale := func() *Scale { return &Scale{Scale: Float32([]int{1, 3}, []float32{1, 2, 3})} }
	m, err := reread(t, []Node{{Name: "i", Op: &Input{Shape: []int{3}}}, {Name: "s", Op: scale()}, {Name: "o", Op: &Output{}},
		{Name: "alone", Op: scale()}}, wired("i", "s", "o")...)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range m.Graph.Nodes {
		if s, ok := n.Op.(*Scale); ok && !cmp.Equal(s.Scale.Shape, []int{1, 3}) {
			t.Errorf("node %q has the shape %v", n.Name, s.Scale.Shape)
		}
	}
	_, err = reread(t, []Node{{Name: "i", Op: &Input{Shape: []int{2, 4}}}, {Name: "s", Op: scale()}, {Name: "o", Op: &Output{}}},
		wired("i", "s", "o")...)
	var within *nirError
	if !errors.As(err, &within) || within.Node != "s" {
		t.Errorf("[1 3] for [2 4]: %v", err)
	}
}

// TestWideningIsBounded has a few parameters stand for more values than a
// reader fills in.
func TestWideningIsBounded(t *testing.T) {
	t.Parallel()
	tau := func() Tensor { return Float32([]int{1, 2}, []float32{1, 1}) }
	nodes := []Node{{Name: "i", Op: &Input{Shape: []int{maxFilled / 4, 2}}}, {Name: "n", Op: &LI{Tau: tau(), R: tau(), VLeak: tau()}},
		{Name: "o", Op: &Output{}}}
	if _, err := reread(t, nodes, wired("i", "n", "o")...); err == nil {
		t.Error("three parameters of half of the bound each are filled in")
	}
}

// TestAnAffineMayLeaveItsBiasOut reads one without.
func TestAnAffineMayLeaveItsBiasOut(t *testing.T) {
	t.Parallel()
	affine := &Affine{Weight: Float32([]int{2, 3}, make([]float32, 6))}
	fill(affine)
	if d := cmp.Diff(Float32([]int{2}, make([]float32, 2)), affine.Bias); d != "" {
		t.Error(d)
	}
	if where, err := validate(affine); err != nil {
		t.Error(where, err)
	}
}
