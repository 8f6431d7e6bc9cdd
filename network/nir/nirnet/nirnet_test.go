package nirnet

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/internal/shareddata"
	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is the path of a file of the shared NIR data.
func fixture(t testing.TB, parts ...string) string {
	t.Helper()
	return shareddata.Path(t, append([]string{"nir"}, parts...)...)
}

// array is a two- or more-dimensional NumPy array as float64, row-major.
type array struct {
	shape []int
	v     []float64
}

var npyHeader = regexp.MustCompile(`'descr': '(.)(..)', 'fortran_order': False, 'shape': \(([^)]*)\)`)

// readNPY reads the few types the fixtures have.
func readNPY(t testing.TB, path string) array {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := int(binary.LittleEndian.Uint16(b[8:]))
	m := npyHeader.FindStringSubmatch(string(b[10 : 10+n]))
	if m == nil {
		t.Fatalf("%s: header %q", path, b[10:10+n])
	}
	var a array
	size := 1
	for _, f := range strings.FieldsFunc(m[3], func(r rune) bool { return r == ',' || r == ' ' }) {
		d, _ := strconv.Atoi(f)
		a.shape = append(a.shape, d)
		size *= d
	}
	data := b[10+n:]
	for i := range size {
		switch m[2] {
		case "i1":
			a.v = append(a.v, float64(int8(data[i])))
		case "b1", "u1":
			a.v = append(a.v, float64(data[i]))
		case "i2":
			a.v = append(a.v, float64(int16(binary.LittleEndian.Uint16(data[2*i:]))))
		case "i4":
			a.v = append(a.v, float64(int32(binary.LittleEndian.Uint32(data[4*i:]))))
		case "i8":
			a.v = append(a.v, float64(int64(binary.LittleEndian.Uint64(data[8*i:]))))
		case "f4":
			a.v = append(a.v, float64(math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))))
		case "f8":
			a.v = append(a.v, math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:])))
		default:
			t.Fatalf("%s: type %s", path, m[2])
		}
	}
	return a
}

// engine lowers a file for a profile, one µs a step.
func engine(t testing.TB, path, profile string, shards int) (*network.Engine, *Lowered) {
	t.Helper()
	m, err := nir.ReadFile(path, nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := choose(profile, m)
	if err != nil {
		t.Fatal(err)
	}
	p.DT = 1e-4
	l, err := Lower(m.Graph, p, time.Microsecond)
	if err != nil {
		t.Fatal(err)
	}
	e, err := network.New(l.Spec, shards)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e, l
}

// run feeds a dense input (steps x neurons, counts or values) and returns each
// layer's spikes as steps x neurons counts.
func run(t testing.TB, e *network.Engine, in array) map[string]array {
	t.Helper()
	steps, n := in.shape[0], len(in.v)/in.shape[0]
	var train pipeline.Spikes
	for s := range steps {
		for i := range n {
			if v := in.v[s*n+i]; v != 0 {
				train.AppendGraded(int64(s), uint32(i), float32(v))
			}
		}
	}
	layers := e.Layers()
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(layers))}
	if err := e.Step(t.Context(), pipeline.Window{Start: 0, End: int64(steps)}, &train, &act); err != nil {
		t.Fatal(err)
	}
	out := map[string]array{}
	for i, l := range layers {
		size := l.Shape.Size()
		a := array{shape: []int{steps, size}, v: make([]float64, steps*size)}
		s := &act.Layers[i].Spikes
		if err := s.Check(size); err != nil {
			t.Fatalf("layer %s: %v", l.Name, err)
		}
		for r, tt := range s.T {
			for k := s.Offsets[r]; k < s.Offsets[r+1]; k++ {
				v := 1.0
				if len(s.Values) > 0 {
					v = float64(s.Values[k])
				}
				a.v[int(tt)*size+int(s.IDs[k])] += v
			}
		}
		out[l.Name] = a
	}
	return out
}

