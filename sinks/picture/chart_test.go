package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// flatChart has one panel of each kind, of 100 ms.
func flatChart() (*Chart, *Heat, *Raster) {
	h := &Heat{Name: "values", Hertz: []float64{100, 1000}, Period: 10_000}
	for i := range int64(10) {
		h.Times = append(h.Times, (i+1)*10_000)
		h.Values = append(h.Values, []float32{float32(i % 2), 0})
	}
	r := &Raster{Name: "spikes", Bands: 2, Channels: 2, Hertz: h.Hertz}
	return &Chart{Title: "t", Note: "n", To: 100_000, Panels: []Panel{h, r}}, h, r
}

func paintChart(t *testing.T, c *Chart) *image.RGBA {
	t.Helper()
	img, err := c.Paint()
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestAChartShowsValuesAtTheirTimeAndFrequency(t *testing.T) {
	t.Parallel()
	c, h, _ := flatChart()
	img := paintChart(t, c)
	area := image.Rect(chartLeft, chartTop+chartGap, chartWidth-chartRight, chartTop+chartGap+h.height())
	for i := range 10 {
		x := area.Min.X + (2*i+1)*area.Dx()/20
		if got, want := img.RGBAAt(x, area.Max.Y-area.Dy()/4), heatColor(float32(i%2)); got != want {
			t.Errorf("frame %d of the low row is %v, want %v", i, got, want)
		}
		if got := img.RGBAAt(x, area.Min.Y+area.Dy()/4); got != heatColor(0) {
			t.Errorf("frame %d of the high row is %v", i, got)
		}
	}
}

func TestAChartShowsSpikesInTheRowOfTheirBandAndChannel(t *testing.T) {
	t.Parallel()
	c, h, r := flatChart()
	r.Marks = []Mark{{T: 50_000, Band: 1, Channel: 0}, {T: 25_000, Band: 0, Channel: 1}, {T: 100_000}, {T: -1}, {T: 5, Band: 2},
		{T: 5, Channel: -1}}
	img := paintChart(t, c)
	top := chartTop + 2*chartGap + h.height()
	painted := map[image.Point]bool{}
	for y := top; y < top+r.height(); y++ {
		for x := chartLeft; x < chartWidth-chartRight; x++ {
			if p := img.RGBAAt(x, y); p == onTint || p == offTint {
				painted[image.Pt(x, (top+r.height()-1-y)/(r.height()/4))] = true
				if want := y < top+r.height()/2; want != (p == onTint) {
					t.Errorf("(%d, %d) is %v", x, y, p)
				}
			}
		}
	}
	width := chartWidth - chartLeft - chartRight
	want := map[image.Point]bool{{X: chartLeft + width/2, Y: 2}: true, {X: chartLeft + width/4, Y: 1}: true}
	if len(painted) != 2 || !painted[image.Pt(chartLeft+width/2, 2)] || !painted[image.Pt(chartLeft+width/4, 1)] {
		t.Errorf("spikes in %v, want %v", painted, want)
	}
}

func TestFrequenciesLieBetweenTheirRows(t *testing.T) {
	t.Parallel()
	s := scale{n: 3, hertz: []float64{100, 400, 1600}}
	for f, want := range map[float64]float64{100: 0, 200: .5, 400: 1, 800: 1.5, 1600: 2} {
		if row, ok := s.row(f); !ok || row < want-1e-9 || row > want+1e-9 {
			t.Errorf("%g Hz is in row %g, %t, want %g", f, row, ok, want)
		}
	}
	if _, ok := s.row(50); ok {
		t.Error("50 Hz is on the axis")
	}
}

func TestTimeStepsAreRound(t *testing.T) {
	t.Parallel()
	for span, want := range map[int64]int64{1: 1, 100: 10, 1_000_000: 100_000, 1_500_000: 200_000, 3_000_000: 500_000,
		60_000_000: 10_000_000} {
		if got := timeStep(span); got != want {
			t.Errorf("step of %d µs is %d, want %d", span, got, want)
		}
	}
}

func TestChartsThatCannotBePaintedAreRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Chart, *Raster){
		"no time":   func(c *Chart, _ *Raster) { c.To = c.From },
		"no panels": func(c *Chart, _ *Raster) { c.Panels = nil },
		"no rows":   func(_ *Chart, r *Raster) { r.Bands = 0 },
		"many rows": func(c *Chart, _ *Raster) { c.Panels[0].(*Heat).Values[0] = make([]float32, maxHeight+1) },
	} {
		c, _, r := flatChart()
		spoil(c, r)
		if _, err := c.Paint(); err == nil {
			t.Errorf("%s: painted", name)
		}
	}
}

func TestAPaletteChangesNoPixel(t *testing.T) {
	t.Parallel()
	c, _, r := flatChart()
	r.Marks = []Mark{{T: 50_000}}
	want := paintChart(t, c)
	var b bytes.Buffer
	if err := WritePNG(&b, want); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil || img.Bounds() != want.Rect {
		t.Fatal(err, img.Bounds())
	}
	for y := range want.Rect.Dy() {
		for x := range want.Rect.Dx() {
			if got := color.RGBAModel.Convert(img.At(x, y)); got != want.RGBAAt(x, y) {
				t.Fatalf("(%d, %d) is %v, want %v", x, y, got, want.RGBAAt(x, y))
			}
		}
	}
}
