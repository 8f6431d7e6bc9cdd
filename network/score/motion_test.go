package score

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// gt is an object of 10x10 px at (x, 0) in instant n that moves right with
// 100 px/s.
func gt(n, id int, x float64) pipeline.Truth {
	return pipeline.Truth{T: int64(n) * periodUS, ID: id, X0: x, Y0: 0, X1: x + 10, Y1: 10, VX: 100, Visible: 1, Events20ms: 50}
}

// quiet is an object that does not count.
func quiet(n, id int, x float64) pipeline.Truth {
	g := gt(n, id, x)
	g.Events20ms = minEvents - 1
	return g
}

// box is a detection of 10x10 px at (x, 0) that is right about gt's motion.
func box(n int, track uint64, x float32) pipeline.Detection {
	return pipeline.Detection{
		Kind: pipeline.MotionUpdate, State: pipeline.Confirmed, T: int64(n) * periodUS, TrackID: track,
		X0: x, Y0: 0, X1: x + 10, Y1: 10, CX: x + 5, CY: 5, VX: 100, SpeedPxS: 100, Confidence: .5,
	}
}

func with(d pipeline.Detection, change func(*pipeline.Detection)) pipeline.Detection {
	change(&d)
	return d
}

var nan = Undefined()

func TestMotion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		truth []pipeline.Truth
		det   []pipeline.Detection
		want  Result
	}{
		{
			name: "an empty recording measures nothing but the absence of false boxes",
			want: Result{nan, nan, nan, nan, nan, nan, 0, 0, nan, nan, nan, nan, nan},
		},
		{
			name:  "without boxes everything is missed and precision is 0",
			truth: []pipeline.Truth{gt(1, 1, 0), gt(2, 1, 0)},
			want:  Result{0, 0, 0, 0, 0, 0, 0, 0, nan, nan, nan, nan, nan},
		},
		{
			name: "in noise alone every box is false",
			det:  []pipeline.Detection{box(10, 1, 0), box(20, 1, 0), box(50, 2, 0)},
			// 3 boxes until 0.5 s.
			want: Result{0, nan, 0, nan, nan, 0, 0, 6, nan, nan, nan, nan, nan},
		},
		{
			name:  "a perfect track scores full, found after its first period",
			truth: []pipeline.Truth{gt(1, 1, 0), gt(2, 1, 1)},
			det:   []pipeline.Detection{box(1, 7, 0), box(2, 7, 1)},
			want:  Result{1, 1, 1, 1, 1, 1, 0, 0, 10, 0, 0, 0, 0},
		},
		{
			name:  "a box counts at IoU one half and not below",
			truth: []pipeline.Truth{gt(1, 1, 0), gt(2, 1, 0)},
			det: []pipeline.Detection{
				// Heights 5 and 4.9 of 10: IoU .5 and .49.
				with(box(1, 1, 0), func(d *pipeline.Detection) { d.Y1 = 5 }),
				with(box(2, 1, 0), func(d *pipeline.Detection) { d.Y1 = 4.9 }),
			},
			// tp 1, fp 1, fn 1; the AP curve reaches recall 1/2 at precision 1;
			// 1 false box in 20 ms; MOTA 1-(1+1)/2.
			want: Result{.5, .5, .5, .5, 0, .5, 0, 50, 10, 0, 0, 0, 0},
		},
		{
			name:  "an object with fewer than 10 events is neither missed nor found",
			truth: []pipeline.Truth{quiet(1, 1, 0), gt(2, 1, 0), quiet(3, 1, 0)},
			det:   []pipeline.Detection{box(1, 1, 0), box(2, 1, 0)},
			want:  Result{1, 1, 1, 1, 1, 1, 0, 0, 10, 0, 0, 0, 0},
		},
		{
			name:  "a box beside an ignored object is false",
			truth: []pipeline.Truth{quiet(1, 1, 0), gt(2, 1, 0)},
			det:   []pipeline.Detection{box(1, 1, 30), box(2, 1, 0)},
			// tp 1, fp 1: F1 2/3. Confidence ties go by time, so the false one
			// comes first: precision 1/2 at recall 1.
			want: Result{.5, 1, 2. / 3, .5, 0, 2. / 3, 0, 50, 10, 0, 0, 0, 0},
		},
		{
			name: "a swap costs two switches and half the identity",
			truth: []pipeline.Truth{
				gt(1, 1, 0), gt(1, 2, 50), gt(2, 1, 0), gt(2, 2, 50),
				gt(3, 1, 0), gt(3, 2, 50), gt(4, 1, 0), gt(4, 2, 50),
			},
			det: []pipeline.Detection{
				box(1, 1, 0), box(1, 2, 50), box(2, 1, 0), box(2, 2, 50),
				box(3, 2, 0), box(3, 1, 50), box(4, 2, 0), box(4, 1, 50),
			},
			// MOTA 1-2/8; IDF1: 4 of 8 instants under the best pairing.
			want: Result{1, 1, 1, 1, .75, .5, 2, 0, 10, 0, 0, 0, 0},
		},
		{
			name:  "a new id after a gap is one switch, the gap two misses",
			truth: []pipeline.Truth{gt(1, 1, 0), gt(2, 1, 0), gt(3, 1, 0), gt(4, 1, 0)},
			det:   []pipeline.Detection{box(1, 1, 0), box(4, 2, 0)},
			// recall 2/4; MOTA 1-(2+1)/4; IDF1 2*1/(4+2).
			want: Result{1, .5, 2. / 3, .5, .25, 1. / 3, 1, 0, 10, 0, 0, 0, 0},
		},
		{
			name:  "two boxes on one object are one right and one false, and the continued one is right",
			truth: []pipeline.Truth{gt(1, 1, 0), gt(2, 1, 0)},
			det:   []pipeline.Detection{box(1, 1, 1), box(2, 1, 1), box(2, 2, 0)},
			// tp 2, fp 1. Track 1 is kept although track 2 overlaps more:
			// centroid error 1, no switch. In the AP, track 1 comes first in
			// each instant: precisions 1, 1.
			want: Result{2. / 3, 1, .8, 1, .5, .8, 0, 50, 10, 1, 0, 0, 0},
		},
		{
			name: "more pairs go before more overlap",
			// Box 1 overlaps both objects, box 2 only object 1, less than box 1
			// does: 1-1 alone would leave object 2 without.
			truth: []pipeline.Truth{gt(1, 1, 0), gt(1, 2, 3)},
			det:   []pipeline.Detection{box(1, 1, 1), box(1, 2, -2)},
			// centroid errors 2 and 2. AP is greedy: box 1 takes object 1, box 2
			// finds nothing (IoU with object 2 is 1/3): recall 1/2 at precision 1.
			want: Result{1, 1, 1, .5, 1, 1, 0, 0, 10, 2, 0, 0, 0},
		},
		{
			name:  "the first box comes 30 ms after the period of the tenth event",
			truth: []pipeline.Truth{quiet(1, 1, 0), gt(2, 1, 0), gt(3, 1, 0), gt(4, 1, 0)},
			det:   []pipeline.Detection{box(4, 1, 0)},
			want:  Result{1, 1. / 3, .5, 1. / 3, 1. / 3, .5, 0, 0, 30, 0, 0, 0, 0},
		},
		{
			name:  "direction and speed errors are medians over right boxes that know them",
			truth: []pipeline.Truth{gt(1, 1, 0), gt(2, 1, 0), gt(3, 1, 0), gt(4, 1, 0)},
			det: []pipeline.Detection{
				with(box(1, 1, 0), func(d *pipeline.Detection) { d.DirectionDeg, d.SpeedPxS = 350, 110 }),
				with(box(2, 1, 0), func(d *pipeline.Detection) { d.DirectionDeg, d.SpeedPxS = 20, 70 }),
				with(box(3, 1, 0), func(d *pipeline.Detection) { d.DirectionDeg, d.SpeedPxS = 180, 120 }),
				with(box(4, 1, 0), func(d *pipeline.Detection) { d.DirectionDeg, d.SpeedPxS = float32(math.NaN()), float32(math.NaN()) }),
			},
			// 10, 20 and 180 degrees; .1, .3 and .2.
			want: Result{1, 1, 1, 1, 1, 1, 0, 0, 10, 0, 20, 1. / 3, .2},
		},
		{
			name:  "coasting boxes count, tentative ones, ends and other kinds do not",
			truth: []pipeline.Truth{gt(1, 1, 0)},
			det: []pipeline.Detection{
				with(box(1, 1, 0), func(d *pipeline.Detection) { d.State = pipeline.Coasting }),
				with(box(1, 2, 50), func(d *pipeline.Detection) { d.State = pipeline.Tentative }),
				with(box(1, 3, 50), func(d *pipeline.Detection) { d.Kind = pipeline.MotionEnd }),
				with(box(1, 4, 50), func(d *pipeline.Detection) { d.Kind = pipeline.LineCross }),
				with(box(1, 5, 50), func(d *pipeline.Detection) { d.T += 5000 }),
			},
			want: Result{1, 1, 1, 1, 1, 1, 0, 0, 10, 0, 0, 0, 0},
		},
		{
			name:  "start and update of one track at one instant are one box",
			truth: []pipeline.Truth{gt(1, 1, 0)},
			det: []pipeline.Detection{
				with(box(1, 1, 30), func(d *pipeline.Detection) { d.Kind = pipeline.MotionStart }),
				box(1, 1, 0),
			},
			want: Result{1, 1, 1, 1, 1, 1, 0, 0, 10, 0, 0, 0, 0},
		},
		{
			name:  "a box that is not a number is false",
			truth: []pipeline.Truth{gt(1, 1, 0)},
			det:   []pipeline.Detection{with(box(1, 1, 0), func(d *pipeline.Detection) { d.X0 = float32(math.NaN()) })},
			want:  Result{0, 0, 0, 0, -1, 0, 0, 100, nan, nan, nan, nan, nan},
		},
		{
			name:  "an object at rest has no direction to miss",
			truth: []pipeline.Truth{with2(gt(1, 1, 0), func(g *pipeline.Truth) { g.VX = 4.9 })},
			det:   []pipeline.Detection{box(1, 1, 0)},
			want:  Result{1, 1, 1, 1, 1, 1, 0, 0, 10, 0, nan, nan, nan},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Motion(tt.truth, tt.det)
			if d := cmp.Diff(tt.want, got, approximately); d != "" {
				t.Error(d)
			}
			slices.Reverse(tt.truth)
			if d := cmp.Diff(tt.want, Motion(tt.truth, tt.det), approximately); d != "" {
				t.Errorf("truth in another order:\n%s", d)
			}
		})
	}
}

