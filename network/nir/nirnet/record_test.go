package nirnet

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network/nir"
	"ganglion/pipeline"
)

// TestARecordReplays writes what a network took in and did as NIRData, reads
// it, and runs it again.
func TestARecordReplays(t *testing.T) {
	t.Parallel()
	p, _ := ProfileByName("norse")
	p.DT = 1e-3
	l, err := Lower(tiny().Graph, p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	in := learnInput()
	const steps = learnSpan / 1000
	var d *nir.Data
	want, err := Infer(t.Context(), l, 1, in, 0, steps, func(layers []pipeline.Layer, a *pipeline.Activity) error {
		d, err = Record(l.Spec.Input, layers, a, in, learnSpan)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := nir.WriteData(&b, d); err != nil {
		t.Fatal(err)
	}
	read, err := nir.ReadData(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	spikes, n, err := Replay(read, 0, l.Spec.Input, 1000)
	if err != nil || n != steps {
		t.Fatalf("%d steps, %v", n, err)
	}
	got, err := Infer(t.Context(), l, 2, spikes, 0, n, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" || want.Layers[0].Spikes == 0 {
		t.Error(d)
	}
	if e, ok := read.Find("lif", "spikes").(*nir.Events); !ok || e.Slots != want.Layers[0].Spikes {
		t.Error("the layer's spikes are not in the file")
	}
}

func TestRecordsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	one := func(s nir.Series) *nir.Data {
		return &nir.Data{Nodes: []nir.DataNode{{Name: "x", Observables: []nir.Observable{{Name: "v", Series: s}}}}}
	}
	grid := &nir.TimeGrid{DT: 1e-3, Data: nir.Float32([]int{1, 2, 3}, []float32{0, 1, 0, 0, 0, 2})}
	spikes, steps, err := Replay(one(grid), 0, pipeline.Shape{3}, 1000)
	if err != nil || steps != 2 || spikes.Len() != 2 || spikes.Values[1] != 2 {
		t.Errorf("%v, %d steps, %v", spikes, steps, err)
	}
	for name, c := range map[string]struct {
		d    *nir.Data
		want string
	}{
		"nothing": {&nir.Data{}, `no spikes of a node "input"`},
		"size": {one(&nir.TimeGrid{DT: 1e-3, Data: nir.Float32([]int{1, 1, 2}, []float32{0, 1})}),
			"recorded of 2 neurons, the network takes [3]"},
		"time":    {one(&nir.Events{Samples: 1, Neurons: 3}), "recorded for 0 s"},
		"outside": {one(&nir.Events{Samples: 1, Slots: 1, Index: []int64{1}, Time: []float64{.5}, Neurons: 3, TMax: .1}), ""},
		"broken":  {one(&nir.Events{Samples: 1, Slots: 1, Index: []int64{1}, Time: []float64{math.NaN()}, Neurons: 3, TMax: .1}), ""},
	} {
		if _, _, err := Replay(c.d, 0, pipeline.Shape{3}, 1000); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
