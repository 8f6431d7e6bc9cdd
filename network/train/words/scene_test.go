package words_test

import (
	"math"
	"testing"

	"ganglion/encoders/cochlea"
	"ganglion/internal/random"
	"ganglion/network/train/words"
)

func TestAnEarKnowsItsSizes(t *testing.T) {
	t.Parallel()
	c := cochlea.NewDefaultConfig()
	e := ear(t, nil)
	if e.Rate() != rate || e.Bands() != c.Mel.Bands || e.Hop() != c.Mel.Hop.Microseconds() {
		t.Errorf("rate %d, %d bands, hop %d", e.Rate(), e.Bands(), e.Hop())
	}
	if e.Inputs()%e.Bands() != 0 || e.Inputs() < e.Bands() {
		t.Errorf("%d inputs of %d bands", e.Inputs(), e.Bands())
	}
}

func TestDrawsStayInTheirRange(t *testing.T) {
	t.Parallel()
	r := words.Range{Least: .5, Most: 8}
	key := random.New(3)
	var below, belowFactor int
	for n := range uint64(2000) {
		x, f := r.Draw(key, n), r.DrawFactor(key, n)
		if x < .5 || x > 8 || f < .5-1e-12 || f > 8+1e-12 {
			t.Fatalf("draw %d: %v and %v", n, x, f)
		}
		if x < 2 {
			below++
		}
		if f < 2 {
			belowFactor++
		}
	}
	// Evenly, 2 is a fifth of the way; in octaves it is half.
	if math.Abs(float64(below)/2000-.2) > .03 || math.Abs(float64(belowFactor)/2000-.5) > .04 {
		t.Errorf("%d and %d of 2000 lie below 2", below, belowFactor)
	}
}

func TestDecibelsAreTurnedBack(t *testing.T) {
	t.Parallel()
	for _, db := range []float64{-100, -3, 0, 10, 42.5} {
		if got := words.ToDecibels(words.Decibels(db)); math.Abs(got-db) > 1e-9 {
			t.Errorf("%v dB become %v", db, got)
		}
	}
	if got := words.ToDecibels(0); got != -200 {
		t.Errorf("nothing is %v dB", got)
	}
}

// TestClipsLieBetweenFramesWhereTheyAreStretched adds clips of one band that are
// longer and shorter, and wants powers on the line between neighbouring frames.
func TestClipsLieBetweenFramesWhereTheyAreStretched(t *testing.T) {
	t.Parallel()
	e := ear(t, nil)
	n := e.Bands()
	clip := words.Clip{Frames: 3, Power: make([]float64, 3*n), Mean: make([]float64, n)}
	for k, p := range []float64{1, 3, 5} {
		for i := range n {
			clip.Power[k*n+i] = p
		}
	}
	s := e.NewScene(8)
	for _, c := range []struct {
		stretch float64
		at      int
		want    []float64
	}{
		{0, 1, []float64{0, 1, 3, 5, 0, 0, 0, 0}},
		{1, -1, []float64{3, 5, 0, 0, 0, 0, 0, 0}},
		{1, 6, []float64{0, 0, 0, 0, 0, 0, 1, 3}},
		{2, 0, []float64{1, 2, 3, 4, 5, 2.5, 0, 0}},
		{.5, 0, []float64{1, 5, 0, 0, 0, 0, 0, 0}},
	} {
		s.Reset()
		s.Add(clip, c.at, words.Variation{Stretch: c.stretch})
		for j, want := range c.want {
			if got := s.Power(j)[n/2]; math.Abs(got-want) > 1e-9 {
				t.Errorf("stretched by %v at %d: frame %d has %v, want %v", c.stretch, c.at, j, got, want)
			}
		}
	}
	if len(s.Powers()) != 8*n {
		t.Errorf("%d powers of 8 frames", len(s.Powers()))
	}
}

// TestRecordedNoiseHasTheLevelOfWhatIsHeardOfIt takes a noise that is loud at its
// begin from two places.
func TestRecordedNoiseHasTheLevelOfWhatIsHeardOfIt(t *testing.T) {
	t.Parallel()
	e := ear(t, nil)
	n := e.Bands()
	noise := words.Clip{Frames: 10, Power: make([]float64, 10*n), Mean: make([]float64, n)}
	for k := range 10 {
		for i := range n {
			noise.Power[k*n+i] = 1 / float64(1+k)
		}
	}
	for _, from := range []int{0, 4, 9} {
		s := e.NewScene(5)
		s.AddRecorded(noise, from, 2)
		var sum float64
		for _, p := range s.Powers() {
			sum += p
		}
		if mean := sum / 5; math.Abs(mean-2) > 1e-9 {
			t.Errorf("from frame %d on the mean power is %v, want 2", from, mean)
		}
		if a, b := s.Power(0)[0]/s.Power(1)[0], noise.Power[from*n]/noise.Power[(from+1)%10*n]; math.Abs(a/b-1) > 1e-9 {
			t.Errorf("from frame %d on it falls by %v, the noise by %v", from, a, b)
		}
	}
	s := e.NewScene(5)
	s.AddRecorded(words.Clip{Frames: 1, Power: make([]float64, n)}, 0, 2)
	for _, p := range s.Powers() {
		if p != 0 {
			t.Fatalf("silence has the power %v", p)
		}
	}
}