func with2(g pipeline.Truth, change func(*pipeline.Truth)) pipeline.Truth {
	change(&g)
	return g
}

var approximately = cmp.Comparer(func(a, b Figure) bool {
	return a == b || math.Abs(float64(a-b)) < 1e-9 || !a.Defined() && !b.Defined()
})

func TestAveragePrecisionFollowsTheConfidence(t *testing.T) {
	t.Parallel()
	truth := []pipeline.Truth{gt(1, 1, 0), gt(2, 1, 0), gt(3, 1, 0), gt(4, 1, 0)}
	sure := func(d pipeline.Detection, c float32) pipeline.Detection {
		d.Confidence = c
		return d
	}
	det := []pipeline.Detection{
		sure(box(1, 1, 0), .9), sure(box(1, 2, 50), .8), sure(box(2, 1, 0), .7),
		sure(box(3, 1, 0), .6), sure(box(3, 2, 50), .5),
	}
	// right, wrong, right, right, wrong: precisions at the right ones 1, 2/3,
	// 3/4; envelope 1, 3/4, 3/4; of 4 objects.
	if got, want := Motion(truth, det).AP50, (1+.75+.75)/4; math.Abs(float64(got)-want) > 1e-12 {
		t.Errorf("AP50 = %v, want %v", got, want)
	}
	det[0] = sure(det[0], float32(math.NaN()))
	// wrong, right, right, wrong, right: 1/2, 2/3, 3/5; envelope 2/3, 2/3, 3/5.
	if got, want := Motion(truth, det).AP50, (2./3+2./3+.6)/4; math.Abs(float64(got)-want) > 1e-12 {
		t.Errorf("with an unknown confidence AP50 = %v, want %v", got, want)
	}
}

