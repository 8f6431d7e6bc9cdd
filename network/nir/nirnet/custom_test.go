package nirnet

import (
	"math"
	"strings"
	"testing"
	"time"

	"ganglion/network/nir"
	"ganglion/pipeline"
)

// custom runs a graph of two neurons under a profile written in a config, on
// spikes of neuron 0 at the given steps of 1 ms, and returns its output.
func custom(t *testing.T, c Custom, g *nir.Graph, steps ...int64) *pipeline.Spikes {
	t.Helper()
	p, _, err := Config{Profile: "custom", Custom: c, DT: time.Millisecond}.profile(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Lower(g, p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	var in, out pipeline.Spikes
	for _, k := range steps {
		in.Append(k*1000, 0)
	}
	if _, err := Infer(t.Context(), l, 1, &in, 0, 20, func(layers []pipeline.Layer, a *pipeline.Activity) error {
		out = a.Layers[len(layers)-1].Spikes
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return &out
}

// TestACustomProfileSaysHowStrictAThresholdIs fires at the threshold, or only
// above it.
func TestACustomProfileSaysHowStrictAThresholdIs(t *testing.T) {
	t.Parallel()
	whole := chain(nir.Node{Name: "n", Op: &nir.IF{R: two(1), VThreshold: two(1), VReset: two(0)}})
	step := chain(nir.Node{Name: "n", Op: &nir.Threshold{Threshold: two(1)}})
	for _, g := range []*nir.Graph{whole, step} {
		c := Custom{Method: "euler", Input: "current", Reset: "value"}
		strict := custom(t, c, g, 2).Len()
		c.Inclusive = true
		if loose := custom(t, c, g, 2); strict != 0 || loose.IDs[0] != 0 || loose.T[0] != 2000 {
			t.Errorf("%s: %d spikes above the threshold, %v at it", g.Nodes[1].Op.Type(), strict, loose)
		}
	}
	c := Custom{Method: "event", Inclusive: true, Reset: "value"}
	p, _, err := Config{Profile: "custom", Custom: c}.profile(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lower(whole, p, time.Millisecond); err == nil ||
		!strings.Contains(err.Error(), `inclusive need the membranes of a method in steps, not "event"`) {
		t.Error(err)
	}
}

// TestACustomProfileResetsToZeroOrToTheFilesValue fires twice as soon from a
// reset value that lies half-way to the threshold.
func TestACustomProfileResetsToZeroOrToTheFilesValue(t *testing.T) {
	t.Parallel()
	g := chain(nir.Node{Name: "n", Op: &nir.IF{R: two(1), VThreshold: two(1.5), VReset: two(.9)}})
	for _, method := range []string{"euler", "event"} {
		for reset, want := range map[string]int{"value": 3, "zero": 2} { // of four inputs of 1
			if got := custom(t, Custom{Method: method, Input: "current", Reset: reset}, g, 1, 2, 3, 4).Len(); got != want {
				t.Errorf("%s, %s: %d spikes, want %d", method, reset, got, want)
			}
		}
	}
}

// TestACustomProfileTakesImpulses wants inputs to count whole, whatever dt, in
// steps and without: the two read the same membranes.
func TestACustomProfileTakesImpulses(t *testing.T) {
	t.Parallel()
	const tau, syn = 4., 2. // ms
	cuba := func(ms float64) float64 { return .5 * 3 * (math.Exp(-ms/syn) - math.Exp(-ms/tau)) / (1 - tau/syn) }
	for name, c := range map[string]struct {
		op   nir.Op
		want func(ms float64) float64 // after an impulse
		near float64                  // how far steps may be off
	}{
		"LI":     {&nir.LI{Tau: two(tau / 1e3), R: two(.5), VLeak: two(0)}, func(ms float64) float64 { return .5 * math.Exp(-ms/tau) }, 1e-6},
		"CubaLI": {&nir.CubaLI{TauSyn: two(syn / 1e3), TauMem: two(tau / 1e3), R: two(.5), VLeak: two(0), WIn: two(3)}, cuba, .4},
	} {
		g := chain(nir.Node{Name: "n", Op: c.op})
		for method, near := range map[string]float64{"exact": c.near, "event": 1e-6} {
			got := custom(t, Custom{Method: method, Input: "impulse", Reset: "value"}, g, 5)
			for i, at := range got.T {
				want := 0.
				if at >= 5000 {
					want = c.want(float64(at-5000) / 1000)
				}
				if v := float64(got.Values[got.Offsets[i]]); math.Abs(v-want) > near {
					t.Errorf("%s, %s: %v at %d µs, want %v", name, method, v, at, want)
				}
			}
		}
	}
	// A bias of 1 every ms comes to an average current of tau/dt.
	biased := chain(nir.Node{Name: "w", Op: &nir.Affine{Weight: matrixOf(0, 0, 0, 0), Bias: two(.25)}},
		nir.Node{Name: "n", Op: &nir.LI{Tau: two(1e-3), R: two(2), VLeak: two(0)}})
	got := custom(t, Custom{Method: "event", Input: "impulse", Reset: "value"}, biased)
	if last := float64(got.Values[len(got.Values)-1]); math.Abs(last-.5) > 1e-6 {
		t.Errorf("a bias of .25 takes the membrane to %v", last)
	}
}
