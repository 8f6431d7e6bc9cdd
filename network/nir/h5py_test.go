package nir

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"ganglion/internal/h5py"
)

// TestH5pyFindsTheLayoutOfNIRAndTheSameValues writes a model and a recording
// with everything in them; h5py opens them, checks that they are laid out as
// the nir package expects, and reads every value as it was.
func TestH5pyFindsTheLayoutOfNIRAndTheSameValues(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	model, data := filepath.Join(dir, "m.nir"), filepath.Join(dir, "d.nird")
	for file, b := range map[string][]byte{model: encode(t, sample()), data: encodeData(t, recording())} {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h5py.Run(t, "check", model, data)
	dumps := h5py.Dump(t, model, data)
	compared := compareGraph(t, dumps[0], "/node", sample().Graph)
	if len(dumps[0]) != compared+1 { // and the version
		t.Errorf("%d of %d datasets compared", compared, len(dumps[0]))
	}
	if e := dumps[1]["/nodes/lif/observables/graded/value"]; e.Type != "float64" || len(e.Values) != 2 || parse(t, e.Values[0]) != -2 {
		t.Errorf("graded values %+v", e)
	}
	if e := dumps[1]["/nodes/sub/nodes/lif/observables/spikes/data"]; e.Type != "bool" || len(e.Values) != 6 || e.Values[1] != "1" {
		t.Errorf("spikes of a nested node %+v", e)
	}
	if e := dumps[1]["/nodes/lif/observables/spikes@n_neurons"]; e.Type != "int64" || e.Values[0] != "4" {
		t.Errorf("n_neurons %+v", e)
	}
}

// compareGraph compares h5py's datasets with a graph and counts them.
func compareGraph(t *testing.T, dump map[string]h5py.Entry, path string, g *Graph) int {
	text := func(path, want string) {
		if e := dump[path]; e.Type != "string" || len(e.Values) != 1 || e.Values[0] != want {
			t.Errorf("%s: %+v, want %q", path, e, want)
		}
	}
	text(path+"/type", "NIRGraph")
	ends := dump[path+"/edges"].Values
	for i, e := range g.Edges {
		if ends[2*i] != e.From || ends[2*i+1] != e.To {
			t.Errorf("%s: edge %d is %v", path, i, ends[2*i:2*i+2])
		}
	}
	n := 2 + compareMetadata(t, dump, path+"/metadata", g.Metadata)
	for _, node := range g.Nodes {
		at := path + "/nodes/" + node.Name
		if sub, ok := node.Op.(*Graph); ok {
			n += compareGraph(t, dump, at, sub)
			continue
		}
		text(at+"/type", node.Op.Type())
		n += 1 + compareMetadata(t, dump, at+"/metadata", node.Metadata)
		for _, p := range params(node.Op) {
			n += compareParam(t, dump, at+"/"+p.name, p)
		}
	}
	return n
}

func compareMetadata(t *testing.T, dump map[string]h5py.Entry, path string, m Metadata) int {
	n := 0
	for _, e := range m {
		switch v := e.Value.(type) {
		case Metadata:
			n += compareMetadata(t, dump, path+"/"+e.Key, v)
		case Tensor:
			n += compareParam(t, dump, path+"/"+e.Key, param{tensor: &v})
		case Text:
			n++
			for i, s := range v.Values {
				if got := dump[path+"/"+e.Key].Values[i]; got != s {
					t.Errorf("%s/%s: %q, want %q", path, e.Key, got, s)
				}
			}
		}
	}
	return n
}

// compareParam compares one parameter and says how many datasets it is.
func compareParam(t *testing.T, dump map[string]h5py.Entry, path string, p param) int {
	var want []float64
	switch {
	case p.tensor != nil:
		want = p.tensor.Float64s()
	case p.number != nil:
		want = []float64{float64(*p.number)}
	case p.padding != nil && p.padding.Mode != "":
		if got := dump[path].Values; len(got) != 1 || got[0] != p.padding.Mode {
			t.Errorf("%s: %v, want %q", path, got, p.padding.Mode)
		}
		return 1
	case p.padding != nil:
		for _, v := range p.padding.Size {
			want = append(want, float64(v))
		}
	case *p.numbers == nil:
		return 0
	default:
		for _, v := range *p.numbers {
			want = append(want, float64(v))
		}
	}
	got := dump[path].Values
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", path, len(got), len(want))
		return 1
	}
	for i := range want {
		if v := parse(t, got[i]); v != want[i] {
			t.Errorf("%s: %v at index %d, want %v", path, v, i, want[i])
		}
	}
	return 1
}

func parse(t *testing.T, s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
