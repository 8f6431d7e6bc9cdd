package picture

import (
	"image"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

func box(id uint64, kind pipeline.Kind, t int64) pipeline.Detection {
	return pipeline.Detection{Kind: kind, TrackID: id, T: t, X0: 10, Y0: 20, X1: 30, Y1: 40, VX: 50, VY: 0, SpeedPxS: 50,
		State: pipeline.Confirmed}
}

func newTracks(t *testing.T, ds ...pipeline.Detection) *Tracks {
	t.Helper()
	ts, err := NewTracks(ds)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

// ids lists the tracks that live at a time.
func (ts *Tracks) ids(t int64) []uint64 {
	ts.advance(t)
	list := []uint64{}
	for _, tr := range ts.live {
		list = append(list, tr.last.TrackID)
	}
	return list
}

func TestTracksLiveFromStartToEnd(t *testing.T) {
	t.Parallel()
	ts := newTracks(t,
		box(7, pipeline.MotionStart, 30_000), // out of order
		box(2, pipeline.MotionStart, 10_000),
		box(2, pipeline.MotionUpdate, 20_000),
		box(2, pipeline.MotionEnd, 40_000),
		box(9, pipeline.MotionEnd, 40_000), // of a track that never began
		pipeline.Detection{Kind: pipeline.Keyword, T: 10_000},
	)
	for _, step := range []struct {
		t    int64
		want []uint64
	}{
		{9_999, []uint64{}}, {10_000, []uint64{2}}, {30_000, []uint64{2, 7}}, {40_000, []uint64{7}},
		{90_000, []uint64{7}}, {90_001, []uint64{}}, // 7 was never heard of again
	} {
		if diff := cmp.Diff(step.want, ts.ids(step.t)); diff != "" {
			t.Errorf("at %d µs: %s", step.t, diff)
		}
	}
}

func TestATrackLeavesATrailOfHalfASecond(t *testing.T) {
	t.Parallel()
	tr := &track{}
	for at := int64(0); at <= 1_000_000; at += 10_000 {
		tr.update(box(1, pipeline.MotionUpdate, at))
	}
	if n := len(tr.trail); n != 51 || tr.trail[0].t != 500_000 {
		t.Errorf("%d steps from %d µs", n, tr.trail[0].t)
	}
}

func TestABoxIsPaintedAtItsEdges(t *testing.T) {
	t.Parallel()
	const scale = 4
	c := Config{Width: 64, Height: 48, Style: Polarity, Window: 20_000, Scale: scale}
	_, frames := reel(t, c, newTracks(t, box(1, pipeline.MotionUpdate, 15_000)), 0, 20_000, nil)
	tint := trackTints[1]
	for _, p := range []image.Point{{10 * scale, 30 * scale}, {30 * scale, 35 * scale}, {25 * scale, 20 * scale}, {25 * scale, 40 * scale}} {
		if got := frames[0].RGBAAt(p.X, p.Y); got != tint {
			t.Errorf("at %v: %v, want %v", p, got, tint)
		}
	}
	if got := frames[0].RGBAAt(15*scale, 35*scale); got != ground {
		t.Errorf("inside: %v", got)
	}
	// The arrow points from the centre (20, 30) to where the object will be.
	if got := frames[0].RGBAAt(23*scale, 30*scale); got != tint {
		t.Errorf("on the arrow: %v", got)
	}
	if got := frames[0].RGBAAt(12*scale, 30*scale); got != ground {
		t.Errorf("behind the arrow: %v", got)
	}
}

func TestACoastingBoxIsDashed(t *testing.T) {
	t.Parallel()
	count := func(state pipeline.TrackState) (n int) {
		d := box(1, pipeline.MotionUpdate, 15_000)
		d.State = state
		c := Config{Width: 64, Height: 48, Style: Polarity, Window: 20_000, Scale: 4}
		_, frames := reel(t, c, newTracks(t, d), 0, 20_000, nil)
		for y := 21 * 4; y < 40*4; y++ {
			if frames[0].RGBAAt(10*4, y) == trackTints[1] {
				n++
			}
		}
		return n
	}
	if confirmed, coasting := count(pipeline.Confirmed), count(pipeline.Coasting); coasting == 0 || coasting*3 > confirmed*2 {
		t.Errorf("%d px of a side when confirmed, %d when coasting", confirmed, coasting)
	}
}

func TestBoxesFromAnywhereDoNoHarm(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, change := range map[string]func(*pipeline.Detection){
		"no coordinates":  func(d *pipeline.Detection) { d.X0 = nan },
		"infinite":        func(d *pipeline.Detection) { d.Y1 = inf },
		"huge":            func(d *pipeline.Detection) { d.X1 = 1e30 },
		"far outside":     func(d *pipeline.Detection) { d.X0, d.X1 = 60_000, 65_000 },
		"turned round":    func(d *pipeline.Detection) { d.X0, d.X1 = d.X1, d.X0 },
		"empty":           func(d *pipeline.Detection) { d.X1, d.Y1 = d.X0, d.Y0 },
		"no velocity":     func(d *pipeline.Detection) { d.VX, d.VY, d.SpeedPxS = nan, nan, nan },
		"wild velocity":   func(d *pipeline.Detection) { d.VX, d.SpeedPxS = 65_000, inf },
		"as large as all": func(d *pipeline.Detection) { d.X0, d.Y0, d.X1, d.Y1 = -65_000, -65_000, 65_000, 65_000 },
	} {
		for _, state := range []pipeline.TrackState{pipeline.Confirmed, pipeline.Coasting} {
			d := box(3, pipeline.MotionUpdate, 10_000)
			d.State = state
			change(&d)
			c := Config{Width: 40, Height: 30, Style: Polarity, Window: 20_000, Scale: 16}
			if _, frames := reel(t, c, newTracks(t, d), 0, 20_000, nil); len(frames) != 1 {
				t.Errorf("%s: %d frames", name, len(frames))
			}
		}
	}
}

func TestALabelStaysWithinThePicture(t *testing.T) {
	t.Parallel()
	text, err := newTypeface(12, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []point{{-50, -50}, {90, 5}, {50, 90}} {
		frame := image.NewRGBA(image.Rect(0, 0, 100, 100))
		text.tag(frame, "#12", a, a.plus(point{20, 20}), trackTints[0])
		n := 0
		for i := 0; i < len(frame.Pix); i += 4 {
			if frame.Pix[i+3] != 0 {
				n++
			}
		}
		if want := (text.width("#12") + 8) * (text.line + 2); n != want {
			t.Errorf("box at %v: plate of %d px, want %d", a, n, want)
		}
	}
}
