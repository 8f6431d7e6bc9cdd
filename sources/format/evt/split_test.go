package evt

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"ganglion/sources/format"
)

func TestTheLastWordOfATypeIsFound(t *testing.T) {
	t.Parallel()
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

// behind is what stands behind a header.
func behind(b []byte) []byte {
	_, rest := SniffHeader(b)
	return bytes.Clone(rest)
}

// plausible3 are EVT3 words as cameras write them: time ascends and wraps, vectors
// come in groups.
func plausible3(r *rand.Rand, n int) []byte {
	high := uint16(4090)
	words := []uint16{evt3High<<12 | high, evt3Low << 12}
	for len(words) < n {
		payload := uint16(r.IntN(1 << 11))
		switch r.IntN(9) {
		case 0:
			high = (high + 1) & evt3Top
			words = append(words, evt3High<<12|high)
			if r.IntN(3) == 0 { // the same again keeps the low part
				words = append(words, evt3Low<<12|payload, evt3High<<12|high)
			}
		case 1:
			words = append(words, evt3Low<<12|payload)
		case 2:
			words = append(words, evt3Y<<12|payload)
		case 3:
			words = append(words, evt3EMY<<12|payload)
		case 4:
			words = append(words, evt3Base<<12|payload&0xFF|uint16(r.IntN(2))<<11)
		case 5:
			words = append(words, evt3Base<<12|7, evt3Vect12<<12|payload, evt3Vect12<<12|payload, evt3Vect8<<12|payload&0xFF)
		case 6:
			words = append(words, evt3Others<<12|payload, evt3Continued12<<12|payload, evt3Continued4<<12|payload&0xF)
		default:
			words = append(words, evt3X<<12|payload)
		}
	}
	return behind(words3(words...))
}

func newEVT3() *evt3Decoder {
	return &evt3Decoder{s: &format.Stream{}, time: newEVT3Time(0), effects: evt3Effects(0, 0)}
}

// TestASplitIsBeforeAWholeWordAndTheGuessIsWhatDecodingGives cuts random pieces
// and compares the guessed state with the decoded one.
func TestASplitIsBeforeAWholeWordAndTheGuessIsWhatDecodingGives(t *testing.T) {
	t.Parallel()
	b := format.NewBlock(1 << 16)
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 9))
		d := newEVT3()
		for piece := range 3 { // one after another
			src := plausible3(r, 20+r.IntN(600))
			if piece > 0 {
				src = src[4:] // any word may be the first
			}
			n := d.Split(src)
			if n <= 0 || n >= len(src) || n%2 != 0 {
				t.Fatalf("seed %d: cut at %d of %d", seed, n, len(src))
			}
			within := func(n int) bool {
				k := src[n+1] >> 4
				return k == evt3Vect12 || k == evt3Vect8 || k == evt3Continued12 || k == evt3Continued4
			}
			if within(n) {
				t.Fatalf("seed %d: cut at a word that belongs to the one before it", seed)
			}
			for later := n + 2; later+2 <= len(src); later += 2 {
				if !within(later) {
					t.Fatalf("seed %d: cut at %d, although %d would do", seed, n, later)
				}
			}
			guess := d.Clone(&format.Stream{}).Guess(d.Snapshot(), src[:n])
			b.Reset()
			if used, err := d.Decode(b, src[:n], 0, true); err != nil || used != n {
				t.Fatalf("seed %d: %d of %d bytes decoded, %v", seed, used, n, err)
			}
			want := d.Snapshot()
			if by, ok := d.Shift(guess, want); guess != want && !(ok && by%evt3Wrap == 0) {
				t.Fatalf("seed %d: guessed %v, decoded %v", seed, guess, want)
			}
			d.Resume(want)
		}
	}
}

// TestTheFirstWordOfAPieceCounts: whether the last TIME_HIGH keeps the low part
// depends on the one before the last TIME_LOW, which here is the first word.
func TestTheFirstWordOfAPieceCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		last uint16 // TIME_HIGH behind TIME_HIGH 6 and TIME_LOW 100
		want int64
	}{
		"the same again keeps the low part":            {6, 6<<12 + 100},
		"another is a new beginning":                   {7, 7 << 12},
		"so is the one that was last before the piece": {5, 5 << 12},
	} {
		d := newEVT3()
		d.Resume(format.Snapshot{5<<12 + 9, 0, 5, 0, 1})
		var src []byte
		for _, w := range []uint16{evt3High<<12 | 6, evt3Low<<12 | 100, evt3High<<12 | c.last} {
			src = binary.LittleEndian.AppendUint16(src, w)
		}
		guess := d.Guess(d.Snapshot(), src)
		if n, err := d.Decode(format.NewBlock(1), src, 0, true); n != len(src) || err != nil {
			t.Fatalf("%s: %d bytes decoded, %v", name, n, err)
		}
		if guess[0] != c.want || guess != d.Snapshot() {
			t.Errorf("%s: guessed %v, decoded %v, want time %d", name, guess, d.Snapshot(), c.want)
		}
	}
}

func TestEVT2SplitsBeforeWhatIsNoContinuation(t *testing.T) {
	t.Parallel()
	d := &evt2Decoder{s: &format.Stream{}, time: newHighTime(0, evtWrap/2), width: 1 << 16, height: 1 << 16}
	high := func(v uint32) uint32 { return evt2High<<28 | v }
	src := behind(words2(high(5), evt2On<<28, high(7), evt2Off<<28|3<<22, evt2Other<<28|1, evt2Continued<<28, evt2Continued<<28|2))
	if n := d.Split(src); n != 16 {
		t.Errorf("cut at %d, want 16", n)
	}
	if n := d.Split(behind(words2(evt2On<<28, evt2Continued<<28, evt2Continued<<28))); n != 0 {
		t.Errorf("cut at %d although all but the first is continued", n)
	}
	if n := d.Split(append(behind(words2(evt2On<<28, evt2Off<<28)), 1, 2, 3)); n != 4 {
		t.Errorf("cut at %d before a torn word, want 4", n)
	}
	if got, want := d.Guess(d.Snapshot(), src[:16]), (format.Snapshot{7 << lowBits, 0, 1}); got != want {
		t.Errorf("guessed %v, want %v", got, want)
	}
	before := format.Snapshot{9 << lowBits, 0, 1}
	if got := d.Guess(before, src[4:8]); got != before {
		t.Errorf("without a TIME_HIGH guessed %v, want what was before", got)
	}
	if _, ok := d.Shift(before, before); ok {
		t.Error("EVT2 allows a shift")
	}
}