func differing(a, b []float64) (n int) {
	for i := range b {
		if i >= len(a) || a[i] != b[i] {
			n++
		}
	}
	return n
}

// TestLIFSpikesAsInSevenSimulators runs one neuron on the input that each
// simulator recorded and wants its spikes, all of them at the same steps.
func TestLIFSpikesAsInSevenSimulators(t *testing.T) {
	t.Parallel()
	for file, c := range map[string]struct {
		profile string
		// The trace's input column is multiplied by this: Sinabs recorded
		// x*dt/tau where the others recorded x.
		scale float64
	}{
		"lif_norse.csv":          {profile: "norse"},
		"lif_lava_cpu_float.csv": {profile: "lava"},
		"lif_snntorch.csv":       {profile: "snntorch"},
		"lif_nengo.csv":          {profile: "nengo"},
		"lif_sinabs.csv":         {profile: "sinabs", scale: 25},
		"lif_rockpool.csv":       {profile: "rockpool"},
		"lif_spyx.csv":           {profile: "spyx"},
	} {
		t.Run(file, func(t *testing.T) {
			in, want := readTrace(t, fixture(t, "lif", file))
			for i := range in.v {
				in.v[i] *= max(c.scale, 1)
			}
			e, l := engine(t, fixture(t, "lif", "lif_norse.nir"), c.profile, 1)
			got := run(t, e, in)[l.Spiking[0]]
			if n := differing(got.v, want); n != 0 {
				t.Errorf("%d steps of %d differ\n got %v\nwant %v", n, len(want), spikeSteps(got.v), spikeSteps(want))
			}
		})
	}
}

func spikeSteps(v []float64) (steps []int) {
	for i, x := range v {
		if x != 0 {
			steps = append(steps, i)
		}
	}
	return steps
}

// readTrace reads the columns input and spike of a recorded trace.
func readTrace(t testing.TB, path string) (in array, spikes []float64) {
	t.Helper()
	for _, row := range csv(t, path) {
		in.v = append(in.v, row[0])
		spikes = append(spikes, row[len(row)-1])
	}
	in.shape = []int{len(in.v), 1}
	return in, spikes
}

// csv reads the rows of a file of numbers, without its header.
func csv(t testing.TB, path string) (rows [][]float64) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		var row []float64
		for _, f := range strings.Split(strings.TrimSpace(line), ",") {
			if v, err := strconv.ParseFloat(f, 64); err == nil {
				row = append(row, v)
			} else if i > 0 {
				t.Fatalf("%s line %d: %q", path, i+1, line)
			}
		}
		if row != nil {
			rows = append(rows, row)
		}
	}
	return rows
}

// TestBrailleSpikesAsInNorseAndSnnTorch runs the recurrent nets of the NIR paper
// (Pedersen et al. 2024, task 3) and wants the recorded hidden spikes.
func TestBrailleSpikesAsInNorseAndSnnTorch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ net, trace, profile string }{
		{"braille_noDelay_bias_zero", "snntorch_activity_noDelay_bias_zero", "snntorch"},
		{"braille_noDelay_bias_zero", "norse_activity_noDelay_bias_zero", "norse"},
		{"braille_noDelay_noBias_subtract", "norse_activity_noDelay_noBias_subtract", "norse"},
		{"braille_noDelay_noBias_subtract", "snntorch_activity_noDelay_noBias_subtract", "snntorch-subtract"},
	} {
		for _, suffix := range []string{"", "_subgraph"} {
			t.Run(c.trace+suffix, func(t *testing.T) {
				in := readNPY(t, fixture(t, "braille", "ds_test_sample0_input_recovered.npy"))
				want := readNPY(t, fixture(t, "braille", c.trace+".npy"))
				for _, shards := range []int{1, 3} {
					e, l := engine(t, fixture(t, "braille", c.net+suffix+".nir"), c.profile, shards)
					got := run(t, e, in)
					hidden := got[l.Spiking[0]]
					if n := differing(hidden.v, want.v); n != 0 || len(hidden.v) != len(want.v) {
						t.Errorf("%d shards: %d of %d cells differ", shards, n, len(want.v))
					}
					if c.net == "braille_noDelay_bias_zero" && c.profile == "snntorch" {
						want := []float64{10, 160, 112, 113, 103, 68, 121}
						if d := cmp.Diff(want, columnSums(got[l.Output])); d != "" {
							t.Errorf("%d shards: output counts: %s", shards, d)
						}
					}
				}
			})
		}
	}
}

