package spotting

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/encoders/cochlea"
	"ganglion/internal/random"
	"ganglion/network/train/words"
)

const bands = 4

// ear has as few bands as the material.
func ear() *words.Ear {
	c := cochlea.NewDefaultConfig()
	c.Mel.Bands = bands
	e, err := words.NewEar(c, 8000)
	if err != nil {
		panic(err)
	}
	return e
}

// material has clips whose word is loud in band 0 alone, speech in band 1 and
// noise in band 3.
func someMaterial() (m material) {
	tone := func(frames, band int, power float64) words.Clip {
		c := words.Clip{Power: make([]float64, frames*bands), Frames: frames}
		for f := range frames {
			c.Power[f*bands+band] = power
		}
		return c
	}
	for i := range 8 {
		c := clip{Clip: tone(120, 0, 1e-6), Start: 50, End: 80}
		for j := range c.Power {
			c.Power[j] = 1e-6
		}
		copy(c.Power[50*bands:], tone(30, 0, 1e-2).Power)
		m.Clips = append(m.Clips, c)
		m.Speech = append(m.Speech, tone(170+i, 1, 1e-2))
	}
	m.Noise = []words.Clip{tone(100, 3, 1)}
	return m
}

// plain changes nothing but places.
var plain = Plan{
	Frames: 200, PreRoll: 60, Before: 1, After: 1, Others: 1, Parts: .2, Hard: .5,
	SNR: words.Range{Least: 10, Most: 10}, Stretch: words.Range{Least: 1, Most: 1}, Shift: words.Range{Least: 1, Most: 1},
}

func TestAWordIsWhereItsWindowSays(t *testing.T) {
	t.Parallel()
	c := newComposer(plain, someMaterial(), ear(), 1)
	places := map[int]bool{}
	for i := range 40 {
		w := c.word(i%8, random.New(uint64(i)))
		if w.Start < 0 || w.End-w.Start != 30 || w.End > plain.Frames-30 || len(w.Power) != (w.Pre+plain.Frames)*bands {
			t.Fatalf("window %d: word at %d to %d, %d frames before", i, w.Start, w.End, w.Pre)
		}
		places[w.End] = true
		for f := range len(w.Power) / bands {
			inside := f >= w.Pre+w.Start && f < w.Pre+w.End
			if loud := w.Power[f*bands] > 1e-3; loud != inside {
				t.Fatalf("window %d, frame %d: word %t, inside %t", i, f, loud, inside)
			}
			if speech := w.Power[f*bands+1] > 1e-4; speech && inside {
				t.Fatalf("window %d, frame %d: speech over the word", i, f)
			}
		}
		if w.Power[1] < 1e-4 && w.Start+w.Pre > 45 {
			t.Errorf("window %d: no speech before a word at %d", i, w.Start+w.Pre)
		}
	}
	if len(places) < 20 {
		t.Errorf("the words end at %d places only", len(places))
	}
}

func TestOtherWindowsHoldNoWord(t *testing.T) {
	t.Parallel()
	c := newComposer(plain, someMaterial(), ear(), 1)
	for i := range 40 {
		key := random.New(uint64(i))
		other, part := c.other(i*33, key, false), c.part(i%8, key)
		loud := 0
		for f := range len(part.Power) / bands {
			if part.Power[f*bands] > 1e-3 {
				loud++
			}
			if f < len(other.Power)/bands && other.Power[f*bands] > 1e-3 {
				t.Fatalf("other speech %d holds the word at frame %d", i, f)
			}
		}
		if other.End >= 0 || part.End >= 0 || loud > 21 {
			t.Errorf("window %d: ends %d and %d, %d frames of the word in a part of it", i, other.End, part.End, loud)
		}
	}
}

