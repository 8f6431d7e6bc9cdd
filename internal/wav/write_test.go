package wav_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"ganglion/internal/wav"
)

func TestTheSmallestEncodingLosesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pcm  []float32
		want wav.Encoding
	}{
		"silence":                     {[]float32{0, 0}, wav.Int16},
		"16 bits":                     {[]float32{-1, 32767. / 32768, 1. / 32768}, wav.Int16},
		"17 bits":                     {[]float32{0, 1. / 65536}, wav.Float32},
		"one above 16 bits' greatest": {[]float32{1}, wav.Float32},
		"no number":                   {[]float32{float32(math.NaN())}, wav.Float32},
	} {
		if got := wav.Smallest(c.pcm); got != c.want {
			t.Errorf("%s: encoding %d, want %d", name, got, c.want)
		}
	}
}

// limited takes so many bytes.
type limited struct {
	bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("no room")
	}
	return l.Buffer.Write(p)
}

func TestAWriterThatFailsIsTold(t *testing.T) {
	t.Parallel()
	pcm := make([]float32, 100_000)
	for _, e := range []wav.Encoding{wav.Int16, wav.Float32} {
		for _, room := range []int{10, 100_000} {
			if err := wav.Write(&limited{left: room}, wav.Format{Rate: 8000, Channels: 1, Encoding: e}, pcm); err == nil {
				t.Errorf("encoding %d: room for %d bytes was enough", e, room)
			}
		}
	}
}
