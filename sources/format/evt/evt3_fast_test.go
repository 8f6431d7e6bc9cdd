package evt

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// plainEVT3 decodes word by word, without the fast path.
type plainEVT3 struct{ *evt3Decoder }

func (d plainEVT3) Decode(b *format.Block, src []byte, at int64, last bool) (int, error) {
	i := 0
	for i+2 <= len(src) && !b.Full() {
		n := d.word(b, src[i:], at+int64(i), last)
		if n == 0 {
			break
		}
		i += n
	}
	return i, nil
}

// plainKit reads EVT3 without the fast path.
var plainKit = formattest.Kit{Formats: []format.Format{plainFormat()}}

func plainFormat() format.Format {
	f := EVT3()
	open := f.Open
	f.Open = func(s *format.Stream) (format.Decoder, error) {
		d, err := open(s)
		if err != nil {
			return nil, err
		}
		return plainEVT3{d.(*evt3Decoder)}, nil
	}
	return f
}

// checkFast compares both ways of decoding.
func checkFast(t *testing.T, data []byte) {
	t.Helper()
	want, werr := plainKit.Decode(bytes.NewReader(data), formattest.Options{Format: "evt3"}, 4096)
	for _, block := range []int{64, 4096} {
		got, gerr := kit.Decode(bytes.NewReader(data), formattest.Options{Format: "evt3"}, block)
		if (werr == nil) != (gerr == nil) {
			t.Fatalf("plain: %v, fast: %v", werr, gerr)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("blocks of %d: -plain +fast:\n%s", block, diff)
		}
	}
}

func TestFastEVT3EqualsPlainEVT3OnRandomWords(t *testing.T) {
	t.Parallel()
	// Mostly plausible words, in runs that the fast path takes.
	kinds := []uint16{evt3Y, evt3X, evt3X, evt3X, evt3X, evt3Low, evt3High, evt3Base, evt3Vect12}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 5))
		words := []uint16{0x8000, 0x0001}
		for range 400 {
			kind := kinds[r.IntN(len(kinds))]
			if r.IntN(40) == 0 {
				kind = uint16(r.IntN(16))
			}
			payload := uint16(r.IntN(1 << 12))
			switch {
			case kind == evt3High:
				payload = uint16(len(words) / 100)
			case kind != evt3Low && kind != evt3Vect12 && r.IntN(20) > 0:
				payload &= 0x9FF
			}
			words = append(words, kind<<12|payload)
			if kind == evt3Vect12 && r.IntN(10) > 0 {
				words = append(words, evt3Vect12<<12|uint16(r.IntN(1<<12)), evt3Vect8<<12|uint16(r.IntN(1<<8)))
			}
		}
		checkFast(t, words3(words...))
	}
}

// TestFastEVT3TakesWholeGroupsAlone has groups with another word in each of their
// places, which the fast path must leave to the plain one.
func TestFastEVT3TakesWholeGroupsAlone(t *testing.T) {
	t.Parallel()
	group := []uint16{evt3Vect12<<12 | 5, evt3Vect12<<12 | 6, evt3Vect8<<12 | 7}
	for place := range group {
		for kind := range uint16(16) {
			odd := append([]uint16(nil), group...)
			odd[place] = kind<<12 | 1
			words := append([]uint16{0x8001, 0x6002, 0x0003, evt3Base<<12 | 0x804}, odd...)
			words = append(words, group...) // behind it the base has moved
			words = append(append(words, evt3Base<<12|8), group...)
			checkFast(t, words3(words...))
		}
	}
}

func TestFastEVT3EqualsPlainEVT3OnRealRecordings(t *testing.T) {
	for _, file := range []string{"dense.raw", "pedestrians.raw", "triggers.raw"} {
		data, err := os.ReadFile(filepath.Join(shareddata.Path(t), "events", "evt3", file))
		if err != nil {
			t.Fatal(err)
		}
		want, err := plainKit.Decode(bytes.NewReader(data), formattest.Options{Format: "evt3"}, 4096)
		if err != nil {
			t.Fatal(err)
		}
		got, err := kit.Decode(bytes.NewReader(data), formattest.Options{}, 4096)
		if err != nil {
			t.Fatal(err)
		}
		if diff := formattest.DiffEvents(want.Events, got.Events); diff != "" {
			t.Errorf("%s: -plain +fast:\n%s", file, diff)
		}
		if diff := cmp.Diff(want.Side, got.Side); diff != "" {
			t.Errorf("%s: side data: -plain +fast:\n%s", file, diff)
		}
	}
}

// FuzzEVT3Fast compares the fast path with the plain one on any bytes.
func FuzzEVT3Fast(f *testing.F) {
	kind, err := kit.Find("evt3")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(kit.Sample(f, kind, 300)[len(evt3Head):])
	f.Fuzz(func(t *testing.T, words []byte) { checkFast(t, append([]byte(evt3Head), words...)) })
}
