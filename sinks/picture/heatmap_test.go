package picture

import (
	"image"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

func boxAt(kind pipeline.Kind, t int64, track uint64, x0, y0, x1, y1 float32) pipeline.Detection {
	return pipeline.Detection{Kind: kind, T: t, TrackID: track, X0: x0, Y0: y0, X1: x1, Y1: y1}
}

func TestAHeatMapAddsUpTheTimeInBoxes(t *testing.T) {
	t.Parallel()
	ds := []pipeline.Detection{
		boxAt(pipeline.MotionStart, 0, 1, 0, 0, 2, 1), boxAt(pipeline.MotionStart, 0, 2, 1.5, 0, 3, 2),
		boxAt(pipeline.MotionUpdate, 100_000, 1, 1, 1, 2, 2), boxAt(pipeline.MotionEnd, 100_000, 2, 0, 0, 0, 0),
		boxAt(pipeline.LineCross, 110_000, 1, 0, 0, 9, 9), boxAt(pipeline.MotionEnd, 900_000, 1, 0, 0, 0, 0),
		boxAt(pipeline.MotionStart, 900_000, 3, 0, 0, 3, 2), // of which nothing follows
	}
	seconds, most := sum(coversOf(ds), 3, 2)
	want := []float64{.1, .2, .1, 0, .3, .1} // no box stands for longer than .2 s
	for i := range want {
		if d := seconds[i] - want[i]; d > 1e-9 || d < -1e-9 {
			t.Fatalf("%v, want %v", seconds, want)
		}
	}
	if most < .299 || most > .301 {
		t.Errorf("most %v", most)
	}
	img, err := HeatMap{}.Paint(ds)
	if err != nil {
		t.Fatal(err)
	}
	scale := Config{Width: 3, Height: 2}.scale()
	if d := cmp.Diff(image.Pt(3*scale, 2*scale+captionHeight), img.Bounds().Size()); d != "" {
		t.Error(d)
	}
	y := scale + scale/2
	if a, b := img.RGBAAt(scale/2, y), img.RGBAAt(scale+scale/2, y); a != ground || b != ageColor(0) {
		t.Errorf("the coldest pixel is %v, the hottest %v", a, b)
	}
}

func TestAHeatMapOfNothing(t *testing.T) {
	t.Parallel()
	if _, err := (HeatMap{}).Paint(nil); err == nil || !strings.Contains(err.Error(), "no track") {
		t.Error(err)
	}
	if _, err := (HeatMap{Width: 1 << 17, Height: 1}).Paint([]pipeline.Detection{boxAt(pipeline.MotionStart, 0, 1, 0, 0, 2, 1)}); err == nil {
		t.Error("a map of 131072 px is painted")
	}
}

// A box may lie beside the sensor, and corners may be exchanged: no box of a file is
// an error, and what is outside does not count.
func TestAHeatMapOfBoxesOutside(t *testing.T) {
	t.Parallel()
	for _, box := range [][4]float32{{-5, 0, -3, 2}, {0, -9, 2, -7}, {-9, -9, -7, -7}, {5, 0, 8, 2}, {0, 5, 3, 9}, {2, 1, 0, 0}} {
		ds := []pipeline.Detection{boxAt(pipeline.MotionStart, 0, 1, box[0], box[1], box[2], box[3]),
			boxAt(pipeline.MotionEnd, 100_000, 1, 0, 0, 0, 0)}
		seconds, most := sum(coversOf(ds), 3, 2)
		if most != 0 {
			t.Errorf("%v counts: %v", box, seconds)
		}
	}
}

func TestTracksAreCurvesOverTime(t *testing.T) {
	t.Parallel()
	var ds []pipeline.Detection
	for id := range uint64(30) {
		for i := range 5 {
			d := boxAt(pipeline.MotionUpdate, int64(i+int(id))*10_000, id+1, float32(i), 0, float32(i+9), 9)
			d.SpeedPxS = float32(100 * id)
			ds = append(ds, d)
		}
	}
	img, err := PlotTracks("crossing", ds)
	if err != nil {
		t.Fatal(err)
	}
	colours := map[any]bool{}
	for x := range img.Rect.Dx() {
		for y := range img.Rect.Dy() {
			colours[img.RGBAAt(x, y)] = true
		}
	}
	for _, tint := range trackTints {
		if !colours[tint] {
			t.Errorf("no curve is %v", tint)
		}
	}
	if _, err := PlotTracks("nothing", ds[:0]); err == nil {
		t.Error("a plot of nothing")
	}
	nan := func(v float32) bool { return v != v }
	left := func(d *pipeline.Detection) float32 { return d.X0 }
	got := valuesAt([]int64{0, 10_000, 15_000, 40_000, 50_000}, []*pipeline.Detection{&ds[1], &ds[4]}, left)
	if !nan(got[0]) || got[1] != 1 || got[2] != 1 || got[3] != 4 || !nan(got[4]) {
		t.Errorf("%v", got)
	}
}
