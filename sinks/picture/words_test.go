package picture

import (
	"math"
	"testing"
)

func TestWordsLieAtTheirTimesUnderTheirScores(t *testing.T) {
	t.Parallel()
	w := &Words{
		Name: "words", Said: []Word{
			{Label: "one", From: 20_000, To: 40_000, Score: .5}, {Label: "two", From: 60_000, To: 80_000, Score: float32(math.NaN())},
			{Label: "later", From: 200_000, To: 300_000, Score: 1},
		},
		Times: []int64{0, 100_000}, Curves: []Line{{Name: "one", Values: []float32{.25, .25}}}, Thresholds: []float32{.75},
	}
	img := paintChart(t, &Chart{To: 100_000, Panels: []Panel{w}})
	const width, top = chartWidth - chartLeft - chartRight, chartTop + chartGap
	at := func(share, value float64) point { return point{chartLeft + share*width, top + (1-value)*wordsHeight} }
	bar := mix(ground, onTint, .35)
	for name, c := range map[string]struct {
		at   point
		want bool
	}{
		"within the first":     {at(.35, .4), true},
		"above its score":      {at(.35, .6), false},
		"between the two":      {at(.5, .4), false},
		"without a score":      {at(.75, .9), true},
		"behind what is shown": {at(.95, .4), false},
	} {
		if near(img, c.at, bar) != c.want {
			t.Errorf("%s: a bar is %t, want %t", name, !c.want, c.want)
		}
	}
	if !near(img, at(.5, .25), trackTints[0]) {
		t.Error("the curve of the scores is missing")
	}
	found := false
	for share := .41; share < .59; share += .002 {
		found = found || near(img, at(share, .75), trackTints[0])
	}
	if !found {
		t.Error("the threshold is missing")
	}
}