func columnSums(a array) []float64 {
	n := len(a.v) / a.shape[0]
	sums := make([]float64, n)
	for i, v := range a.v {
		sums[i%n] += v
	}
	return sums
}

// TestLoihiCellsAsInLava runs the integer network that Lava ships its ground
// truth for.
func TestLoihiCellsAsInLava(t *testing.T) {
	t.Parallel()
	in := readNPY(t, fixture(t, "loihi", "in.npy"))
	want := readNPY(t, fixture(t, "loihi", "out.npy"))
	weight := readNPY(t, fixture(t, "loihi", "weight.npy"))
	w := make([]float32, len(weight.v))
	for i, v := range weight.v {
		w[i] = float32(v)
	}
	spec := network.Spec{Input: pipeline.Shape{200}, Step: time.Microsecond, Layers: []network.LayerSpec{{
		Name:   "lif",
		Inputs: []network.Connection{{From: network.InputName, Kernel: network.Dense{Weight: w, Out: 256, In: 200}}},
		Neuron: network.Clocked{Rule: network.Integer, Late: true, Loihi: &network.Loihi{DU: 4095, DV: 415, Threshold: 6}},
	}}}
	for _, shards := range []int{1, 2} {
		e, err := network.New(spec, shards)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		got := transpose(run(t, e, transpose(in))["lif"])
		if n := differing(got.v, want.v); n != 0 {
			t.Errorf("%d shards: %d of %d cells differ", shards, n, len(want.v))
		}
		spikes := 0.0
		for _, v := range got.v {
			spikes += v
		}
		if spikes != 1826 {
			t.Errorf("%v spikes, Lava makes 1826", spikes)
		}
	}
}

func transpose(a array) array {
	r, c := a.shape[0], a.shape[1]
	out := array{shape: []int{c, r}, v: make([]float64, len(a.v))}
	for i, v := range a.v {
		out.v[i%c*r+i/c] = v
	}
	return out
}

// readNMNIST bins an N-MNIST recording into 1 ms from its first event, as
// steps x 2*34*34 counts, without the last, partial bin.
func readNMNIST(t testing.TB, path string) array {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := func(i int) int { return (int(b[i+2])&0x7f)<<16 | int(b[i+3])<<8 | int(b[i+4]) }
	first, last := at(0), at(len(b)-5)
	steps := (last - first) / 1000
	a := array{shape: []int{steps, 2 * 34 * 34}, v: make([]float64, steps*2*34*34)}
	for i := 0; i+5 <= len(b); i += 5 {
		if s := (at(i) - first) / 1000; s < steps {
			p := int(b[i+2] >> 7)
			a.v[s*2*34*34+(p*34+int(b[i+1]))*34+int(b[i])]++
		}
	}
	return a
}

