package simulator

import (
	"math"
	"slices"
	"testing"
	"time"

	"ganglion/pipeline"
)

func TestABrightBarMakesOnEventsWhereItComesAndOffEventsWhereItGoes(t *testing.T) {
	t.Parallel()
	const side = 128
	r := record(t, Config{Scene: "bar-0", Seed: 4, Width: side, Height: side, Duration: 400 * time.Millisecond})
	g := r.Truth[len(r.Truth)/2]
	if g.VY != 0 || g.VX < 85 || g.VX > 115 {
		t.Fatalf("bar-0 moves with (%v, %v)", g.VX, g.VY)
	}
	var front, back int
	middle := (g.Y0 + g.Y1) / 2
	for i, e := range r.Events {
		if r.Causes[i] != int32(g.ID) || math.Abs(float64(e.Y)-middle) > 15 {
			continue
		}
		// Where the edges are at the time of the event.
		right := g.X1 + g.VX*float64(e.T-g.T)/1e6
		left := g.X0 + g.VX*float64(e.T-g.T)/1e6
		edge := left
		if e.P == pipeline.On {
			edge = right
			front++
		} else {
			back++
		}
		// The edge enters the pixel at its left side; the low-pass (2 ms at
		// this brightness, more in the dark) lets the last event come later.
		late := (edge - float64(e.X)) / g.VX
		if late < -.001 || late > .025 {
			t.Fatalf("%+v comes %.1f ms after the edge", e, late*1e3)
		}
	}
	// 31 rows, 400 ms at about 100 px/s, at least 2 events for an edge pixel.
	if front < 31*30*2 || back < 31*30*2 {
		t.Errorf("%d ON and %d OFF events", front, back)
	}
}

func TestEachBarMovesWhereItsNameSays(t *testing.T) {
	t.Parallel()
	for i, name := range []string{"bar-0", "bar-45", "bar-90", "bar-135", "bar-180", "bar-225", "bar-270", "bar-315"} {
		r := record(t, Config{Scene: name, Duration: 400 * time.Millisecond})
		// A box that the border cuts moves another way.
		whole := slices.DeleteFunc(r.Truth, func(g pipeline.Truth) bool { return g.Visible < .98 })
		if len(whole) < 5 {
			t.Fatalf("%s: the bar is wholly visible in %d of %d periods", name, len(whole), len(r.Truth))
		}
		first, last := whole[0], whole[len(whole)-1]
		for what, deg := range map[string]float64{
			"velocity":     math.Atan2(first.VY, first.VX) * 180 / math.Pi,
			"displacement": math.Atan2(last.Y0-first.Y0, last.X0-first.X0) * 180 / math.Pi,
		} {
			if off := math.Remainder(deg-45*float64(i), 360); math.Abs(off) > 1 {
				t.Errorf("%s: %s of %v degrees", name, what, deg)
			}
		}
	}
}

func TestTheTrueBoxHoldsTheObjectsEvents(t *testing.T) {
	t.Parallel()
	for _, scene := range []string{"disk", "bar-45", "three", "crossing", "slow", "looming", "accelerate", "low-contrast"} {
		t.Run(scene, func(t *testing.T) {
			r := record(t, Config{Scene: scene, Seed: 6, Width: 128, Height: 128, Duration: 500 * time.Millisecond})
			own, inside := 0, 0
			for _, g := range r.Truth {
				for i, e := range r.Events {
					if r.Causes[i] != int32(g.ID) || e.T < g.T-FrameUS || e.T >= g.T {
						continue
					}
					own++
					x, y := float64(e.X)+.5, float64(e.Y)+.5
					const margin = maskMargin + 1.5 // and the way in 10 ms
					if x > g.X0-margin && x < g.X1+margin && y > g.Y0-margin && y < g.Y1+margin {
						inside++
					}
				}
			}
			if own < 100 || float64(inside) < .99*float64(own) {
				t.Errorf("%d of %d events are in the box", inside, own)
			}
		})
	}
}

func TestThePillarHidesTheDisk(t *testing.T) {
	t.Parallel()
	r := record(t, Config{Scene: "occlusion", Width: 128, Height: 128, Duration: 1500 * time.Millisecond})
	// The disk is as wide as the pillar: at the middle little of it is left.
	least, before, after := 1., 0., 0.
	for _, g := range r.Truth {
		if g.ID != r.Truth[0].ID {
			break
		}
		least = min(least, g.Visible)
		switch {
		case g.X1 < 54:
			before = max(before, g.Visible)
		case g.X0 > 74:
			after = max(after, g.Visible)
		}
		if g.Visible < .05 && g.Events20ms > 60 {
			t.Errorf("%+v: a hidden object makes events", g)
		}
	}
	if least > .1 || before < .99 || after < .99 {
		t.Errorf("visible share %v before, %v behind, %v after the pillar", before, least, after)
	}
}

