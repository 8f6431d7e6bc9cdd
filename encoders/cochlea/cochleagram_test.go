package cochlea

import (
	"math"
	"testing"

	"ganglion/pipeline"
)

// TestACochleagramIsLoudestAtItsTone: a sine is loudest in the band whose
// centre is nearest to it, in every frame but the first few.
func TestACochleagramIsLoudestAtItsTone(t *testing.T) {
	t.Parallel()
	for _, front := range []string{"mel", "gammatone"} {
		c := NewDefaultConfig()
		c.Front = front
		for _, f := range []float64{300, 1200, 3000} {
			g, err := NewCochleagram(c, pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: 16000, Channels: 1})
			if err != nil {
				t.Fatal(err)
			}
			x := make([]float32, 16000)
			for i := range x {
				x[i] = float32(0.5 * math.Sin(2*math.Pi*f*float64(i)/16000))
			}
			for i := 0; i < len(x); i += 777 { // ragged pieces
				g.Hear(int64(i), x[i:min(i+777, len(x))])
			}
			if n := int(1_000_000 / g.Period); len(g.Values) < n-3 || len(g.Values) > n || len(g.Times) != len(g.Values) {
				t.Fatalf("%s: %d frames, %d times", front, len(g.Values), len(g.Times))
			}
			for k, values := range g.Values[10:] {
				best, nearest := 0, 0
				for i := range values {
					if values[i] < 0 || values[i] > 1 {
						t.Fatalf("%s: value %g", front, values[i])
					}
					if values[i] > values[best] {
						best = i
					}
					if math.Abs(g.Hertz[i]-f) < math.Abs(g.Hertz[nearest]-f) {
						nearest = i
					}
				}
				if best < nearest-1 || best > nearest+1 {
					t.Fatalf("%s: frame %d of %g Hz is loudest at %g Hz", front, k, f, g.Hertz[best])
				}
			}
		}
	}
}
