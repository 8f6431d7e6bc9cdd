package nir

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEveryRecordedModelIsRead reads the models of the NIR paper and of the
// nir package, with the type check on, and finds them unchanged by writing.
func TestEveryRecordedModelIsRead(t *testing.T) {
	t.Parallel()
	type counts struct{ nodes, edges, neurons, parameters, notes int }
	dir := fixtures(t)
	want := map[string]counts{
		"braille/braille_noDelay_bias_zero.nir":                {7, 7, 45, 2564, 0},
		"braille/braille_noDelay_bias_zero_subgraph.nir":       {7, 7, 45, 2564, 1},
		"braille/braille_noDelay_noBias_subtract.nir":          {7, 7, 47, 2689, 0},
		"braille/braille_noDelay_noBias_subtract_subgraph.nir": {7, 7, 47, 2689, 1},
		"hdf5/allnodes_gzip.nir":                               {13, 13, 200, 897, 0},
		"hdf5/allnodes_latest.nir":                             {13, 13, 200, 897, 0},
		"hdf5/allnodes_lzf.nir":                                {13, 13, 200, 897, 0},
		"hdf5/allnodes_nocompression.nir":                      {13, 13, 200, 897, 0},
		"hdf5/allnodes_v108.nir":                               {13, 13, 200, 897, 0},
		"hdf5/chain40_gzip.nir":                                {42, 41, 40, 200, 0},
		"hdf5/chain40_latest.nir":                              {42, 41, 40, 200, 0},
		"hdf5/nested_gzip.nir":                                 {4, 4, 4, 36, 0},
		"lif/lif_norse.nir":                                    {4, 3, 1, 7, 0},
		"lif/two_lif_neurons.nir":                              {6, 5, 2, 12, 0},
		"scnn/cnn_sinabs.nir":                                  {15, 14, 8970, 66800, 0},
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.nir"))
	if len(files) != len(want) {
		t.Errorf("%d files: %v", len(files), files)
	}
	for file, w := range want {
		t.Run(file, func(t *testing.T) {
			m, err := ReadFile(filepath.Join(dir, file), Options{})
			if err != nil {
				t.Fatal(err)
			}
			r, err := Describe(m)
			if err != nil {
				t.Fatal(err)
			}
			got := counts{len(r.Nodes), len(r.Edges), r.Neurons, r.Parameters, len(r.Notes)}
			if got != w {
				t.Errorf("%+v, want %+v", got, w)
			}
			again, err := decode(encode(t, m), Options{})
			if err != nil {
				t.Fatal(err)
			}
			again.Notes, again.Absent = m.Notes, m.Absent
			if diff := cmp.Diff(m, again); diff != "" {
				t.Errorf("written and read (-before +after):\n%s", diff)
			}
		})
	}
}

// The files with a nested graph hold the same network as those without.
func TestTheNestedBrailleModelsAreTheFlatOnes(t *testing.T) {
	t.Parallel()
	names := map[string]string{"lif1.lif1": "lif1.lif", "lif1.lin": "lif1.w_rec"}
	for _, net := range []string{"braille_noDelay_bias_zero", "braille_noDelay_noBias_subtract"} {
		t.Run(net, func(t *testing.T) {
			var graphs [2]*Graph
			for i, file := range []string{net, net + "_subgraph"} {
				m, err := ReadFile(filepath.Join(fixtures(t), "braille", file+".nir"), Options{})
				if err != nil {
					t.Fatal(err)
				}
				if graphs[i], err = m.Graph.Flat(); err != nil {
					t.Fatal(err)
				}
			}
			rename := func(name *string) {
				if other, ok := names[*name]; ok {
					*name = other
				}
			}
			for i := range graphs[1].Nodes {
				rename(&graphs[1].Nodes[i].Name)
			}
			for i := range graphs[1].Edges {
				rename(&graphs[1].Edges[i].From)
				rename(&graphs[1].Edges[i].To)
			}
			for _, g := range graphs {
				g.Canonical()
			}
			if diff := cmp.Diff(graphs[0], graphs[1]); diff != "" {
				t.Errorf("flat and nested differ (-flat +nested):\n%s", diff)
			}
			o, err := graphs[0].Order()
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range graphs[0].Edges {
				if o.Feedback[i] != (e == Edge{"lif1.w_rec", "lif1.lif"}) {
					t.Errorf("edge %v: feedback %v", e, o.Feedback[i])
				}
			}
		})
	}
}

func TestTheRecordedActivityIsRead(t *testing.T) {
	t.Parallel()
	d, err := ReadDataFile(filepath.Join(fixtures(t), "hdf5", "nirdata_example.nird"))
	if err != nil {
		t.Fatal(err)
	}
	e, ok := d.Find("lif", "spikes").(*Events)
	if !ok || e.Neurons != 4 || e.TMax != 1 {
		t.Fatalf("spikes %+v", e)
	}
	s, err := e.Spikes(0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{0, 1000, 2000}, s.T); diff != "" {
		t.Error(diff)
	}
	if v, ok := d.Find("lif", "v").(*TimeGrid); !ok || v.DT != 1e-3 || !slices.Equal(v.Data.Shape, []int{1, 10, 4}) {
		t.Errorf("v %+v", v)
	}
}
