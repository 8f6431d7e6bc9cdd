package spotting

import (
	"slices"
	"testing"

	"ganglion/encoders/cochlea"
	"ganglion/internal/random"
	"ganglion/network/train/words"
)

// shares of the power of a window in each band.
func shares(w window) (band [bands]float64) {
	for i, p := range w.Power {
		band[i%bands] += p
	}
	sum := band[0] + band[1] + band[2] + band[3]
	for i := range band {
		band[i] /= sum
	}
	return band
}

func TestRoomsAnswerBehindTheWord(t *testing.T) {
	t.Parallel()
	p := plain
	p.Before, p.After = 0, 0
	dry := newComposer(p, someMaterial(), ear(), 1)
	p.Rooms = 1
	wet := newComposer(p, someMaterial(), ear(), 1)
	for i := range 20 {
		a, b := dry.word(i%8, random.New(uint64(i))), wet.word(i%8, random.New(uint64(i)))
		if a.Start != b.Start || a.End != b.End {
			t.Fatalf("window %d: the word at %d to %d, in a room at %d to %d", i, a.Start, a.End, b.Start, b.End)
		}
		first, behind := (a.Pre+a.Start)*bands, (a.Pre+a.End+1)*bands
		if b.Power[behind] < 5*a.Power[behind] || b.Power[first] > 1.5*a.Power[first] {
			t.Errorf("window %d: behind the word %v, in a room %v; at its start %v and %v", i, a.Power[behind], b.Power[behind],
				a.Power[first], b.Power[first])
		}
	}
}

func TestTelephonesAndMicrophonesChangeTheSpectrum(t *testing.T) {
	t.Parallel()
	e, err := words.NewEar(cochlea.NewDefaultConfig(), 8000)
	if err != nil {
		t.Fatal(err)
	}
	heard := func(p Plan, key random.Key) []float64 { // of the same power in all bands
		s := e.NewScene(1)
		for i := range s.Powers() {
			s.Powers()[i] = 1
		}
		(&composer{Plan: p, ear: e}).microphone(s, key)
		return s.Powers()
	}
	narrow, uneven := 0, 0
	for i := range 40 {
		key := random.New(uint64(i))
		telephone, mic := heard(Plan{Telephones: 1}, key), heard(Plan{Microphones: 12}, key)
		if last := len(telephone) - 1; telephone[last/2] > .99 && telephone[last] < .7 && telephone[0] < .99 {
			narrow++
		}
		if slices.Max(mic) > 1.1*slices.Min(mic) {
			uneven++
		}
		if plain := heard(Plan{}, key); slices.Max(plain) != 1 || slices.Min(plain) != 1 {
			t.Fatal("changed without a microphone")
		}
	}
	if narrow < 10 || uneven < 35 {
		t.Errorf("of 40 windows %d are of a telephone, %d of an uneven microphone", narrow, uneven)
	}
}

// TestNoiseIsOfTheKindThatThePlanSays: speech is loud in band 1 alone, and the
// recorded noise in band 3.
func TestNoiseIsOfTheKindThatThePlanSays(t *testing.T) {
	t.Parallel()
	kinds := func(change func(*Plan)) (babble, recorded int) {
		p := plain
		p.Before, p.After, p.Noisy = 0, 0, 1
		change(&p)
		c := newComposer(p, someMaterial(), ear(), 1)
		for i := range 40 {
			switch s := shares(c.word(0, random.New(uint64(i)))); {
			case s[1] > .15:
				babble++
			case s[3] > .15:
				recorded++
			}
		}
		return babble, recorded
	}
	if babble, recorded := kinds(func(p *Plan) { p.Babble = 1 }); babble != 40 {
		t.Errorf("babble alone: %d of 40, recorded %d", babble, recorded)
	}
	if babble, recorded := kinds(func(p *Plan) { p.Babble = .5 }); babble < 10 || babble > 30 || recorded < 5 {
		t.Errorf("half of it babble: %d of 40, recorded %d", babble, recorded)
	}
	if _, recorded := kinds(func(p *Plan) { p.Music = 1 }); recorded == 40 {
		t.Error("music is the recorded noise")
	}
}
