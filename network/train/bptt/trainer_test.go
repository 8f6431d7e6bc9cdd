package bptt

import (
	"bytes"
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/asm/asmtest"
	"ganglion/internal/random"
	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
)

// chirps is a task that needs memory: in class 0 a band of spikes climbs over
// the inputs, in class 1 it falls, in class 2 it stays; noise is around it.
type chirps struct {
	c     Config
	n     int
	plain bool // the same for every epoch
}

func (c chirps) Len() int { return c.n }

func (c chirps) Sample(epoch, i int, s *pipeline.Spikes) error {
	if c.plain {
		epoch = 0
	}
	key := random.New(9).With(uint64(epoch), uint64(i))
	from := key.Below(0, c.c.Inputs)
	for t := range c.c.Steps {
		at := from
		switch i % 3 {
		case 0:
			at += t / 2
		case 1:
			at += 10*c.c.Inputs - t/2
		}
		at %= c.c.Inputs
		for j := range c.c.Inputs {
			if j == at || key.With(1, uint64(t)).Uniform(uint64(j)) < .05 {
				s.Append(int64(t)*c.c.Step.Microseconds(), uint32(j))
			}
		}
	}
	return nil
}

func (c chirps) Loss(_, i int, logits, grad []float32) (float64, bool) {
	return MeanLogit.Loss(logits, grad, c.c.Classes, i%3, .05)
}

func chirpConfig() Config {
	c := NewDefaultConfig()
	c.Inputs, c.Steps, c.Classes, c.Hidden = 12, 30, 3, []int{24}
	c.Part, c.Batch, c.Epochs, c.Rate = 8, 16, 12, 1e-2
	return c
}

func trained(t *testing.T, c Config, task Task, epochs int) *Trainer {
	t.Helper()
	tr, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return learn(t, tr, task, epochs)
}

