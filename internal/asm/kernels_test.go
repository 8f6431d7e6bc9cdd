package asm

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"ganglion/internal/random"
)

// numbers draws n values, among them now and then one that is special to
// floating point.
func numbers(n int, use uint64) []float32 {
	key := random.New(1).With(use)
	special := []float32{0, float32(math.Copysign(0, -1)), 1e-41, float32(math.Inf(1)), float32(math.NaN())}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(key.Normal(uint64(i)))
		if u := key.With(7).Uniform(uint64(i)); u < .02 {
			v[i] = special[int(u/.02*float64(len(special)))]
		}
	}
	return v
}

// run is what every kernel makes of a run of n values, and rows of them.
func run(n int, ids []uint32, ratio float32) map[string][]float32 {
	const rows = 21
	width := n + 3
	w, gains := numbers(rows*width, 2), numbers(rows, 3)
	got := map[string][]float32{}
	x := func(name string) []float32 {
		got[name] = numbers(n, 1)
		return got[name]
	}
	AddScaled(x("add scaled"), w, ratio)
	AddRows(x("add rows"), w, width, ids, nil)
	AddRows(x("add rows, gains of none"), w, width, ids, []float32{})
	AddRows(x("add rows with gains"), w, width, ids, gains)
	AddProduct(x("add product"), w[:rows*n], gains[:len(ids)])
	got["add to rows"] = numbers(rows*n, 2)
	AddToRows(got["add to rows"], numbers(n, 1), ids)
	shares := make([]float32, n)
	for i := range shares {
		shares[i] = float32(random.New(4).Uniform(uint64(i)))
	}
	for _, steps := range []int{-1, 0, 1, 5, 300} {
		Decay(x(fmt.Sprintf("decay of %d steps", steps)), shares, steps)
	}
	if n == 0 {
		return got
	}
	for _, synapses := range []bool{false, true} {
		for _, alike := range []bool{false, true} {
			neurons(got, n, synapses, alike)
		}
	}
	for _, size := range []int{8, 16, 32} {
		if n >= size {
			blocks(got, Blocks{Size: size, Stride: size}, n)
			blocks(got, Blocks{Size: size}, n)
		}
	}
	return got
}

// blocks is what a step makes of every other block of n neurons, from the last
// on.
func blocks(got map[string][]float32, b Blocks, n int) {
	v, x, decay := numbers(n, 1), numbers(n, 5), make([]float32, n)
	for i := range decay {
		decay[i] = float32(random.New(4).Uniform(uint64(i)))
	}
	var list []int32
	var slept []int64
	for k := n/b.Size - 1; k >= 0; k -= 2 {
		list, slept = append(list, int32(k)), append(slept, []int64{0, 3, 1, 400}[k%4])
	}
	p := func(use uint64) *float32 { return &numbers(n, use)[0] }
	above := make([]uint8, len(list)*b.Size/8)
	b.Integrate(&Membranes{V: &v[0], X: &x[0], Decay: &decay[0], Gain: p(8), Leak: p(9), Threshold: p(10), Reset: p(11), Above: &above[0]},
		list, slept)
	name := fmt.Sprintf(", blocks of %d, %d", b.Size, b.Stride)
	got["membranes"+name], got["inputs taken"+name] = v, x
	for _, a := range above {
		got["fired"+name] = append(got["fired"+name], float32(a))
	}
}

// neurons is what a step makes of n neurons.
func neurons(got map[string][]float32, n int, synapses, alike bool) {
	name := fmt.Sprintf(", synapses %v, alike %v", synapses, alike)
	v, x, current, above := numbers(n, 1), numbers(n, 5), numbers(n, 12), make([]uint8, (n+7)/8)
	for i := range above {
		above[i] = 0xff // left by the run before
	}
	p := func(use uint64) *float32 { return &numbers(max(n, 8), use)[0] }
	m := Membranes{
		V: &v[0], X: &x[0], Decay: p(6), Gain: p(8), Leak: p(9), Threshold: p(10), Reset: p(11), Above: &above[0], Alike: alike,
	}
	if synapses {
		m.I, m.SynDecay, m.SynGain = &current[0], p(13), p(14)
	}
	Integrate(&m, n)
	got["membranes"+name], got["inputs taken"+name], got["currents"+name] = v, x, current
	for i := range n {
		got["fired"+name] = append(got["fired"+name], float32(above[i/8]>>(i%8)&1))
	}
}

func bits(v []float32) string {
	s := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b := math.Float32bits(x)
		if x != x {
			b = 0x7fc00000 // which NaN it is is not part of the promise
		}
		s = append(s, byte(b), byte(b>>8), byte(b>>16), byte(b>>24))
	}
	return string(s)
}

