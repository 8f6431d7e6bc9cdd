package nir

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func recurrent() *Model {
	inner := &Graph{
		Nodes: []Node{{Name: "in", Op: &Input{}}, {Name: "lif", Op: lif(2)}, {Name: "out", Op: &Output{}},
			{Name: "rec", Op: &Linear{ones(2, 2)}}},
		Edges: []Edge{{"in", "lif"}, {"lif", "rec"}, {"rec", "lif"}, {"lif", "out"}},
	}
	g := chain(&Input{Shape: []int{3}}, &Affine{ones(2, 3), ones(2)}, inner, &Output{Shape: []int{2}})
	return &Model{Version: "1.0.7", Graph: g, Notes: []string{"something"}}
}

func TestTheReportReadsAsText(t *testing.T) {
	t.Parallel()
	r, err := Describe(recurrent())
	if err != nil {
		t.Fatal(err)
	}
	want := `NIR version 1.0.7: 5 nodes, 5 edges, 2 neurons, 22 parameters

node   type    in   out  parameters  leads to
a      Input   [3]  [3]  0           b
b      Affine  [3]  [2]  8           c.lif
c.lif  LIF     [2]  [2]  10          c.rec, d
c.rec  Linear  [2]  [2]  4           c.lif (next step)
d      Output  [2]  [2]  0           
nested graph: c
note: something
`
	if diff := cmp.Diff(want, r.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestTheReportReadsAsJSON(t *testing.T) {
	t.Parallel()
	r, err := Describe(recurrent())
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"version":"1.0.7","nodes":[{"name":"a","type":"Input","in":[3],"out":[3],"parameters":0},` +
		`{"name":"b","type":"Affine","in":[3],"out":[2],"parameters":8},` +
		`{"name":"c.lif","type":"LIF","in":[2],"out":[2],"parameters":10},` +
		`{"name":"c.rec","type":"Linear","in":[2],"out":[2],"parameters":4},` +
		`{"name":"d","type":"Output","in":[2],"out":[2],"parameters":0}],` +
		`"edges":[{"from":"a","to":"b"},{"from":"b","to":"c.lif"},{"from":"c.lif","to":"c.rec"},{"from":"c.lif","to":"d"},{"from":"c.rec","to":"c.lif","feedback":true}],` +
		`"nested":["c"],"neurons":2,"parameters":22,"notes":["something"]}`
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestTheReportShowsMetadata(t *testing.T) {
	t.Parallel()
	m := recurrent()
	long := make([]float32, 20)
	m.Graph.Metadata = Metadata{
		{"labels", Text{[]int{2}, []string{"yes", "no"}}},
		{"training", Metadata{{"loss", Float64(nil, []float64{.25})}, {"curve", Float32([]int{20}, long)}}},
	}
	r, err := Describe(m)
	if err != nil {
		t.Fatal(err)
	}
	want := []MetaReport{
		{"labels", "yes, no"}, {"training.loss", "0.25"},
		{"training.curve", strings.Repeat("0, ", 16) + "... (20 values)"},
	}
	if diff := cmp.Diff(want, r.Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if s := r.String(); !strings.Contains(s, "\nlabels          yes, no\n") {
		t.Error(s)
	}
}

func TestTheReportNotesShapesThatDoNotFit(t *testing.T) {
	t.Parallel()
	r, err := Describe(&Model{Graph: chain(&Input{Shape: []int{3}}, &Linear{ones(2, 4)})})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "takes the shape [4], but gets [3]") {
		t.Errorf("notes %v", r.Notes)
	}
}
