package keyword_test

import (
	"strings"
	"testing"

	"ganglion/network/sound/keyword"
)

// A word is said twice, 400 ms apart and with a posterior of .88, in the steps
// after the adjustment, behind 24 steps with voice or one less: a gate of a fifth
// of the longest 120 steps opens at 24.
func TestAnAdjustmentHoldsFromTheNextStepOn(t *testing.T) {
	t.Parallel()
	gate := func(share float64) func(*keyword.Config) { return func(c *keyword.Config) { c.Voice.Gate = share } }
	for name, c := range map[string]struct {
		before, after func(c *keyword.Config)
		voiced        int
		want          []heard
	}{
		"nothing":          {gate(0), gate(0), 0, []heard{{"yes", 200}}},
		"the gate opens":   {gate(.2), gate(0), 0, []heard{{"yes", 200}}},
		"enough voice":     {gate(1), gate(.2), 24, []heard{{"yes", 200}}},
		"too little voice": {gate(0), gate(.2), 23, nil},
		"a threshold":      {gate(0), func(c *keyword.Config) { c.Words[0].Threshold = .9 }, 0, nil},
		"no cooldown":      {gate(0), func(c *keyword.Config) { c.Cooldown = 0 }, 0, []heard{{"yes", 200}, {"yes", 240}}},
	} {
		before, after := config("yes"), config("yes")
		c.before(&before)
		c.after(&after)
		r, err := keyword.New(before, layers())
		if err != nil {
			t.Fatal(err)
		}
		first := newStream().add(200-c.voiced, false, quiet, quiet).add(c.voiced, true, quiet, quiet)
		expect(t, r.Read(&first.Activity, nil))
		if err := r.Adjust(&after); err != nil {
			t.Fatal(err)
		}
		second := newStream()
		second.Start, second.at = first.End, first.at
		second.add(10, false, 2, quiet).add(30, false, quiet, quiet).add(10, false, 2, quiet)
		t.Run(name, func(t *testing.T) { expect(t, r.Read(&second.Activity, nil), c.want...) })
	}
}

func TestAnAdjustmentThatNeedsANewRunIsRefusedWhole(t *testing.T) {
	t.Parallel()
	r, err := keyword.New(config("yes"), layers())
	if err != nil {
		t.Fatal(err)
	}
	wrong, more, other := config("yes"), config("yes", "no"), config("no")
	wrong.Words[0].Label = "maybe"
	for _, c := range []struct {
		config any
		want   string
	}{
		{new(int), "the keyword readout takes no *int"},
		{&wrong, `words: there is no "maybe" among the labels`},
		{&more, "readout.words: 2 in place of 1 take effect with a new run"},
		{&other, `readout.words: "no" in place of "yes" takes effect with a new run`},
	} {
		if err := r.Adjust(c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
	s := newStream().add(5, true, quiet, quiet).add(5, true, loud, quiet)
	expect(t, r.Read(&s.Activity, nil), heard{"yes", 5})
}
