package network

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// rungeKutta is an independent model of exact layers: Runge and Kutta's method of
// fourth order on the equations, in steps of 1 µs, and lists of what arrives
// when. It knows neither closed forms nor queues.
type rungeKutta struct {
	spec   Spec
	v, c   [][]float64
	rest   [][]int64 // until when a neuron rests
	inbox  []map[int64][]mail
	spikes []pipeline.Spikes
}

// mail is a weight that arrives at a neuron.
type mail struct {
	to int
	w  float64
}

func newRungeKutta(spec Spec, sizes []int) *rungeKutta {
	m := &rungeKutta{spec: spec, spikes: make([]pipeline.Spikes, len(sizes))}
	for i, n := range sizes {
		m.v, m.c, m.rest = append(m.v, make([]float64, n)), append(m.c, make([]float64, n)), append(m.rest, make([]int64, n))
		for j := range m.rest[i] {
			m.rest[i][j] = -1
		}
		m.inbox = append(m.inbox, map[int64][]mail{})
	}
	return m
}

// send puts a spike of a layer, or of the input (""), into the inboxes.
func (m *rungeKutta) send(from string, id int, t int64) {
	for l, ls := range m.spec.Layers {
		for _, in := range ls.Inputs {
			if in.From != from {
				continue
			}
			k := in.Kernel.(Dense)
			for to := range k.Out {
				w, at := float64(k.Weight[to*k.In+id]), t+pick(in.Latency, id, 0)
				if in.Delays != nil {
					at += int64(in.Delays[to*k.In+id])
				}
				if in.Recurrent {
					at = max(at, t+1)
				}
				m.inbox[l][at] = append(m.inbox[l][at], mail{to, w})
			}
		}
	}
}

// run goes through all µs of a span.
func (m *rungeKutta) run(in *pipeline.Spikes, span int64) {
	next := 0
	for t := range span {
		for ; next < len(in.T) && in.T[next] == t; next++ {
			for _, id := range in.Run(next) {
				m.send(InputName, int(id), t)
			}
		}
		for l, ls := range m.spec.Layers {
			n := ls.Neuron.(Exact)
			if t > 0 {
				for i := range m.v[l] {
					m.flow(n, l, i, t)
				}
			}
			m.layer(n, l, t)
		}
	}
}

// layer fires and takes in what arrives at time t.
func (m *rungeKutta) layer(n Exact, l int, t int64) {
	x := make([]float64, len(m.v[l]))
	for _, a := range m.inbox[l][t] {
		x[a.to] += a.w
	}
	delete(m.inbox[l], t)
	for i := range x {
		fired := false
		for again := 0; again < 2; again++ {
			for n.fires() && m.v[l][i] > pick(n.Threshold, i, 0) {
				fired = true
				m.spikes[l].Append(t, uint32(i))
				m.send(m.spec.Layers[l].Name, i, t)
				if n.Rule == ToReset {
					m.v[l][i] = pick(n.Reset, i, 0)
				} else {
					m.v[l][i] -= pick(n.Threshold, i, 0)
				}
				m.rest[l][i] = t + pick(n.Refractory, i, 0)
				if again == 0 {
					break // by itself it fires once in a µs
				}
			}
			if again > 0 {
				break
			}
			gain := pick(n.Gain, i, 1)
			if n.SynTau != nil {
				m.c[l][i] += pick(n.SynGain, i, 1) * x[i]
				gain = pick(n.SynKick, i, 0)
			}
			if t >= m.rest[l][i] && !(fired && pick(n.Refractory, i, 0) > 0) {
				m.v[l][i] += gain * x[i]
			}
		}
		if n.Rule == Readout && t%n.Every == 0 {
			m.spikes[l].AppendGraded(t, uint32(i), float32(m.v[l][i]))
		}
	}
}

// flow takes neuron i of a layer from t-1 to t.
func (m *rungeKutta) flow(n Exact, l, i int, t int64) {
	slope := func(v, c float64) (dv, dc float64) {
		if n.SynTau != nil {
			dc = (pick(n.SynRest, i, 0) - c) / pick(n.SynTau, i, 0)
		}
		switch {
		case t <= m.rest[l][i]: // it rests
		case n.Tau == nil:
			dv = pick(n.Drive, i, 0)
		case n.SynTau == nil:
			dv = (pick(n.Rest, i, 0) - v) / pick(n.Tau, i, 0)
		default:
			dv = (pick(n.Rest, i, 0) - v + pick(n.Gain, i, 1)*c) / pick(n.Tau, i, 0)
		}
		return dv, dc
	}
	v, c := m.v[l][i], m.c[l][i]
	v1, c1 := slope(v, c)
	v2, c2 := slope(v+v1/2, c+c1/2)
	v3, c3 := slope(v+v2/2, c+c2/2)
	v4, c4 := slope(v+v3, c+c3)
	m.v[l][i] = v + (v1+2*v2+2*v3+v4)/6
	m.c[l][i] = c + (c1+2*c2+2*c3+c4)/6
}

