package evt

import (
	"math/rand/v2"
	"testing"
)

func TestTheLastWordOfATypeIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 1))
	for range 3000 {
		src := make([]byte, r.IntN(60))
		few := 1 + r.IntN(16) // types
		for i := range src {
			src[i] = byte(r.IntN(16) | r.IntN(few)<<4)
		}
		kind := uint64(r.IntN(16))
		want := -1
		for n := 0; n+2 <= len(src); n += 2 {
			if uint64(src[n+1]>>4) == kind {
				want = n
			}
		}
		if got := lastWord(src, kind); got != want {
			t.Fatalf("type %x in % x: at %d, not %d", kind, src, got, want)
		}
	}
}
