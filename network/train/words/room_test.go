package words_test

import (
	"math"
	"slices"
	"testing"

	"ganglion/encoders/cochlea"
	"ganglion/internal/random"
	"ganglion/network/train/words"
)

// TestARoomAnswersAsLongAndAsLoudAsItSays plays a click in all bands, and wants
// the answer's power and its time of decay in the lowest and the highest band.
func TestARoomAnswersAsLongAndAsLoudAsItSays(t *testing.T) {
	t.Parallel()
	e := ear(t, nil)
	n := e.Bands()
	s := e.NewScene(300)
	for i := range n {
		s.Powers()[10*n+i] = 1
	}
	s.Reverberate(words.Room{Decay: .4, Bright: .5, Answer: -3})
	for band, decay := range map[int]float64{0: .4, n - 1: .2} {
		var answer float64
		for k := range s.Steps {
			p := s.Power(k)[band]
			switch {
			case k < 10 && p != 0, k == 10 && p != 1:
				t.Fatalf("band %d, frame %d: %v", band, k, p)
			case k > 10:
				answer += p
			}
		}
		if db := words.ToDecibels(answer); math.Abs(db+3) > .01 {
			t.Errorf("band %d: the answer has %v dB", band, db)
		}
		frames := int(decay * 100)
		if db := words.ToDecibels(s.Power(11)[band] / s.Power(11 + frames)[band]); math.Abs(db-60) > .01 {
			t.Errorf("band %d: %v dB lower after %v s", band, db, decay)
		}
	}
}

func TestAFilterWeakensEachBandByItsDecibels(t *testing.T) {
	t.Parallel()
	e := ear(t, nil)
	s := e.NewScene(3)
	db := make([]float64, e.Bands())
	for i := range s.Powers() {
		s.Powers()[i] = 2
	}
	for i := range db {
		db[i] = -float64(i)
	}
	s.Filter(db)
	for k := range s.Steps {
		for i, p := range s.Power(k) {
			if math.Abs(words.ToDecibels(p/2)+float64(i)) > 1e-9 {
				t.Fatalf("frame %d, band %d: %v", k, i, p)
			}
		}
	}
}

func TestAPassBandEndsAtItsCorners(t *testing.T) {
	t.Parallel()
	e, centres := ear(t, nil), cochlea.NewDefaultConfig().Mel.Centres()
	for i, db := range e.BandPass(300, 2000, 24) {
		want := 0.
		switch f := centres[i]; {
		case f < 300:
			want = 24 * math.Log2(f/300)
		case f > 2000:
			want = 24 * math.Log2(2000/f)
		}
		if math.Abs(db-want) > 1e-9 {
			t.Errorf("%v Hz: %v dB, want %v", centres[i], db, want)
		}
	}
}

func TestMicrophonesAreSmoothAndDiffer(t *testing.T) {
	t.Parallel()
	e := ear(t, nil)
	a, b := e.Microphone(6, random.New(1)), e.Microphone(6, random.New(2))
	if slices.Equal(a, b) || !slices.Equal(a, e.Microphone(6, random.New(1))) {
		t.Error("a microphone does not depend on its key alone")
	}
	most := 0.
	for i := range a {
		most = max(most, math.Abs(a[i]))
		// A wave of k half periods over n bands and of depth 6/k moves by 6π/n at most.
		if i > 0 && math.Abs(a[i]-a[i-1]) > 4*6*math.Pi/float64(len(a)) {
			t.Errorf("band %d: %v dB after %v dB", i, a[i], a[i-1])
		}
	}
	if most == 0 || most > 6*(1+1./2+1./3+1./4) {
		t.Errorf("at most %v dB", most)
	}
}

// TestMusicIsTones wants most of the power of a frame in few bands, in most
// frames, other than in white noise.
func TestMusicIsTones(t *testing.T) {
	t.Parallel()
	e := ear(t, nil)
	n := e.Bands()
	tones := 0
	c := e.Music(500, random.New(4))
	for k := range c.Frames {
		row := slices.Sorted(slices.Values(c.Power[k*n : (k+1)*n]))
		var sum, few float64
		for i, p := range row {
			sum += p
			if i >= n-n/4 {
				few += p
			}
		}
		if few > .8*sum {
			tones++
		}
	}
	if tones < 400 {
		t.Errorf("%d of 500 frames are tones", tones)
	}
}
