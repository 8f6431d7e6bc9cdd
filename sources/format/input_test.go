package format

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

// Bytes that are cut out of an input stay what they are while it reads on.
func TestBytesAreCutOutOfAnInput(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(22, 1))
	data := make([]byte, 5<<20)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	in := NewInput(iotest.HalfReader(bytes.NewReader(data)))
	type part struct {
		at    int
		taken []byte
	}
	var parts [3]part
	var spare [3][]byte
	for k, at := 0, 0; ; k++ {
		src, last, err := in.Window(1 + r.IntN(InputBlock))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			if !bytes.Equal(p.taken, data[p.at:p.at+len(p.taken)]) {
				t.Fatalf("%d bytes at %d changed", len(p.taken), p.at)
			}
		}
		if last && len(src) == 0 {
			break
		}
		n := 1 + r.IntN(len(src))
		parts[k%3] = part{at, in.Cut(n, &spare[k%3])}
		if at += n; in.Offset() != int64(at) {
			t.Fatalf("at %d, not %d", in.Offset(), at)
		}
	}
}
