package nirnet

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// TestMembranesAreReadInSteps reads I, LI and CubaLI under the three ways to
// take a leak over a step, and wants the recursion of each.
func TestMembranesAreReadInSteps(t *testing.T) {
	t.Parallel()
	const tau, syn, r, win, leak = 4e-3, 2e-3, 3, 2, .25
	shares := map[string]func(tau float64) (decay, gain float64){
		"euler":     func(tau float64) (float64, float64) { return 1 - 1e-3/tau, 1e-3 / tau },
		"exact":     func(tau float64) (float64, float64) { a := math.Exp(-1e-3 / tau); return a, 1 - a },
		"decay-add": func(tau float64) (float64, float64) { return math.Exp(-1e-3 / tau), 1e-3 / tau },
	}
	for method, share := range shares {
		decay, gain := share(tau)
		synDecay, synGain := share(syn)
		for name, c := range map[string]struct {
			op   nir.Op
			step func(v, i, x float64) (float64, float64)
		}{
			"I": {&nir.I{R: two(r)}, func(v, i, x float64) (float64, float64) { return v + r*x, 0 }},
			"LI": {&nir.LI{Tau: two(tau), R: two(r), VLeak: two(leak)},
				func(v, i, x float64) (float64, float64) { return decay*v + gain*r*x + (1-decay)*leak, 0 }},
			"CubaLI": {&nir.CubaLI{TauSyn: two(syn), TauMem: two(tau), R: two(r), VLeak: two(leak), WIn: two(win)},
				func(v, i, x float64) (float64, float64) {
					i = synDecay*i + synGain*win*x
					return decay*v + gain*r*i + (1-decay)*leak, i
				}},
		} {
			l, err := Lower(chain(nir.Node{Name: "n", Op: c.op}), Profile{Name: method, DT: 1e-3, Method: method, Rule: network.ToReset},
				time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			var in pipeline.Spikes
			for _, at := range []int64{2000, 3000, 9000} {
				in.Append(at, 0)
			}
			var got []float32
			_, err = Infer(t.Context(), l, 0, &in, 0, 20, func(_ []pipeline.Layer, a *pipeline.Activity) error {
				for k, id := range a.Layers[0].Spikes.IDs {
					if id == 0 {
						got = append(got, a.Layers[0].Spikes.Values[k])
					}
				}
				return nil
			})
			if err != nil || len(got) != 20 {
				t.Fatalf("%s, %s: %d readings, %v", method, name, len(got), err)
			}
			v, i := 0., 0.
			for k := range got {
				x := 0.
				if k == 2 || k == 3 || k == 9 {
					x = 1
				}
				if v, i = c.step(v, i, x); math.Abs(v-float64(got[k])) > 1e-5 {
					t.Errorf("%s, %s: step %d reads %v, want %v", method, name, k, got[k], v)
				}
			}
		}
	}
}

// TestSynapsesOfRockpoolAreRead reads LI with the r that Rockpool writes for
// ExpSynTorch, which adds inputs whole and then decays: i = (i + x) exp(-dt/tau).
// The r alone tells profile and dt.
func TestSynapsesOfRockpoolAreRead(t *testing.T) {
	t.Parallel()
	const tau, dt = .02, 2e-3
	decay := math.Exp(-dt / tau)
	g := chain(nir.Node{Name: "n", Op: &nir.LI{Tau: two(tau), R: two(tau * decay / dt), VLeak: two(0)}})
	p, _, err := choose(Auto, &nir.Model{Graph: g})
	if err != nil || p.Name != "rockpool-2.9:torch" || p.DT != dt {
		t.Fatalf("%s at a dt of %v, %v", p.Name, p.DT, err)
	}
	l, err := Lower(g, p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	var in pipeline.Spikes
	in.Append(1000, 0)
	in.Append(4000, 0)
	step, want := 0, 0.
	_, err = Infer(t.Context(), l, 0, &in, 0, 8, func(_ []pipeline.Layer, a *pipeline.Activity) error {
		for k, id := range a.Layers[0].Spikes.IDs {
			if id != 0 {
				continue
			}
			x := 0.
			if step == 1 || step == 4 {
				x = 1
			}
			if want = (want + x) * decay; math.Abs(want-float64(a.Layers[0].Spikes.Values[k])) > 1e-6 {
				t.Errorf("step %d reads %v, want %v", step, a.Layers[0].Spikes.Values[k], want)
			}
			step++
		}
		return nil
	})
	if err != nil || step != 8 {
		t.Errorf("%d steps, %v", step, err)
	}
}

// TestAThresholdFiresWhereItsInputIsAbove runs Threshold in steps and without,
// with a bias, and with a refractory period of the neurons behind it.
func TestAThresholdFiresWhereItsInputIsAbove(t *testing.T) {
	t.Parallel()
	g := chain(
		nir.Node{Name: "affine", Op: &nir.Affine{Weight: matrixOf(.5, 0, .75, 0), Bias: nir.Float64([]int{2}, []float64{.1, .1})}},
		nir.Node{Name: "threshold", Op: &nir.Threshold{Threshold: two(.7)}},
		nir.Node{Name: "if", Op: &nir.IF{R: two(1), VThreshold: two(.5), VReset: two(0)}, Metadata: nir.Metadata{
			{Key: metadataGroup, Value: nir.Metadata{{Key: "refractory", Value: nir.Scalar(3e-3)}}}}},
	)
	for _, name := range []string{"norse", "ganglion"} {
		p, err := ProfileByName(name)
		if err != nil {
			t.Fatal(err)
		}
		p.DT = 1e-3
		l, err := Lower(g, p, time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		var in pipeline.Spikes
		for at := int64(0); at < 10_000; at += 1000 {
			in.Append(at, 0)
		}
		counts := map[string][2]int{}
		if _, err := Infer(t.Context(), l, 1, &in, 0, 10, func(layers []pipeline.Layer, a *pipeline.Activity) error {
			for i, layer := range layers {
				n := counts[layer.Name]
				for _, id := range a.Layers[i].Spikes.IDs {
					n[id]++
				}
				counts[layer.Name] = n
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		// Of .6 and .85 only the second is above .7. Clock-driven, the
		// downstream neuron fires and rests for three steps; event-driven, it fires
		// every 3 ms, from the second time on twice, since .5 is left over.
		want := map[string][2]int{"norse": {0, 3}, "ganglion": {0, 7}}[name]
		if counts["threshold"] != [2]int{0, 10} || counts["if"] != want {
			t.Errorf("%s: %v", name, counts)
		}
	}
}

// TestThresholdsOfReadings wants a Threshold behind LI to fire at the readings
// that are above it, scaled on the way.
func TestThresholdsOfReadings(t *testing.T) {
	t.Parallel()
	got := fire(t, chain(
		nir.Node{Name: "li", Op: &nir.LI{Tau: two(4e-3), R: two(1), VLeak: two(0)}},
		nir.Node{Name: "scale", Op: &nir.Scale{Scale: two(2)}},
		nir.Node{Name: "threshold", Op: &nir.Threshold{Threshold: two(.2)}},
	), 2500)
	var want []int64
	for at := int64(3000); ; at += 1000 {
		if 2*(1-math.Exp(-.25))*math.Exp(-float64(at-2500)/4000) <= .2 {
			break
		}
		want = append(want, at)
	}
	if d := cmp.Diff(want, got.T); d != "" || len(want) < 3 {
		t.Errorf("%d readings above: %s", len(want), d)
	}
}
