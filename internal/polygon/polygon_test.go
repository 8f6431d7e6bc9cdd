package polygon

import (
	"math"
	"strings"
	"testing"
)

func TestAPointIsInsideOrOutside(t *testing.T) {
	t.Parallel()
	ell, err := Parse("0,0 10,0 10,4 4 4\t4,10 0,10")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x, y     float64
		in       bool
		distance float64
	}{{2, 2, true, 2}, {7, 2, true, 2}, {2, 7, true, 2}, {7, 7, false, 3}, {-3, -4, false, 5}, {13, 2, false, 3}, {5, 11, false, math.Sqrt2}} {
		q := Point{c.x, c.y}
		if got := ell.Holds(q); got != c.in {
			t.Errorf("%v inside: %v", q, got)
		}
		if got := ell.Distance(q); math.Abs(got-c.distance) > 1e-12 {
			t.Errorf("%v is %v px from the edge, want %v", q, got, c.distance)
		}
	}
	star, err := Parse("5,0 8,10 0,4 10,4 2,10")
	if err != nil {
		t.Fatal(err)
	}
	if star.Holds(Point{5, 5}) || !star.Holds(Point{5, 2}) {
		t.Error("the middle of a star is gone around twice, its arm once")
	}
}

func TestWhatIsNoPolygonIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "want 3 to 256 corners", "1,2 3,4": "want 3 to", "1,2 3,4 5": "want 3 to", "1,2 3,4 x,6": `"x" is not a coordinate`,
		"1,2 NaN,4 5,6": `"NaN" is not a coordinate`, "1,2 3,4 5,1e9": `"1e9" is not`, "1,1 2,1 3,1": "encloses nothing",
		strings.Repeat("1,2 ", 257): "want 3 to",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
}
