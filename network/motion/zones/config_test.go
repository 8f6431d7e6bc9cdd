package zones

import (
	"math"
	"strings"
	"testing"

	"ganglion/network/motion/track"
)

func TestMistakesAreNamed(t *testing.T) {
	t.Parallel()
	yard := Zone{Name: "yard", Points: "0,0 9,0 9,9"}
	for want, c := range map[string]Config{
		`lines.0: line "a" has no length`:         {Lines: []Line{{Name: "a", X0: 1, X1: 1}}},
		`lines: two are called "a"`:               {Lines: []Line{{Name: "a", X0: 1}, {Name: "a", X0: 2}}},
		`zones.0.points: zone "a": "1,2": want 3`: {Zones: []Zone{{Name: "a", Points: "1,2"}}},
		`zones: two are called "yard"`:            {Zones: []Zone{yard, yard}},
		`there is no zone "yart"`:                 {Zones: []Zone{yard}, Alarms: []Alarm{{Name: "a", Of: "occupancy", Zone: "yart", Above: 1}}},
		`alarms: two are called "a"`:              {Alarms: []Alarm{{Name: "a", Of: "direction"}, {Name: "a", Of: "direction"}}},
		"above and below are for":                 {Alarms: []Alarm{{Name: "a", Of: "direction", Above: 1}}},
		"degrees and within are for":              {Alarms: []Alarm{{Name: "a", Of: "rate", Above: 1, Within: 3}}},
		"neither above nor below":                 {Alarms: []Alarm{{Name: "a", Of: "rate"}}},
		"one of them always holds":                {Alarms: []Alarm{{Name: "a", Of: "rate", Above: 1, Below: 2}}},
		"window is for a rate":                    {Alarms: []Alarm{{Name: "a", Of: "occupancy", Above: 1, Window: 1}}},
		"65 lines":                                {Lines: make([]Line, 65)},
		"plane: points: 1 points; want 4":         {Plane: Plane{Points: make([]Reference, 1)}},
		"all lie in one place":                    {Plane: Plane{Points: make([]Reference, 4)}},
		"three of four lie on one line":           {Plane: Plane{Points: []Reference{{0, 0, 0, 0}, {1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 4}}}},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := NewDefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

// TestAPlaneIsSeenInPerspective holds the homography against a pinhole camera of 300 px
// focal length at 4 m height that looks down by 25 degrees.
func TestAPlaneIsSeenInPerspective(t *testing.T) {
	t.Parallel()
	sin, cos := math.Sincos(25 * math.Pi / 180)
	see := func(x, y float64) track.Vec { // metres to the right, metres ahead
		depth, down := y*cos+4*sin, 4*cos-y*sin
		return track.Vec{X: 160 + 300*x/depth, Y: 120 + 300*down/depth}
	}
	var p Plane
	for _, m := range [][2]float64{{-2, 6}, {2, 6}, {3, 20}, {-3, 20}, {0, 11}} {
		q := see(m[0], m[1])
		p.Points = append(p.Points, Reference{q.X, q.Y, m[0], m[1]})
	}
	h, err := p.solve()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []track.Vec{{X: 0, Y: 5}, {X: 1.5, Y: 9}, {X: -4, Y: 30}} {
		const dt = 1e-6
		v := track.Vec{X: 1.2, Y: -3}
		q := see(m.X, m.Y)
		next := see(m.X+v.X*dt, m.Y+v.Y*dt)
		at, speed, ok := h.at(q, next.Minus(q).Times(1/dt))
		if !ok || at.Minus(m).Norm() > 1e-6 || speed.Minus(v).Norm() > 1e-3 {
			t.Errorf("%v is at %v and moves by %v", m, at, speed)
		}
	}
	if _, _, ok := h.at(track.Vec{X: 160, Y: 120 - 300*sin/cos - 5}, track.Vec{}); ok {
		t.Error("the sky is on the plane")
	}
	if p.name() != "ground" || (Plane{Name: "belt"}).name() != "belt" {
		t.Error("names")
	}
}
