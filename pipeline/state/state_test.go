package state_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline/state"
)

// sample is one snapshot with a value of every form.
func sample() []byte {
	b := state.AppendUint64(nil, 42)
	b = state.AppendInt64(b, -1)
	b = state.AppendFloat64(b, math.Pi)
	b = state.AppendSlice(b, []float32{1, 2, 3})
	b = state.AppendSlice(b, []uint16{})
	b = state.AppendBytes(b, []byte("nested"))
	return state.AppendUint64(b, 3)
}

// read reads the sample back and returns the reader.
func read(b []byte) (u uint64, i int64, f float64, fixed []float32, nested string, r *state.Reader) {
	r = state.NewReader(b)
	u, i, f = r.Uint64(), r.Int64(), r.Float64()
	fixed = make([]float32, 3)
	state.ReadInto(r, fixed)
	state.ReadSlice(r, []uint16(nil))
	nested = string(r.Bytes())
	r.Expect(3)
	return u, i, f, fixed, nested, r
}

func TestValuesComeBackInTheirOrder(t *testing.T) {
	u, i, f, fixed, nested, r := read(sample())
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	got := []any{u, i, f, fixed, nested}
	want := []any{uint64(42), int64(-1), math.Pi, []float32{1, 2, 3}, "nested"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestEveryShortenedSnapshotIsRefused(t *testing.T) {
	whole := sample()
	for n := range whole {
		if _, _, _, _, _, r := read(whole[:n]); !errors.Is(r.Close(), state.ErrShort) {
			t.Errorf("%d of %d bytes: %v", n, len(whole), r.Close())
		}
	}
}

func TestALengthBeyondTheSnapshotAllocatesNothing(t *testing.T) {
	b := state.AppendUint64(nil, math.MaxUint64)
	n := testing.AllocsPerRun(10, func() {
		r := state.NewReader(b)
		if s := state.ReadSlice(r, []float64(nil)); len(s) != 0 || r.Err() == nil {
			t.Error("a length that no memory holds was taken")
		}
	})
	if n > 2 { // the reader
		t.Errorf("%v allocations", n)
	}
}

func TestAMismatchSaysWhatTheConfigurationHas(t *testing.T) {
	for want, check := range map[string]func(*state.Reader){
		"state: 2 values where the configuration has 3": func(r *state.Reader) { state.ReadInto(r, make([]uint8, 3)) },
		"state: 2 where the configuration has 5":        func(r *state.Reader) { r.Expect(5) },
		"state: 2 bytes left over":                      func(r *state.Reader) { r.Uint64() },
	} {
		r := state.NewReader(state.AppendSlice(nil, []uint8{1, 2}))
		check(r)
		if err := r.Close(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestAReusedSliceKeepsItsMemory(t *testing.T) {
	b := state.AppendSlice(nil, []int64{1, 2})
	s := make([]int64, 5)
	if got := state.ReadSlice(state.NewReader(b), s); &got[0] != &s[0] || len(got) != 2 {
		t.Errorf("%v", got)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(sample())
	f.Add([]byte{})
	f.Add(state.AppendUint64(nil, math.MaxUint64))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _, _, _, _, r := read(b)
		if r.Close() == nil && len(b) < len(sample())-6 {
			t.Error("a snapshot that is too short was taken")
		}
	})
}