// exactSpec draws a network of dense exact layers of every kind of neuron, with
// a loop, latencies and delays.
func exactSpec(seed uint64) (Spec, []int) {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 31))}
	dense := func(in, out int, mean, spread float64) Dense {
		return Dense{Weight: randomWeights(g.Rand, in*out, mean, spread), In: in, Out: out}
	}
	const n = 6
	cuba := Exact{
		Rule: []Rule{ToReset, Subtract}[g.IntN(2)], Tau: g.wide(n, 2000, 20_000), SynTau: g.wide(n, 2000, 9000),
		Gain: g.wide(n, 1, 2), SynGain: g.wide(n, .5, 1), SynRest: g.wide(n, -.1, .2), Rest: g.wide(n, -.1, .3), Threshold: g.wide(n, .3, .6),
	}
	switch g.IntN(4) {
	case 0:
		cuba.SynTau = cuba.Tau
	case 1: // almost equal, where the usual closed form loses its digits
		cuba.SynTau = nil
		for i := range n {
			cuba.SynTau = append(cuba.SynTau, pick(cuba.Tau, i, 0)*(1+1e-9))
		}
	}
	if g.chance(.5) {
		cuba.Refractory = []int64{1500}
	}
	if g.chance(.5) {
		cuba.SynKick = g.wide(n, 0, .2)
	}
	lif := Exact{Rule: cuba.Rule, Tau: g.wide(n, 2000, 9000), Gain: g.wide(n, .2, .5), Rest: g.wide(n, .2, 1.3), Threshold: g.wide(n, .8, 1)}
	whole := Exact{Rule: Subtract, Drive: g.wide(n, -5e-5, 2e-4), Gain: g.wide(n, .2, .5), Threshold: []float64{1}}
	read := Exact{Rule: Readout, Every: 500, Tau: []float64{5000}, SynTau: []float64{3000}, SynRest: []float64{.1}}
	back := Connection{From: "lif", Kernel: dense(n, n, -.02, .1), Recurrent: true}
	if g.chance(.7) {
		back.Latency = []int64{int64(g.IntN(2000))}
	}
	first := Connection{From: InputName, Kernel: dense(4, n, .3, .3), Delays: randomDelays(g.Rand, 4*n, 3000)}
	return Spec{Input: pipeline.Shape{4}, Layers: []LayerSpec{
		{Name: "cuba", Inputs: []Connection{first, back}, Neuron: cuba},
		{Name: "lif", Inputs: []Connection{{From: "cuba", Kernel: dense(n, n, .3, .3), Latency: []int64{0, 10, 200, 3000, 40, 50}}}, Neuron: lif},
		{Name: "if", Inputs: []Connection{{From: "lif", Kernel: dense(n, n, .3, .3)}}, Neuron: whole},
		{Name: "li", Inputs: []Connection{{From: "if", Kernel: dense(n, n, .3, .3)}}, Neuron: read},
	}}, []int{n, n, n, n}
}

// TestExactLayersFollowTheirEquations wants the spikes, to the µs, of a model
// that integrates the differential equations on a fine grid.
func TestExactLayersFollowTheirEquations(t *testing.T) {
	t.Parallel()
	const span = 45_000
	total := 0
	for seed := range seeds() / 4 {
		spec, sizes := exactSpec(seed)
		in := trainOf(rand.New(rand.NewPCG(seed, 32)), 4, 300, .1)
		for i := range in.T {
			in.T[i] = in.T[i] / 1000 * 173
		}
		m := newRungeKutta(spec, sizes)
		m.run(in, span)
		e := newEngine(t, spec, 1)
		got := runCut(t, e, in, span, 7500)
		for l, ls := range spec.Layers {
			what := fmt.Sprintf("seed %d, layer %s", seed, ls.Name)
			if d := cmp.Diff(m.spikes[l].T, got[l].T); d != "" {
				t.Fatalf("%s: %s", what, d)
			}
			if d := cmp.Diff(m.spikes[l].IDs, got[l].IDs); d != "" {
				t.Fatalf("%s: %s", what, d)
			}
			for i, v := range got[l].Values {
				if off := math.Abs(float64(v - m.spikes[l].Values[i])); off > 1e-6 {
					t.Fatalf("%s: reading %d is %v, not %v", what, i, v, m.spikes[l].Values[i])
				}
			}
			total += got[l].Len()
		}
	}
	if total < 800 {
		t.Errorf("%d spikes and readings show nothing", total)
	}
}

