package audio

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/wav"
)

func TestAWrittenWAVIsReadBack(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 2, 2 * 70_000} {
		x := asFloats(tones(n))
		if n == 2 {
			x = []float32{2, -3}
		}
		var b bytes.Buffer
		if err := wav.Write(&b, wav.Format{Rate: 22050, Channels: 2}, x); err != nil {
			t.Fatal(err)
		}
		got, l, damage, err := decodeAll(b.Bytes(), formatAuto)
		if n == 2 {
			x = []float32{32767. / 32768, -1}
		}
		if err != nil || l.rate != 22050 || l.channels != 2 || len(damage) > 0 || len(got) != len(x) || n > 0 && !cmp.Equal(got, x) {
			t.Errorf("%d samples: %d, %v, %v, %v", n, len(got), l, damage, err)
		}
	}
}

func TestWrittenFloatsAreReadBackToTheLastBit(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 2, 2 * 70_000} {
		x := asFloats(tones(n))
		for i := range x {
			x[i] /= 3
		}
		var b bytes.Buffer
		if err := wav.Write(&b, wav.Format{Rate: 44100, Channels: 2, Encoding: wav.Float32}, x); err != nil {
			t.Fatal(err)
		}
		got, l, damage, err := decodeAll(b.Bytes(), formatAuto)
		if err != nil || l.rate != 44100 || l.channels != 2 || len(damage) > 0 || len(got) != len(x) || n > 0 && !cmp.Equal(got, x) {
			t.Errorf("%d samples: %d, %v, %v, %v", n, len(got), l, damage, err)
		}
	}
}
