package picture

import (
	"image"
	"image/color"
	"math"
	"testing"
)

// near reports whether a colour, or most of it, lies within 3 px of a point.
func near(img *image.RGBA, at point, c color.RGBA) bool {
	for y := int(at.y) - 3; y <= int(at.y)+3; y++ {
		for x := int(at.x) - 3; x <= int(at.x)+3; x++ {
			if got := img.RGBAAt(x, y); distance(got, c) < distance(got, ground)/2 {
				return true
			}
		}
	}
	return false
}

func distance(a, b color.RGBA) float64 {
	return math.Hypot(math.Hypot(float64(a.R)-float64(b.R), float64(a.G)-float64(b.G)), float64(a.B)-float64(b.B))
}

func curve() Curve {
	return Curve{Name: "clean", Chosen: 1, Points: []Point{
		{Threshold: .2, Accepts: 20, Rejects: .02},
		{Threshold: .5, Accepts: 2, Rejects: .05, Accepts95: [2]float64{1, 7}, Rejects95: [2]float64{.02, .1}},
		{Threshold: .9, Accepts: 0, Rejects: .2},
	}}
}

// onTradeoff is a place of the axes of curve: 1 to 20 per hour, 2 to 20 %, each
// from noneGap to 1.
func onTradeoff(accepts, rejects float64) point {
	part := func(v, least, most float64) float64 {
		if v == 0 {
			return 0
		}
		return noneGap + (1-noneGap)*math.Log(v/least)/math.Log(most/least)
	}
	const width, top = tradeoffWidth - chartRight - tradeoffLeft, chartTop + 8
	return point{tradeoffLeft + part(accepts, 1, 20)*width, top + (1-part(rejects, .02, .2))*tradeoffArea}
}

func TestATradeoffIsDrawnWhereItsPointsLie(t *testing.T) {
	t.Parallel()
	trade := Tradeoff{Title: "computer", Curves: []Curve{curve()}}
	img, err := trade.Paint()
	if err != nil {
		t.Fatal(err)
	}
	tint := trackTints[0]
	for name, at := range map[string]point{
		"a point": onTradeoff(20, .02), "the point in use": onTradeoff(2, .05), "a point at none": onTradeoff(0, .2),
		"between two points": onTradeoff(math.Sqrt(40), math.Sqrt(.001)),
		"the left end":       onTradeoff(1, .05), "the right end": onTradeoff(7, .05),
		"the lower end": onTradeoff(2, .02), "the upper end": onTradeoff(2, .1),
	} {
		if !near(img, at, tint) {
			t.Errorf("%s is not drawn at %.0f", name, at)
		}
	}
	if near(img, onTradeoff(4, .1), tint) || near(img, onTradeoff(12, .15), tint) {
		t.Error("something is drawn where nothing lies")
	}
	gaps, ink := 0, false // what leads to none is dashed
	for s := .05; s < .9; s += .001 {
		from, to := onTradeoff(0, .2), onTradeoff(2, .05)
		at := from.plus(to.minus(from).times(s))
		on := img.RGBAAt(int(at.x), int(at.y)) != ground
		if ink && !on {
			gaps++
		}
		ink = on
	}
	if gaps < 10 {
		t.Errorf("%d gaps in the way to none", gaps)
	}
}

func TestATradeoffOfNothingIsRefused(t *testing.T) {
	t.Parallel()
	nan := Point{Accepts: math.NaN()}
	for name, curves := range map[string][]Curve{"no curve": nil, "no point": {{Name: "empty"}}, "no number": {{Points: []Point{nan}}}} {
		if _, err := (&Tradeoff{Curves: curves}).Paint(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	c := curve()
	c.Points, c.Chosen = append(c.Points, nan), 3
	if _, err := (&Tradeoff{Curves: []Curve{c}}).Paint(); err != nil {
		t.Errorf("a point that is not a number spoils the others: %v", err)
	}
}

func TestALogarithmicAxisHasRoundTicksAndNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		first  string
		second string
		last   string
		n      int
	}{
		{[]float64{0, .6, 21}, "0", "0.5", "50", 8},
		{[]float64{1, 1000}, "0", "1", "1e+03", 11},
		{[]float64{3}, "0", "2", "5", 3},
		{[]float64{1e-5, 1}, "0", "1e-05", "1", 7},
		{[]float64{0, 0}, "0", "1", "10", 5},
	} {
		got := newLogAxis(c.values).ticks(1)
		if len(got) != c.n || got[0].label != c.first || got[1].label != c.second || got[len(got)-1].label != c.last {
			t.Errorf("%v: %v", c.values, got)
		}
		for i := range got[1:] {
			if !(got[i+1].at > got[i].at) || got[i+1].at > 1+1e-9 {
				t.Errorf("%v: tick %q lies at %v behind %v", c.values, got[i+1].label, got[i+1].at, got[i].at)
			}
		}
	}
	if got := newLogAxis([]float64{.02, .2}).ticks(.01)[1].label; got != "2" {
		t.Errorf("2 %% is labelled %q", got)
	}
}