func learn(t *testing.T, tr *Trainer, task Task, epochs int) *Trainer {
	t.Helper()
	for range epochs {
		if _, err := tr.Epoch(t.Context(), task, nil); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

func runnerOf(t *testing.T, n *Network) *Runner {
	t.Helper()
	r, err := n.NewRunner()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func snapshot(t *testing.T, tr *Trainer) []byte {
	t.Helper()
	b, err := tr.AppendState(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDirectionsAreLearnedByMemory(t *testing.T) {
	t.Parallel()
	c := chirpConfig()
	tr := trained(t, c, chirps{c: c, n: 240}, c.Epochs)
	test := chirps{c: c, n: 90}
	logits, grad := make([]float32, c.Steps*c.Classes), make([]float32, c.Steps*c.Classes)
	right := 0
	for i := range test.n {
		var s pipeline.Spikes
		if err := test.Sample(1000, i, &s); err != nil {
			t.Fatal(err)
		}
		if err := runnerOf(t, tr.Network()).Run(&s, c.Steps, logits); err != nil {
			t.Fatal(err)
		}
		if _, ok := test.Loss(0, i, logits, grad); ok {
			right++
		}
	}
	if right < 85 {
		t.Errorf("%d of 90 right", right)
	}
}

// TestTheFileRunsAsTheTrainerSays writes networks as NIR, reads them, and wants
// every spike and every logit of the engine to be those of the trainer.
func TestTheFileRunsAsTheTrainerSays(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"one layer":  func(*Config) {},
		"subtract":   func(c *Config) { c.Subtract = true },
		"two layers": func(c *Config) { c.Hidden = []int{24, 17} },
		"delays":     func(c *Config) { c.Hidden, c.Delay = []int{24, 17}, 70*time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			c := chirpConfig()
			change(&c)
			task := chirps{c: c, n: 64}
			n := trained(t, c, task, 3).Network()
			var b bytes.Buffer
			if err := nir.Write(&b, &nir.Model{Graph: n.Graph()}); err != nil {
				t.Fatal(err)
			}
			m, err := nir.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), nir.Options{})
			if err != nil {
				t.Fatal(err)
			}
			low, err := nirnet.Lower(m.Graph, n.Profile(), c.Step)
			if err != nil {
				t.Fatal(err)
			}
			spikes := 0
			for i := range 20 {
				var s pipeline.Spikes
				if err := task.Sample(0, i, &s); err != nil {
					t.Fatal(err)
				}
				spikes += compare(t, n, low, &s, c)
			}
			if spikes < 500 {
				t.Errorf("only %d hidden spikes were compared", spikes)
			}
		})
	}
}

// compare runs s on the runner and the engine, and counts the hidden spikes.
func compare(t *testing.T, n *Network, low *nirnet.Lowered, s *pipeline.Spikes, c Config) (spikes int) {
	t.Helper()
	want := make([]float32, c.Steps*c.Classes)
	r := runnerOf(t, n)
	if err := r.Run(s, c.Steps, want); err != nil {
		t.Fatal(err)
	}
	var got []float32
	result, err := nirnet.Infer(t.Context(), low, 2, s, 0, c.Steps, func(layers []pipeline.Layer, act *pipeline.Activity) error {
		for i, l := range layers {
			if l.Name == low.Output {
				got = slices.Clone(act.Layers[i].Spikes.Values)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("logits: %s", d)
	}
	var counts []int
	for _, l := range result.Layers {
		counts = append(counts, l.Spikes)
		spikes += l.Spikes
	}
	if d := cmp.Diff(r.Spikes, counts); d != "" {
		t.Errorf("hidden spikes: %s", d)
	}
	return spikes
}

func TestTrainingIsTheSameForAnyNumberOfProcessors(t *testing.T) {
	c := chirpConfig()
	c.Hidden, c.Delay = []int{9, 8}, 50*time.Millisecond
	task := chirps{c: c, n: 37} // the last batch is not full
	before := runtime.GOMAXPROCS(1)
	one := snapshot(t, trained(t, c, task, 2))
	runtime.GOMAXPROCS(4)
	four := snapshot(t, trained(t, c, task, 2))
	runtime.GOMAXPROCS(before)
	if !bytes.Equal(one, four) {
		t.Error("1 and 4 processors learn differently")
	}
	c.Seed++
	if bytes.Equal(one, snapshot(t, trained(t, c, task, 2))) {
		t.Error("two seeds learn the same")
	}
}

func TestVectorsAndLoopsLearnTheSame(t *testing.T) {
	c := chirpConfig()
	c.Hidden, c.Delay = []int{9, 8}, 50*time.Millisecond
	asmtest.Same(t, snapshot(t, trained(t, c, chirps{c: c, n: 37}, 2)))
}

func TestResumedIsNeverStopped(t *testing.T) {
	t.Parallel()
	c := chirpConfig()
	c.Epochs, c.Delay, c.Settle = 4, 50*time.Millisecond, .5
	task := chirps{c: c, n: 40}
	want := snapshot(t, trained(t, c, task, 4))
	var middle []byte
	for at := 1; at < 4; at++ { // before, when and after delays settle
		middle = snapshot(t, trained(t, c, task, at))
		resumed, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := resumed.RestoreState(middle); err != nil {
			t.Fatal(err)
		}
		if resumed.Epochs() != at || !bytes.Equal(want, snapshot(t, learn(t, resumed, task, 4-at))) {
			t.Errorf("a training resumed after epoch %d goes another way", at)
		}
	}
	resumed, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	for n := range middle {
		if resumed.RestoreState(middle[:n]) == nil {
			t.Fatalf("%d bytes of %d were taken for a checkpoint", n, len(middle))
		}
	}
	c.Hidden = []int{23}
	other, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if other.RestoreState(middle) == nil {
		t.Error("the checkpoint of another network was taken")
	}
}

func TestEveryExampleIsAccountedFor(t *testing.T) {
	t.Parallel()
	c := chirpConfig()
	tr, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	var last Progress
	outcomes, err := tr.Epoch(t.Context(), chirps{c: c, n: 37}, func(p Progress) { last = p })
	if err != nil {
		t.Fatal(err)
	}
	var loss float64
	right := 0
	for i, o := range outcomes {
		if !(o.Loss > 0) {
			t.Errorf("example %d has loss %v", i, o.Loss)
		}
		loss += o.Loss
		if o.Right {
			right++
		}
	}
	if len(outcomes) != 37 || last.Done != 37 || last.Total != 37 || last.Accuracy != float64(right)/37 ||
		math.Abs(last.Loss-loss/37) > 1e-9 ||
		last.Fraction() != 1./12 {
		t.Errorf("%d outcomes, %+v", len(outcomes), last)
	}
}

type badTask struct {
	chirps
	spike pipeline.Spikes
	err   error
}

func (b badTask) Sample(_, _ int, s *pipeline.Spikes) error {
	*s = b.spike
	return b.err
}

func TestBadTrainingIsRefusedWithItsCause(t *testing.T) {
	t.Parallel()
	at := func(time int64, id uint32) pipeline.Spikes {
		var s pipeline.Spikes
		s.Append(time, id)
		return s
	}
	c := chirpConfig()
	good := chirps{c: c, n: 8}
	for name, bad := range map[string]struct {
		task Task
		want string
	}{
		"nothing": {chirps{c: c}, "no examples"},
		"id":      {badTask{chirps: good, spike: at(0, 12)}, "12"},
		"late":    {badTask{chirps: good, spike: at(300_000, 0)}, "a spike at 300000 µs of 300000"},
		"early":   {badTask{chirps: good, spike: at(-1, 0)}, "a spike at -1 µs"},
		"error":   {badTask{chirps: good, err: errors.New("torn tape")}, "torn tape"},
	} {
		tr, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tr.Epoch(t.Context(), bad.task, nil); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%s: %v, want %s", name, err, bad.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tr, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Epoch(ctx, good, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled epoch gives %v", err)
	}
	for name, change := range map[string]func(*Config){
		"inputs": func(c *Config) { c.Inputs = 0 }, "hidden": func(c *Config) { c.Hidden = []int{0} }, "part": func(c *Config) { c.Part = 5 },
		"steps": func(c *Config) { c.Steps = 0 }, "slope": func(c *Config) { c.Slope = 0 }, "surrogate": func(c *Config) { c.Surrogate = "box" },
		"delay": func(c *Config) { c.Delay = -c.Step }, "long delay": func(c *Config) { c.Delay = time.Hour },
		"settle": func(c *Config) { c.Settle = 2 },
		"rate":   func(c *Config) { c.Rate = 0 }, "span": func(c *Config) { c.Membrane.Least = c.Step },
	} {
		c := chirpConfig()
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: a bad configuration was taken", name)
		}
	}
}

// TestConfigurationsAreTakenUpToTheirBounds tries each bound, and just beyond it.
func TestConfigurationsAreTakenUpToTheirBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Config)
		ok     bool
	}{
		{"eight hidden layers", func(c *Config) { c.Hidden = []int{1, 1, 1, 1, 1, 1, 1, 1} }, true},
		{"nine", func(c *Config) { c.Hidden = []int{1, 1, 1, 1, 1, 1, 1, 1, 1} }, false},
		{"a layer of the largest size", func(c *Config) { c.Hidden = []int{maxSize} }, true},
		{"a larger one", func(c *Config) { c.Hidden = []int{maxSize + 1} }, false},
		{"the longest delay", func(c *Config) { c.Delay = maxDelay * c.Step }, true},
		{"a step more", func(c *Config) { c.Delay = (maxDelay + 1) * c.Step }, false},
		{"settled from the start", func(c *Config) { c.Settle = 0 }, true},
		{"before it", func(c *Config) { c.Settle = -.01 }, false},
		{"settled at the end", func(c *Config) { c.Settle = 1 }, true},
		{"behind it", func(c *Config) { c.Settle = 1.01 }, false},
		{"the shortest step", func(c *Config) { c.Step = time.Microsecond }, true},
		{"a shorter one", func(c *Config) { c.Step = time.Nanosecond }, false},
		{"a step between", func(c *Config) { c.Step = 1500 * time.Nanosecond }, false},
		{"one epoch", func(c *Config) { c.Epochs = 1 }, true},
		{"none", func(c *Config) { c.Epochs = 0 }, false},
		{"a batch of one part", func(c *Config) { c.Batch = c.Part }, true},
		{"of less", func(c *Config) { c.Batch = c.Part - 1 }, false},
		{"no dropout", func(c *Config) { c.Dropout = 0 }, true},
		{"everything dropped", func(c *Config) { c.Dropout = 1 }, false},
		{"nothing shrinks", func(c *Config) { c.Shrink = 0 }, true},
		{"it grows", func(c *Config) { c.Shrink = -.1 }, false},
		{"no adaptation", func(c *Config) { c.Adaptive = 0 }, true},
		{"a negative one", func(c *Config) { c.Adaptive = -.1 }, false},
		{"no clip", func(c *Config) { c.Clip = 0 }, false},
		{"no firing", func(c *Config) { c.Firing = 0 }, false},
		{"no slope", func(c *Config) { c.Slope = 0 }, false},
		{"time constants from a step on", func(c *Config) { c.Membrane.Least = c.Step }, false},
		{"just above a step", func(c *Config) { c.Membrane.Least = c.Step + 1 }, true},
		{"of one value", func(c *Config) { c.Readout.Most = c.Readout.Least }, false},
	} {
		config := chirpConfig()
		if c.change(&config); (config.Validate() == nil) != c.ok {
			t.Errorf("%s: %v", c.name, config.Validate())
		}
	}
}