func TestNoiseLiesBelowTheSoundAsFarAsItSays(t *testing.T) {
	t.Parallel()
	p := plain
	p.Noisy = 1
	c := newComposer(p, someMaterial(), ear(), 1)
	recorded := 0
	for i := range 40 {
		w := c.word(0, random.New(uint64(i)))
		sum := 0.
		for f := range len(w.Power) / bands {
			sum += w.Power[f*bands+3]
		}
		mean := sum / float64(len(w.Power)/bands) // of the noise in the last band; the word has 1e-2
		if mean > .9e-3 && mean < 1.1e-3 {
			recorded++
		} else if mean > 1e-3 {
			t.Errorf("window %d: noise of %v", i, mean)
		}
	}
	if recorded < 20 {
		t.Errorf("%d of 40 windows have the recorded noise 10 dB below the word", recorded)
	}
}

func TestWindowsDependOnTheirKeyAlone(t *testing.T) {
	t.Parallel()
	a, b := newComposer(defaultPlan(), someMaterial(), ear(), 1), newComposer(defaultPlan(), someMaterial(), ear(), 1)
	b.word(3, random.New(9))
	if d := cmp.Diff(a.word(2, random.New(5)), b.word(2, random.New(5))); d != "" {
		t.Error(d)
	}
	if cmp.Equal(a.word(2, random.New(5)), b.word(2, random.New(6))) {
		t.Error("another key gives the same window")
	}
}

func TestPeaksAreTheGreatestFirstAndApart(t *testing.T) {
	t.Parallel()
	v := make([]float32, 400)
	v[100], v[130], v[200], v[399] = 5, 4, 6, 1
	got := peaks(v)
	if !slices.Equal(got[:3], []int{200, 100, 399}) {
		t.Errorf("%v", got[:3])
	}
	for i, p := range got {
		for _, q := range got[:i] {
			if d := p - q; d <= apart && d >= -apart {
				t.Fatalf("%d and %d are near", p, q)
			}
		}
	}
}

func TestFoldsDependOnTheNameAndAreAboutAsLarge(t *testing.T) {
	t.Parallel()
	if fold("a/b/c.wav", 5) != fold("c.wav", 5) {
		t.Error("the folder changes the fold")
	}
	if got := []int{fold("0386da81-9db7-499c-b4f8-910beec53c23.flac", 5), fold("a.wav", 5), fold("b.wav", 5)}; !slices.Equal(got, wantFolds) {
		t.Errorf("folds %v, once %v: models in use no longer know what they have not heard", got, wantFolds)
	}
	var count [5]int
	for i := range 1000 {
		count[fold(fmt.Sprintf("clip-%d.flac", i), 5)]++
	}
	if slices.Min(count[:]) < 160 || slices.Max(count[:]) > 240 {
		t.Errorf("%v", count)
	}
}

var wantFolds = []int{0, 2, 4}

// TestAShiftIsAFactorOfAllFrequencies plays tones through a whole window.
func TestAShiftIsAFactorOfAllFrequencies(t *testing.T) {
	t.Parallel()
	e, err := words.NewEar(cochlea.NewDefaultConfig(), 8000)
	if err != nil {
		t.Fatal(err)
	}
	centres := cochlea.NewDefaultConfig().Mel.Centres()
	p := plain
	p.Before, p.After, p.PreRoll = 0, 0, 0
	for _, shift := range []float64{.9, 1.1} {
		p.Shift = words.Range{Least: shift, Most: shift}
		for _, hz := range []float64{300, 1000, 2500} {
			pcm := make([]float32, 8000)
			for i := range pcm {
				pcm[i] = float32(.3 * math.Sin(2*math.Pi*hz*float64(i)/8000))
			}
			tone, _ := e.Hear(pcm)
			w := newComposer(p, material{Clips: []clip{{Clip: tone, Start: 10, End: 60}}}, e, 1).word(0, random.New(1))
			// The centre of mass of a tone's bands is where it lies.
			var at, sum float64
			row := w.Power[(w.Start+20)*len(centres) : (w.Start+21)*len(centres)]
			loudest := slices.Index(row, slices.Max(row))
			for i := max(loudest-2, 0); i <= min(loudest+2, len(row)-1); i++ {
				at, sum = at+row[i]*centres[i], sum+row[i]
			}
			if got := at / sum / hz; math.Abs(got/shift-1) > .025 {
				t.Errorf("%v Hz times %v lies at %v of it", hz, shift, got)
			}
		}
	}
}
