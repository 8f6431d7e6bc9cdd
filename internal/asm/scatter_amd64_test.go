package asm

import (
	"math"
	mathbits "math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// field is some neurons behind fieldRows of fieldWidth presynaptic ones.
type field struct {
	v, spent, weight, curve []float32
	row, col                []int64
}

const fieldWidth, fieldRows, fieldStride = 16, 22, 17

func newField(r *rand.Rand) field {
	f := field{v: make([]float32, 700), spent: make([]float32, fieldRows*fieldWidth)}
	f.weight, f.curve = make([]float32, 200), make([]float32, 1024)
	for i := range f.v {
		f.v[i] = r.Float32()
		if r.IntN(9) == 0 {
			f.v[i] = float32(math.NaN())
		}
	}
	for i := range f.spent {
		f.spent[i] = r.Float32() * 3
		if r.IntN(30) == 0 {
			f.spent[i] = float32(math.Inf(1)) // r is infinite
		}
	}
	for i := range f.weight {
		f.weight[i] = r.Float32() - .2
	}
	for i := range f.curve {
		f.curve[i] = 1 + r.Float32()
	}
	for range fieldRows {
		f.row = append(f.row, Touch(int32(fieldStride*r.IntN(30)), int32(r.IntN(100))))
	}
	for x := range fieldWidth {
		f.col = append(f.col, Touch(int32(x), int32(r.IntN(20))))
	}
	f.row[3], f.col[5], f.row[9] = Apart, Apart, Apart
	return f
}

// add is [Scatter.Add] in Go.
func (f *field) add(s *Scatter, st *Stretch, t []int64, offsets, ids []uint32, n int) {
	st.Above = false
	for ; st.Run < st.Runs && t[st.Run] < st.Until; st.Run++ {
		at := func(since int64, fine, coarse []float32) float32 { return fine[since%512] * coarse[since/512] }
		growth, grown := at(t[st.Run]-st.Start, f.curve, f.curve), at(t[st.Run]-st.Began, f.curve[512:], f.curve[3:])
		limit, inv := float32(s.Threshold*growth), 1/grown
		for ; st.At < int64(offsets[st.Run+1]); st.At++ {
			id := ids[st.At]
			if int64(id) >= s.Size {
				return
			}
			place := f.row[id/fieldWidth] + f.col[id%fieldWidth]
			left := 1 - float32(f.spent[id]*inv)
			if place < 0 || left == 0 || left != left {
				return
			}
			gain := float32(growth * left)
			f.spent[id] += float32(float32(left*s.Use) * grown)
			first, w := int(int32(place)), int(place>>32)
			for k := range int(s.Lines) {
				for j := range n {
					v := &f.v[first+k*fieldStride+j]
					*v += float32(f.weight[w+k*int(s.Step/4)+j] * gain)
					st.Above = st.Above || *v > limit
				}
			}
			if st.Added++; st.Above {
				st.At++
				return
			}
		}
	}
}

// TestScatterAddsAsTheEquationSays goes through trains by vectors and in Go:
// both stop at the same spikes, and leave the same bits.
func TestScatterAddsAsTheEquationSays(t *testing.T) {
	if !fast {
		t.Skip("this processor has no AVX2")
	}
	added, stops := int64(0), 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		lines, n := 1+r.IntN(4), 1+r.IntN(4)
		one := newField(r)
		two := field{slices.Clone(one.v), slices.Clone(one.spent), one.weight, one.curve, one.row, one.col}
		s := &Scatter{
			V: &two.v[0], Spent: &two.spent[0], Weight: &two.weight[0], Row: &two.row[0], Col: &two.col[0],
			Reciprocal: Reciprocal(fieldWidth), Width: fieldWidth, Size: fieldRows*fieldWidth - 3,
			Lines: int64(lines), Stride: 4 * fieldStride, Step: 4 * int64(r.IntN(9)-3), Use: r.Float32(), Threshold: 2 + 3*r.Float32(),
			Fine: &two.curve[0], Coarse: &two.curve[0], SpentFine: &two.curve[512], SpentCoarse: &two.curve[3],
		}
		for i := range n {
			s.Mask[i] = -1
		}
		for x := range two.col { // lines that go back need weights before them
			two.col[x] += Touch(0, 20)
		}
		two.col[5] = Apart
		var times []int64
		var ids []uint32
		offsets := []uint32{0}
		for at := int64(1000); at < 3000; at += 1 + r.Int64N(100) {
			for range r.IntN(4) {
				ids = append(ids, uint32(r.IntN(fieldRows*fieldWidth)))
			}
			times, offsets = append(times, at), append(offsets, uint32(len(ids)))
		}
		want := Stretch{Runs: int64(len(times)), Until: 1000 + r.Int64N(2500), Start: 1000 - r.Int64N(900), Began: 1000 - r.Int64N(900)}
		got := want
		got.T, got.Offsets, got.IDs, got.N = &times[0], &offsets[0], &ids[0], int64(len(ids))
		for {
			one.add(s, &want, times, offsets, ids, n)
			s.Add(&got)
			if got.Run != want.Run || got.At != want.At || got.Added != want.Added || got.Above != want.Above {
				t.Fatalf("seed %d: vectors stand at %d, %d, %d, %v and Go at %d, %d, %d, %v", seed, got.Run, got.At, got.Added, got.Above,
					want.Run, want.At, want.Added, want.Above)
			}
			if bits(one.v) != bits(two.v) || bits(one.spent) != bits(two.spent) {
				t.Fatalf("seed %d: other bits behind spike %d", seed, got.At)
			}
			if want.Run == want.Runs || times[want.Run] >= want.Until {
				break
			}
			if stops++; !want.Above {
				want.At, got.At = want.At+1, got.At+1
			}
		}
		added += want.Added
	}
	if added < 5000 || stops < 1000 {
		t.Fatalf("%d spikes were added, with %d stops: the test shows nothing", added, stops)
	}
}

// TestReciprocalDivides holds the quotients of vectors for all ids about the multiples.
func TestReciprocalDivides(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 3, 7, 346, 640, 1280, 1<<16 - 1, 1 << 20, 1<<24 - 1} {
		for q := 0; q*n < 1<<24; q++ {
			for _, id := range []int{q*n - 1, q * n, q*n + 1} {
				hi, _ := mathbits.Mul64(uint64(max(id, 0)), Reciprocal(n))
				if want := uint64(max(id, 0) / n); hi != want {
					t.Fatalf("%d/%d: %d, want %d", id, n, hi, want)
				}
			}
		}
	}
}
