package track

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAMovingThingHasNoSmear(t *testing.T) {
	t.Parallel()
	g := Gauge{}
	var points []Point
	for i := range 20 { // a point that moves by 1 px/ms
		points = append(points, Point{T: int64(i) * 1000, X: float32(i), Y: 5})
	}
	b := g.Measure(points, 20_000, Vec{1000, 0})
	if off := b.Box.Centre().Minus(Vec{20.5, 5.5}); off.Norm() > 1e-9 || b.Box.Size().Norm() > 1e-9 {
		t.Errorf("the box is %v", b.Box)
	}
}

// The box is ahead of the points by the time that its edges lead; the centroid, which is
// that of the points, is not.
func TestABoxLeadsItsPoints(t *testing.T) {
	t.Parallel()
	points := []Point{{T: 0, X: 10, Y: 5}, {T: 0, X: 12, Y: 9}}
	still := (&Gauge{}).Measure(points, 10_000, Vec{200, -100})
	ahead := (&Gauge{Lead: .05}).Measure(points, 10_000, Vec{200, -100})
	if off := ahead.Box.Centre().Minus(still.Box.Centre()).Minus(Vec{10, -5}); off.Norm() > 1e-9 {
		t.Errorf("the box is ahead by %v", ahead.Box.Centre().Minus(still.Box.Centre()))
	}
	if off := ahead.Centroid.Minus(still.Centroid); off.Norm() > 1e-9 {
		t.Errorf("the centroid is ahead by %v", off)
	}
}

// The places that bound a box are those that sorting all of them finds.
func TestTheSpanOfPlacesIsThatOfTheSortedOnes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 200; n++ {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(r.IntN(1 + n/2)) // many are alike
		}
		sorted := slices.Sorted(slices.Values(v))
		for _, trim := range []float64{0, .02, .1, .3, .49} {
			cut := int(float64(n) * trim)
			if lo, hi := extent(slices.Clone(v), cut); lo != sorted[cut] || hi != sorted[n-1-cut] {
				t.Fatalf("%d places without a share of %v: %v to %v, not %v to %v", n, trim, lo, hi, sorted[cut], sorted[n-1-cut])
			}
		}
	}
}

// Up to a spread of 7 px a whole share lies beyond each side of the box, of four times
// the spread a quarter.
func TestOfALargeThingASmallerShareIsLeftOut(t *testing.T) {
	for long, want := range map[float64]int{1: 12, 7: 12, 14: 6, 28: 3} {
		b := Blob{N: 400, Long: long}
		if got := (&Gauge{Trim: .03}).beyond(&b); got != want {
			t.Errorf("spread %v px: %d points beyond a side, want %d", long, got, want)
		}
	}
}

// Before a ground that moves more is left out, of a large thing as of a small one, but never all.
func TestBeforeAMovingGroundMoreIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, long := range []float64{1, 28} {
		b := Blob{N: 400, Long: long}
		if got := (&Gauge{Trim: .03, Ground: true}).beyond(&b); got != 24 {
			t.Errorf("spread %v px: %d points beyond a side, want 24", long, got)
		}
		if got := (&Gauge{Trim: .2, Ground: true}).beyond(&b); got != 100 {
			t.Errorf("spread %v px, a share of a fifth: %d points beyond a side, want 100", long, got)
		}
	}
}

// A large box shrinks slowly, since legs stop and move on; where the ground moves it shrinks faster
// than a small one.
func TestBeforeAMovingGroundABoxShrinksFaster(t *testing.T) {
	t.Parallel()
	settled := Track{hits: 100}
	for _, s := range []struct {
		size   float64
		ground bool
		want   float64
	}{{20, false, 18}, {20, true, 17}, {60, false, 57}, {60, true, 51}} {
		k := Tracker{cfg: NewDefaultConfig(), ground: s.ground}
		if got := settled.follow(s.size, s.size/2, k.shrinking(s.size), &k.cfg); math.Abs(got-s.want) > 1e-9 {
			t.Errorf("%v px, of which half is seen, ground moves: %v: %v px, want %v", s.size, s.ground, got, s.want)
		}
	}
}

// In noise as much is left out as noise puts into such a box, but no more than the whole share.
func TestInNoiseMoreIsLeftOut(t *testing.T) {
	t.Parallel()
	b := Blob{N: 400, Long: 28, Thick: 10}
	for noise, want := range map[float64]int{0: 3, 1e-4: 3, .002: 6, .01: 12} {
		if got := (&Gauge{Trim: .03, Noise: noise}).beyond(&b); got != want {
			t.Errorf("%v points of noise for a pixel: %d points beyond a side, want %d", noise, got, want)
		}
	}
}