func TestCrossingObjectsMeet(t *testing.T) {
	t.Parallel()
	r := record(t, Config{Scene: "crossing", Width: 128, Height: 128})
	meet := false
	for i, g := range r.Truth[1:] {
		f := r.Truth[i]
		meet = meet || f.T == g.T && min(f.X1, g.X1) > max(f.X0, g.X0) && min(f.Y1, g.Y1) > max(f.Y0, g.Y0)
	}
	if !meet {
		t.Error("they do not")
	}
}

func TestSpeedsAndSizesAreThoseOfTheScene(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		scene               string
		slowest, fastest    float64 // px/s
		narrowest, broadest float64 // px, of boxes of what is wholly visible
		scale               int     // of the sensor
	}{
		{"small-fast", 540, 660, 4.4, 5.6, 1},
		{"slow", 10.8, 13.2, 17.9, 22.1, 1},
		{"accelerate", 36, 330, 17.9, 22.1, 1},
		{"looming", 0, 0, 10.7, 110, 1},
		{"small-fast", 1080, 1320, 8.9, 11.1, 2},
	} {
		for seed := range uint64(3) {
			r := record(t, Config{Scene: tt.scene, Seed: seed, Width: 128 * tt.scale, Height: 128 * tt.scale, Duration: 300 * time.Millisecond})
			for _, g := range r.Truth {
				if v := math.Hypot(g.VX, g.VY); v < tt.slowest || v > tt.fastest {
					t.Errorf("%s: speed %v", tt.scene, v)
				}
				if w := g.X1 - g.X0; g.Visible > .999 && (w < tt.narrowest || w > tt.broadest) {
					t.Errorf("%s: width %v", tt.scene, w)
				}
			}
		}
	}
}

func TestLowContrastMakesAboutOneEventForAnEdgePixel(t *testing.T) {
	t.Parallel()
	count := func(scene string) float64 {
		r := record(t, Config{Scene: scene, Seed: 8, Width: 128, Height: 128, Duration: 300 * time.Millisecond})
		places := map[[3]uint16]bool{} // pixels and polarities
		for _, e := range r.Events {
			places[[3]uint16{e.X, e.Y, uint16(e.P)}] = true
		}
		return float64(len(r.Events)) / float64(len(places))
	}
	if n := count("low-contrast"); n > 1.1 {
		t.Errorf("low contrast: %v events for an edge pixel", n)
	}
	if n := count("disk"); n < 2 {
		t.Errorf("full contrast: %v events for an edge pixel", n)
	}
}

func TestEachPassIsANewObjectThatEntersAndLeaves(t *testing.T) {
	t.Parallel()
	r := record(t, Config{Scene: "small-fast", Seed: 1, Width: 128, Height: 128, Duration: time.Second})
	last := 0
	for _, g := range r.Truth {
		if g.ID < last {
			t.Fatalf("object %d comes after %d", g.ID, last)
		}
		if g.ID != last && last != 0 && g.X0 > 20 && g.Y0 > 20 && g.X1 < 108 && g.Y1 < 108 {
			t.Errorf("object %d appears in the middle: %+v", g.ID, g)
		}
		last = g.ID
	}
	if last < 3 {
		t.Errorf("%d objects in a second", last)
	}
}

func TestOnlyTheChangedEdgeIsDrawn(t *testing.T) {
	t.Parallel()
	// The shortcut that draws edges alone must show the sensor the same as
	// drawing everything.
	for _, scene := range []string{"disk", "bar-45", "crossing", "occlusion", "small-fast", "looming", "flicker"} {
		t.Run(scene, func(t *testing.T) {
			s, err := New(Config{Scene: scene, Seed: 2, Width: 64, Height: 64, Duration: time.Second})
			if err != nil {
				t.Fatal(err)
			}
			for n := range 200 {
				s.step()
				if n%9 != 0 {
					continue
				}
				for i, p := range s.sensor.pixels {
					want := s.sensor.tone(s.canvas.intensity(i%64, i/64, s.stage.shapes))
					if p.target != want.log {
						t.Fatalf("step %d: pixel %d,%d sees %v instead of %v", n, i%64, i/64, p.target, want.log)
					}
				}
			}
		})
	}
}

func TestAJumpOfManyPixelsIsDrawn(t *testing.T) {
	t.Parallel()
	c := Config{Scene: "disk", Width: 64, Height: 64}
	for _, was := range []shape{
		newShape(shape{form: disk, cx: 20, cy: 30, a: 8, level: bright}),
		newShape(shape{form: bar, cx: 20, cy: 30, a: 3, b: 12, ux: .6, uy: .8, level: bright}),
	} {
		is := was
		is.cx, is.cy = is.cx+11, is.cy-4
		v, s := newCanvas(c, &scenes[0], 1), newSensor(c, fineStepUS, 1)
		v.first(s, []shape{was})
		v.draw(s, []shape{is}, fineStepUS)
		for i, p := range s.pixels {
			if want := s.tone(v.intensity(i%64, i/64, []shape{is})); p.target != want.log {
				t.Fatalf("pixel %d,%d sees %v instead of %v", i%64, i/64, p.target, want.log)
			}
		}
	}
}