// TestKernelsKnowTheirSums computes small cases by hand.
func TestKernelsKnowTheirSums(t *testing.T) {
	t.Parallel()
	same := func(what string, got []float32, want ...float32) {
		t.Helper()
		if bits(got) != bits(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	x := []float32{1, 2}
	AddScaled(x, []float32{3, 4, 5}, 2)
	same("scaled", x, 7, 10)
	w := []float32{1, 2, 0, 10, 20, 0, 100, 200, 0}
	x = []float32{0, 0}
	AddRows(x, w, 3, []uint32{2, 0, 2}, nil)
	same("rows", x, 201, 402)
	AddRows(x, w, 3, []uint32{1}, []float32{-2})
	same("a row with a gain", x, 181, 362)
	x = []float32{1, 1}
	AddProduct(x, []float32{1, 2, 3, 4}, []float32{10, 100})
	same("product", x, 311, 421)
	AddToRows(w, []float32{1, 2, 3}, []uint32{0, 2})
	same("to rows", w, 2, 4, 3, 10, 20, 0, 101, 202, 3)
	v := []float32{8, 8}
	Decay(v, []float32{.5, 1}, 3)
	same("decay", v, 1, 8)
	v, in := []float32{1, 1, 1}, []float32{1, 2, 1}
	decay, gain, leak := []float32{.5, .5, .5}, []float32{1, 1, 1}, []float32{0, 0, 1}
	above := []uint8{0}
	Integrate(&Membranes{V: &v[0], X: &in[0], Decay: &decay[0], Gain: &gain[0], Leak: &leak[0],
		Threshold: &[]float32{1.5, 1.5, 1.5}[0], Reset: &[]float32{-1, -2, -3}[0], Above: &above[0]}, 3)
	same("membranes: one at its threshold stays", append(v, in...), 1.5, -2, -3, 0, 0, 0)
	if above[0] != 0b110 {
		t.Errorf("fired %03b, want 110", above[0])
	}
	of := func(v float32) *float32 { return &slices.Repeat([]float32{v}, 8)[0] }
	v, in, current := []float32{1, 1}, []float32{3, 0}, []float32{2, 4}
	Integrate(&Membranes{V: &v[0], X: &in[0], Decay: of(.5), Gain: of(10), Leak: of(1), Threshold: of(50), Reset: of(-1), Above: &above[0],
		I: &current[0], SynDecay: of(.5), SynGain: of(2), Alike: true}, 2)
	same("behind synapses, all alike", slices.Concat(v, in, current), -1, 21.5, 0, 0, 7, 2)
	if above[0] != 1 {
		t.Errorf("fired %02b, want 01", above[0])
	}
}

// TestABlockDecaysForAsLongAsItSlept advances the last of three blocks and the
// first, of which one slept for two steps.
func TestABlockDecaysForAsLongAsItSlept(t *testing.T) {
	t.Parallel()
	all := func(n int, v float32) []float32 { return slices.Repeat([]float32{v}, n) }
	v, x, above := slices.Concat(all(8, 8), all(8, 1), all(8, 4)), all(24, 1), []uint8{0xff, 0xff}
	threshold := slices.Concat(all(8, 99), all(8, 0), all(8, 2.5))
	m := Membranes{V: &v[0], X: &x[0], Decay: &all(24, .5)[0], Gain: &all(24, 1)[0], Leak: &all(24, 0)[0],
		Threshold: &threshold[0], Reset: &all(24, -1)[0], Above: &above[0]}
	Blocks{Size: 8, Stride: 8}.Integrate(&m, []int32{2, 0}, []int64{0, 2})
	if want := slices.Concat(all(8, 2), all(8, 1), all(8, -1)); bits(v) != bits(want) {
		t.Errorf("membranes %v, want %v", v, want)
	}
	if want := slices.Concat(all(8, 0), all(8, 1), all(8, 0)); !slices.Equal(x, want) {
		t.Errorf("inputs %v, want %v", x, want)
	}
	if above[0] != 0xff || above[1] != 0 {
		t.Errorf("fired %b, want the first block of the list", above)
	}
	Blocks{Size: 8}.Integrate(&m, nil, nil)
}

// TestGradientsAreComputedInFloat64 keeps the vector kernels, which are those
// of float32, away from other numbers.
func TestGradientsAreComputedInFloat64(t *testing.T) {
	t.Parallel()
	x, w := make([]float64, 16), make([]float64, 16)
	for i := range w {
		w[i] = 1 + 0x1p-40
	}
	AddScaled(x, w, 1)
	AddRows(x, w, 16, []uint32{0}, nil)
	AddProduct(x, w, []float64{1})
	AddToRows(x, w, []uint32{0})
	for i, v := range x {
		if v != 4*(1+0x1p-40) {
			t.Fatalf("value %d is %v", i, v)
		}
	}
}

func TestPrefetchTakesAnyAddress(*testing.T) { Prefetch(0, 1, ^uintptr(0), 8) }

func BenchmarkAddRows(b *testing.B) {
	x, w := make([]float32, 256), numbers(256*256, 1)
	ids := []uint32{3, 9, 17, 44, 45, 99, 180, 255}
	b.SetBytes(int64(4 * len(x) * len(ids)))
	for b.Loop() {
		AddRows(x, w, 256, ids, nil)
	}
}
