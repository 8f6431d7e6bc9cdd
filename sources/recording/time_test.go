package recording

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// hostile are pieces of n bytes in a format that could make a decoder search
// the same bytes again and again: damage everywhere, and what looks like the
// beginning of something long at every turn.
func hostile(tb testing.TB, f format.Format, n int) map[string][]byte {
	r := rand.New(rand.NewPCG(31, uint64(n)))
	whole := sample(tb, f, 100)
	for len(whole) < n {
		whole = append(whole, whole[min(len(whole)/3, 4000):]...)
	}
	whole = whole[:n]
	head := min(len(sample(tb, f, 20)), n)
	fill := func(next func(i int) byte) []byte {
		b := bytes.Clone(whole)
		for i := head; i < len(b); i++ {
			b[i] = next(i)
		}
		return b
	}
	flipped := bytes.Clone(whole)
	for i := head; i < len(flipped); i += 1 + r.IntN(200) {
		flipped[i] ^= 1 << r.IntN(8)
	}
	// A packet of AEDAT 4, an AEDAT 3 header, an Arrow message: each with a
	// length that is longer than the rest.
	long := binary.LittleEndian.AppendUint32(nil, 1)
	long = binary.LittleEndian.AppendUint32(long, 32<<20)
	long = binary.LittleEndian.AppendUint32(long, 0x184D2204)
	marks := binary.LittleEndian.AppendUint32(nil, 0xFFFFFFFF)
	marks = binary.LittleEndian.AppendUint32(marks, 1<<20)
	return map[string][]byte{
		"noise":   fill(func(int) byte { return byte(r.Uint32()) }),
		"zeros":   fill(func(int) byte { return 0 }),
		"ones":    fill(func(int) byte { return 0xFF }),
		"flips":   flipped,
		"lengths": fill(func(i int) byte { return long[i%len(long)] }),
		"marks":   fill(func(i int) byte { return marks[i%len(marks)] }),
		"lines":   fill(func(i int) byte { return "\n-"[i%2] }),
	}
}

// TestNoInputTakesLong bounds the processor time to 1 s for each MiB, which is
// a hundred times what an ordinary recording takes: a decoder that is quadratic
// in damage exceeds it.
func TestNoInputTakesLong(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, in one goroutine")
	}
	if formattest.CPUSeconds() == 0 {
		t.Skip("processor time is not known here")
	}
	const n = 1 << 20
	eachFormat(t, func(t *testing.T, f format.Format) {
		for name, data := range hostile(t, f, n) {
			begin := formattest.CPUSeconds()
			if err := formattest.ReadBounded(kit, data, f.Name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if took := formattest.CPUSeconds() - begin; took > 1 {
				t.Errorf("%s: %.2f s of processor time for 1 MiB", name, took)
			} else if took > 0.15 {
				t.Logf("%s: %.2f s", name, took)
			}
		}
	})
}
