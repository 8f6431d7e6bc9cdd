package picture

import (
	"math"
	"testing"
)

func TestCurvesLieAtTheirTimesAndValues(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	l := &Lines{Name: "membrane", Times: []int64{0, 50_000, 100_000}, Curves: []Line{
		{Name: "7", Values: []float32{-1, 1, -1}}, {Name: "9", Values: []float32{0, nan, 0}},
	}}
	img := paintChart(t, &Chart{To: 100_000, Panels: []Panel{l}})
	const width, top = chartWidth - chartLeft - chartRight, chartTop + chartGap
	at := func(share, value float64) point {
		return point{chartLeft + share*width, top + (1-(value+1)/2)*linesHeight}
	}
	for _, p := range []point{at(.25, 0), at(.5, 1), at(.75, 0)} {
		if !near(img, p, trackTints[0]) {
			t.Errorf("the first curve is not at %.0f", p)
		}
	}
	if near(img, at(.5, 0), trackTints[1]) {
		t.Error("a line crosses a value that is not a number")
	}
	if low, high := (&Lines{Curves: []Line{{Values: []float32{nan}}}}).span(); low != 0 || high != 1 {
		t.Errorf("an axis of nothing is from %v to %v", low, high)
	}
	if low, high := (&Lines{Curves: []Line{{Values: []float32{3}}}}).span(); low != 2.5 || high != 3.5 {
		t.Errorf("an axis of one value is from %v to %v", low, high)
	}
}

func TestRoundTicks(t *testing.T) {
	t.Parallel()
	got := roundTicks(-.7, 2.4)
	if len(got) != 6 || got[0].label != "-0.5" || got[1].label != "0" || got[5].label != "2" || math.Abs(got[1].at-.7/3.1) > 1e-9 {
		t.Errorf("%v", got)
	}
}

func TestManyNeuronsShareRows(t *testing.T) {
	t.Parallel()
	r := &Raster{Name: "spikes", Bands: 65_536, Channels: 1, Marks: []Mark{{T: 0}, {T: 50_000, Band: 32_768}, {T: 99_000, Band: 65_535}}}
	img := paintChart(t, &Chart{To: 100_000, Panels: []Panel{r}})
	const width, top = chartWidth - chartLeft - chartRight, chartTop + chartGap
	for _, p := range []point{
		{chartLeft, top + rasterShared - 1}, {chartLeft + width/2, top + rasterShared/2}, {chartLeft + width - 8, top + 1},
	} {
		if !near(img, p, onTint) {
			t.Errorf("no spike at %.0f", p)
		}
	}
}