func TestTheLengthOfTheRecordingSetsTheRateOfFalseBoxes(t *testing.T) {
	t.Parallel()
	r := MotionWithin(6*time.Second, nil, []pipeline.Detection{box(10, 1, 0), box(11, 1, 0), box(12, 1, 0)})
	if r.FalseBoxesPerS != .5 {
		t.Errorf("3 boxes in 6 s: %v a second", r.FalseBoxesPerS)
	}
	if r := MotionWithin(0, nil, []pipeline.Detection{box(0, 1, 0)}); r.FalseBoxesPerS.Defined() {
		t.Errorf("a box in no time: %v a second", r.FalseBoxesPerS)
	}
}

func TestTruthOffTheGridSetsTheGrid(t *testing.T) {
	t.Parallel()
	truth := []pipeline.Truth{gt(1, 1, 0)}
	truth[0].T += 3000
	det := []pipeline.Detection{box(1, 1, 0)}
	if r := Motion(truth, det); r.Recall != 0 || r.FalseBoxesPerS != 0 {
		t.Errorf("a box 3 ms before the truth counts: %+v", r)
	}
	det[0].T += 3000
	if r := Motion(truth, det); r.Recall != 1 {
		t.Errorf("a box at the time of the truth does not count: %+v", r)
	}
}

func TestResultAsJSON(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(Motion([]pipeline.Truth{gt(1, 1, 0)}, nil))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"precision":0,"recall":0,"f1":0,"ap50":0,"mota":0,"idf1":0,"id_switches":0,` +
		`"false_boxes_per_s":0,"first_box_ms":null,"centroid_px":null,` +
		`"direction_err_deg_median":null,"direction_wrong_way":null,"speed_err_median":null}`
	if d := cmp.Diff(want, string(b)); d != "" {
		t.Error(d)
	}
	var back Result
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Motion([]pipeline.Truth{gt(1, 1, 0)}, nil), back, approximately); d != "" {
		t.Error(d)
	}
}
