package nir

import (
	"bytes"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
)

// tiny is a short file with a bit of everything that the reader looks at.
func tiny(t testing.TB) []byte {
	g := chain(&Input{Shape: []int{1, 4, 4}}, conv2(ones(2, 1, 3, 3), 1, 1, 1, Padding{Mode: "same"}),
		chain(&Input{}, lif(2, 4, 4), &Output{}), &Flatten{EndDim: -1}, &Output{Shape: []int{32}})
	g.Metadata = Metadata{{"dt", Scalar(1e-3)}}
	return encode(t, &Model{Version: "1", Graph: g})
}

func TestATruncatedModelIsAnErrorAtEveryLength(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{"model": tiny(t), "recording": encodeData(t, recording())} {
		t.Run(name, func(t *testing.T) {
			for n := range b {
				if use(b[:n]) {
					t.Fatalf("cut to %d of %d bytes it is read", n, len(b))
				}
			}
			if !use(b) {
				t.Fatal("whole it is not read")
			}
		})
	}
}

// use reads bytes as a model and as a recording and does with it what a
// program would. It reports whether the file was either.
func use(b []byte) bool {
	if d, err := ReadData(bytes.NewReader(b), int64(len(b))); err == nil {
		for _, n := range d.Nodes {
			for _, o := range n.Observables {
				switch s := o.Series.(type) {
				case *Events:
					_, _ = s.Spikes(0)
				case *TimeGrid:
					_, _ = s.Spikes(0)
				}
			}
		}
		return true
	}
	m, err := decode(b, Options{SkipTypeCheck: true})
	if err != nil {
		return false
	}
	_ = m.Graph.Check()
	if r, err := Describe(m); err == nil {
		_ = r.String()
	}
	return true
}

func TestAFlippedBitInAModelDoesNoHarm(t *testing.T) {
	t.Parallel()
	step := 11
	if os.Getenv("GANGLION_LONG") != "" {
		step = 1
	}
	for name, b := range map[string][]byte{"model": tiny(t), "recording": encodeData(t, recording())} {
		t.Run(name, func(t *testing.T) {
			for i := 0; i < len(b); i += step {
				for _, mask := range []byte{1, 0x80, 0xff} {
					b[i] ^= mask
					use(b)
					b[i] ^= mask
				}
			}
		})
	}
}

// TestBytesOutOfPlaceDoNoHarm moves pieces of a file, which leads further than
// flipped bits: valid structures in wrong places.
func TestBytesOutOfPlaceDoNoHarm(t *testing.T) {
	t.Parallel()
	whole := tiny(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		b := bytes.Clone(whole)
		for range 1 + r.IntN(3) {
			n := 1 + r.IntN(64)
			from, to := r.IntN(len(b)-n), r.IntN(len(b)-n)
			copy(b[to:to+n], whole[from:from+n])
		}
		use(b)
	}
}

// FuzzRead reads models and recordings from anything: no panic, no hang, and
// what was read can be written and read again.
func FuzzRead(f *testing.F) {
	f.Add(tiny(f))
	f.Add(encode(f, sample()))
	f.Add(encodeData(f, recording()))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<18 {
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := decode(b, Options{SkipTypeCheck: true, AllowNonFinite: true})
		runtime.ReadMemStats(&after)
		// What deflate expands (1,032 times at most) may be widened and filled in.
		limit := uint64(64<<20 + 8*1032*len(b))
		if cost := after.TotalAlloc - before.TotalAlloc; cost > limit {
			t.Errorf("%d bytes allocated for a file of %d, limit %d", cost, len(b), limit)
		}
		use(b)
		if err != nil || len(m.Graph.Nodes) > 100 {
			return
		}
		again, err := decode(encode(t, m), Options{SkipTypeCheck: true, AllowNonFinite: true})
		if err != nil {
			t.Fatalf("written and read again: %v", err)
		}
		if !bytes.Equal(encode(t, m), encode(t, again)) {
			t.Error("written again, the bytes differ")
		}
	})
}