// TestTheResponseToACurrentHasNoSeam compares K(t) with its definition for time
// constants that come closer and closer, and with the limit.
func TestTheResponseToACurrentHasNoSeam(t *testing.T) {
	t.Parallel()
	for _, apart := range []float64{3, 1, .1, 1e-2, 1e-3, 0} {
		l := newExactLayer(Exact{Rule: Readout, Every: 1, Tau: []float64{5000}, SynTau: []float64{5000 * (1 + apart)}}, 1)
		for _, at := range []float64{1, 100, 2000, 5000, 30_000} {
			m, s := math.Exp(-at/5000), math.Exp(-at/(5000*(1+apart)))
			want := at / 5000 * m
			if apart > 0 {
				want = (s - m) / (1 - 1/(1+apart))
			}
			if got := l.response(0, at, m, s); math.Abs(got-want) > 1e-12*(1+1/max(apart, 1e-3)) {
				t.Errorf("%v apart, after %v µs: %v, want %v", apart, at, got, want)
			}
			if l.peaks[0] < l.response(0, at, m, s) {
				t.Errorf("%v apart: the peak %v is below the response after %v µs", apart, l.peaks[0], at)
			}
		}
	}
}

// TestGapsAreLivedThroughWithoutSteps wants a network that fires in silence to
// do so between windows too.
func TestGapsAreLivedThroughWithoutSteps(t *testing.T) {
	t.Parallel()
	spec, _ := exactSpec(3)
	in := trainOf(rand.New(rand.NewPCG(5, 6)), 4, 20, .3)
	want := runCut(t, newEngine(t, spec, 1), in, 120_000, 120_000)
	e := newEngine(t, spec, 2)
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
	for _, w := range []pipeline.Window{{Start: 0, End: 20_000}, {Start: 90_000, End: 120_000}} {
		var part pipeline.Spikes
		if w.Start == 0 {
			part = *in
		}
		if err := e.Step(t.Context(), w, &part, &act); err != nil {
			t.Fatal(err)
		}
	}
	var got []pipeline.Spikes
	for i := range act.Layers {
		got = append(got, act.Layers[i].Spikes)
	}
	same(t, "with a gap", want, got)
}

func TestExactSteadyStateAllocatesNothing(t *testing.T) {
	spec, _ := exactSpec(1)
	e := newEngine(t, spec, 2)
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
	in, start := &pipeline.Spikes{}, int64(0)
	step := func() {
		in.Reset()
		for k := range int64(40) {
			in.Append(start+k*200, uint32(k%4))
		}
		for i := range act.Layers {
			act.Layers[i].Spikes.Reset()
		}
		if err := e.Step(t.Context(), pipeline.Window{Start: start, End: start + 10_000}, in, &act); err != nil {
			t.Fatal(err)
		}
		start += 10_000
	}
	for range 200 {
		step()
	}
	if n := testing.AllocsPerRun(50, step); n != 0 {
		t.Errorf("%v allocations a window", n)
	}
}

// TestTooManySpikesOnTheirWayAreAnError bounds the queue of a connection.
func TestTooManySpikesOnTheirWayAreAnError(t *testing.T) {
	t.Parallel()
	r := &route{name: "input", latency: []int64{1_000_000}, flying: make(flights, maxFlying)}
	var s pipeline.Spikes
	s.Append(0, 0)
	if err := r.feed(&s, 0); !errors.Is(err, ErrFlood) {
		t.Errorf("%v, want %v", err, ErrFlood)
	}
}

func TestExactSnapshotsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	spec := Spec{Input: pipeline.Shape{2}, Layers: []LayerSpec{{Name: "a", Neuron: Exact{Rule: ToReset, Tau: []float64{1000},
		SynTau: []float64{1000}, Threshold: []float64{1}},
		Inputs: []Connection{{From: InputName, Kernel: Identity(), Latency: []int64{5000},
			Depress: &Depression{Use: .5, Recovery: time.Second}}}}}}
	e := newEngine(t, spec, 1)
	in := &pipeline.Spikes{}
	in.Append(0, 1)
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	if err := e.Step(t.Context(), pipeline.Window{End: 1000}, in, &act); err != nil {
		t.Fatal(err)
	}
	whole := stateOf(t, e)
	for name, change := range map[string]func(e *Engine){
		"an arrival before now":   func(e *Engine) { e.routes[0].flying[0].t = 500 },
		"a neuron that is not":    func(e *Engine) { e.routes[0].flying[0].id = 2 },
		"a clock behind its end":  func(e *Engine) { e.win.clock.base = e.end + 1 },
		"a clock that is too old": func(e *Engine) { e.win.clock.base = e.end - maxRelative - 1 },
		"a membrane that is NaN":  func(e *Engine) { e.layers[0].shared.(*exactLayer).v[0] = math.NaN() },
		"a membrane above it":     func(e *Engine) { l := e.layers[0].shared.(*exactLayer); l.v[0], l.last[0] = 5, 100 },
		"a time to come":          func(e *Engine) { e.layers[0].shared.(*exactLayer).last[1] = 1001 },
	} {
		bad := newEngine(t, spec, 1)
		if err := bad.RestoreState(whole); err != nil {
			t.Fatal(err)
		}
		change(bad)
		if err := newEngine(t, spec, 2).RestoreState(stateOf(t, bad)); err == nil {
			t.Errorf("%s: restored", name)
		}
	}
	for n := range whole {
		if err := newEngine(t, spec, 1).RestoreState(whole[:n]); err == nil {
			t.Fatalf("restored from %d of %d bytes", n, len(whole))
		}
	}
}