// TestConvNetOnADigit runs the N-MNIST network of the NIR paper and wants the
// exact spike counts of every layer under three rules.
func TestConvNetOnADigit(t *testing.T) {
	t.Parallel()
	plain, err := ProfileByName("norse")
	if err != nil {
		t.Fatal(err)
	}
	subtract, many := plain, plain
	subtract.Rule = network.Subtract
	many.Rule, many.Floor = network.SubtractMany, true
	for name, c := range map[string]struct {
		profile Profile
		spikes  []float64
		output  []float64
		layer1  string
	}{
		"reset to zero": {plain, []float64{5183, 8758, 3996, 2799, 149}, []float64{1, 0, 1, 0, 146, 1, 0, 0, 0, 0},
			"ref_layer1_zero_sample_nmnist.npy"},
		"subtract": {subtract, []float64{6103, 12915, 8902, 8947, 279}, []float64{1, 0, 2, 0, 262, 14, 0, 0, 0, 0}, ""},
		"several spikes": {many, []float64{10941, 26229, 22112, 24265, 1732}, []float64{1, 167, 9, 0, 1471, 26, 12, 41, 0, 5},
			"ref_layer1_sub_floor_multi_sample_nmnist.npy"},
	} {
		t.Run(name, func(t *testing.T) {
			in := readNMNIST(t, fixture(t, "scnn", "sample_nmnist.bin"))
			m, err := nir.ReadFile(fixture(t, "scnn", "cnn_sinabs.nir"), nir.Options{})
			if err != nil {
				t.Fatal(err)
			}
			l, err := Lower(m.Graph, c.profile, time.Microsecond)
			if err != nil {
				t.Fatal(err)
			}
			for _, shards := range []int{1, 2} {
				e, err := network.New(l.Spec, shards)
				if err != nil {
					t.Fatal(err)
				}
				defer e.Close()
				got := run(t, e, in)
				var spikes []float64
				for _, name := range l.Spiking {
					total := 0.0
					for _, v := range got[name].v {
						total += v
					}
					spikes = append(spikes, total)
				}
				if d := cmp.Diff(c.spikes, spikes); d != "" {
					t.Errorf("%d shards: spikes by layer: %s", shards, d)
				}
				if d := cmp.Diff(c.output, columnSums(got[l.Output])); d != "" {
					t.Errorf("%d shards: output: %s", shards, d)
				}
				if c.layer1 != "" {
					want := readNPY(t, fixture(t, "scnn", c.layer1))
					if n := differing(got[l.Spiking[0]].v, want.v); n != 0 {
						t.Errorf("%d shards: %d of %d cells of the first layer differ", shards, n, len(want.v))
					}
				}
			}
		})
	}
}

// TestThousandDigits classifies the labelled N-MNIST digits with the network
// of the NIR paper under every profile. Set GANGLION_LONG for all thousand;
// otherwise every fiftieth is taken.
func TestThousandDigits(t *testing.T) {
	t.Parallel()
	model := fixture(t, "scnn", "cnn_sinabs.nir")
	files, err := filepath.Glob(filepath.Join(filepath.Dir(model), "..", "..", "events", "nmnist", "train", "*", "*.bin"))
	if err != nil || len(files) == 0 {
		t.Skip("shared data is absent: no digits")
	}
	every := 50
	if os.Getenv("GANGLION_LONG") != "" {
		every = 1
	}
	for _, p := range profiles() {
		c := NewDefaultConfig()
		c.Path, c.Profile, c.Step = model, p.Name, time.Microsecond
		l, err := c.Load()
		if err != nil {
			t.Fatal(err)
		}
		right, n := 0, 0
		for i := 0; i < len(files); i += every {
			in := readNMNIST(t, files[i])
			var train pipeline.Spikes
			for k, v := range in.v {
				if v != 0 {
					train.AppendGraded(int64(k/(2*34*34)), uint32(k%(2*34*34)), float32(v))
				}
			}
			r, err := Infer(t.Context(), l, 1, &train, 0, in.shape[0], nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Class != nil && strconv.Itoa(*r.Class) == filepath.Base(filepath.Dir(files[i])) {
				right++
			}
			n++
		}
		accuracy := float64(right) / float64(n)
		t.Logf("%s: %d of %d right, accuracy %.3f", p.Name, right, n, accuracy)
		if accuracy < .9 || every == 1 && accuracy < .97 {
			t.Errorf("%s: accuracy %.3f on %d digits", p.Name, accuracy, n)
		}
	}
}