// TestGradientsAreClippedToTheirLength trains with a clip that binds and one that
// does not: what is learned differs, and without any clip it is the latter.
func TestGradientsAreClippedToTheirLength(t *testing.T) {
	t.Parallel()
	learned := func(limit float64) []float32 {
		c := chirpConfig()
		c.Clip = limit
		tr := trained(t, c, chirps{c: c, n: 16}, 2)
		return append([]float32(nil), tr.p.flat...)
	}
	tight, wide, wider := learned(1e-6), learned(1e6), learned(1e9)
	if slices.Equal(tight, wide) {
		t.Error("a clip that binds changes nothing")
	}
	if !slices.Equal(wide, wider) {
		t.Error("a clip that does not bind changes what is learned")
	}
	g := []float32{3, -4}
	if clip(g, 5); g[0] != 3 || g[1] != -4 {
		t.Errorf("a gradient of the length allowed becomes %v", g)
	}
	if clip(g, 1); math.Abs(float64(g[0])-.6) > 1e-6 || math.Abs(float64(g[1])+.8) > 1e-6 {
		t.Errorf("clipped to 1 it is %v", g)
	}
}

// BenchmarkBatch learns from a batch of the size of the digits'.
func BenchmarkBatch(b *testing.B) {
	c := NewDefaultConfig()
	c.Inputs, c.Classes = 160, 10
	task := chirps{c: c, n: c.Batch}
	tr, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tr.Epoch(b.Context(), dense{task}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N*c.Batch*c.Steps)*1e6, "µs/step")
}

// dense has as many input spikes as speech in the level code.
type dense struct{ chirps }

func (d dense) Sample(_, i int, s *pipeline.Spikes) error {
	for t := range d.c.Steps {
		for j := range 29 {
			s.Append(int64(t)*d.c.Step.Microseconds(), uint32((i+t/7+j)%5+j*5))
		}
	}
	return nil
}

func (d dense) Loss(_, i int, logits, grad []float32) (float64, bool) {
	return MeanLogit.Loss(logits, grad, d.c.Classes, i%10, .05)
}

func TestARunnerAllocatesNothing(t *testing.T) {
	c := chirpConfig()
	c.Delay = 100 * time.Millisecond
	task := chirps{c: c, n: 16}
	r := runnerOf(t, trained(t, c, task, 1).Network())
	var s pipeline.Spikes
	if err := task.Sample(0, 0, &s); err != nil {
		t.Fatal(err)
	}
	logits := make([]float32, c.Steps*c.Classes)
	run := func() {
		if err := r.Run(&s, c.Steps, logits); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if n := testing.AllocsPerRun(20, run); n > 0 {
		t.Errorf("%v allocations a run", n)
	}
}
