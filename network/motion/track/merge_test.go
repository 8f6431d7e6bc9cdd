package track

import "testing"

// TestEdgesOfOneObject shows two edges of 4 x 30 px, or what else the table says, that move
// alike: half a side must overlap, and the gap be at most one and a half sides, or 5 px.
func TestEdgesOfOneObject(t *testing.T) {
	t.Parallel()
	k := newBench(nil)
	edge := func(b Box, on int, v Vec) *Track {
		return &Track{Centre: b.Centre(), Size: b.Size(), Velocity: v, Seen: Blob{N: 100, On: on, Flow: true}}
	}
	v := Vec{100, 0}
	first := Box{Vec{20, 20}, Vec{24, 50}}
	at := func(x, y float64) Box { return Box{Vec{x, y}, Vec{x + 4, y + 30}} }
	for _, c := range []struct {
		name   string
		second Box
		on     int // of 100 spikes of the second; all of the first are
		v      Vec
		want   bool
	}{
		{"45 px apart", at(69, 20), 0, v, true},
		{"farther", at(69.25, 20), 0, v, false},
		{"on the other side", at(-29, 20), 0, v, true},
		{"farther there", at(-29.25, 20), 0, v, false},
		{"more than half faces", at(60, 34.75), 0, v, true},
		{"half", at(60, 35), 0, v, false},
		{"close at a slant", at(29, 55), 0, v, true},
		{"not so close by row", at(29, 55.25), 0, v, false},
		{"not so close by column", at(29.25, 55), 0, v, false},
		{"polarities 60 % apart", at(60, 20), 40, v, true},
		{"less", at(60, 20), 41, v, false},
		{"half as fast", at(60, 20), 0, Vec{50, 0}, true},
		{"slower", at(60, 20), 0, Vec{49, 0}, false},
	} {
		a, b := edge(first, 100, v), edge(c.second, c.on, c.v)
		turned := func(t *Track) *Track { // rows for columns
			u := *t
			u.Centre, u.Size, u.Velocity = Vec{t.Centre.Y, t.Centre.X}, Vec{t.Size.Y, t.Size.X}, Vec{t.Velocity.Y, t.Velocity.X}
			return &u
		}
		for i, p := range [][2]*Track{{a, b}, {b, a}, {turned(a), turned(b)}} {
			if got := k.edgesOfOne(p[0], p[1], p[0].Box().gaps(p[1].Box())); got != c.want {
				t.Errorf("%s, way %d: one object %t, want %t", c.name, i, got, c.want)
			}
		}
	}
}

// What two tracks have of evidence stays when one takes the other in.
func TestATrackThatTakesAnotherInKeepsTheOlderAndSurer(t *testing.T) {
	t.Parallel()
	for _, hits := range [][2]int{{3, 8}, {8, 3}} {
		a := &Track{Centre: Vec{10, 10}, Size: Vec{4, 4}, hits: hits[0], born: 500}
		a.swallow(&Track{Centre: Vec{20, 10}, Size: Vec{4, 4}, hits: hits[1], born: 300})
		if want := (Box{Vec{8, 8}, Vec{22, 12}}); a.hits != 8 || a.born != 300 || a.Box() != want {
			t.Errorf("%d hits, born at %d, %v; want 8, 300, %v", a.hits, a.born, a.Box(), want)
		}
	}
}

// Two confirmed tracks that move alike are one where the smaller lies in the other by
// more than six tenths of its width and of its height.
func TestConfirmedTracksAreOneWhereOneLiesInTheOther(t *testing.T) {
	t.Parallel()
	k := newBench(nil)
	whole := func(id uint64, b Box, v Vec) *Track {
		return &Track{ID: id, Centre: b.Centre(), Size: b.Size(), Velocity: v, hits: grownHits, Seen: Blob{N: 100, On: 50, Flow: true}}
	}
	v := Vec{100, 0}
	for _, c := range []struct {
		name string
		at   Vec // upper left corner of a box of 10 x 10 px, beside one from (0, 0) to (40, 40)
		v    Vec
		want bool
	}{
		{"inside", Vec{5, 5}, v, true},
		{"seven tenths by column", Vec{33, 5}, v, true},
		{"six tenths by column", Vec{34, 5}, v, false},
		{"seven tenths by row", Vec{5, 33}, v, true},
		{"six tenths by row", Vec{5, 34}, v, false},
		{"inside, and the other way", Vec{5, 5}, Vec{-100, 0}, false},
	} {
		a, b := whole(1, Box{Vec{0, 0}, Vec{40, 40}}, v), whole(2, Box{c.at, Vec{c.at.X + 10, c.at.Y + 10}}, c.v)
		if got := k.onePiece(a, b); got != c.want {
			t.Errorf("%s: one object %t, want %t", c.name, got, c.want)
		}
	}
}

// The front and the rear of a thing whose middle shows nothing are one thing once they have gone one
// behind the other for 5 periods, as if by a rod. Each shows more of one polarity.
func TestTheEndsOfOneThingAreOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		gap, broad  float64 // px: between them, and the second one's side across the way
		drift       float64 // px per period, that the gap grows by
		on          float64 // share of ON of the second, where the first has half
		way, second Vec     // velocities
		want        bool
	}{
		{"as far apart as they are broad", 40, 40, 0, .38, Vec{100, 0}, Vec{100, 0}, true},
		{"further apart", 40.5, 40, 0, .38, Vec{100, 0}, Vec{100, 0}, false},
		{"dark before bright", 20, 40, 0, .62, Vec{100, 0}, Vec{100, 0}, true},
		{"alike", 20, 40, 0, .4, Vec{100, 0}, Vec{100, 0}, false},
		{"four fifths as broad", 20, 32, 0, .38, Vec{100, 0}, Vec{100, 0}, true},
		{"less broad", 20, 31, 0, .38, Vec{100, 0}, Vec{100, 0}, false},
		{"a fifth of a length nearer in that time", 19, 40, -2, .38, Vec{100, 0}, Vec{100, 0}, true},
		{"more", 19, 40, -2.2, .38, Vec{100, 0}, Vec{100, 0}, false},
		{"side by side", 20, 40, 0, .38, Vec{0, 100}, Vec{0, 100}, false},
		{"each its own way", 20, 40, 0, .38, Vec{100, 0}, Vec{60, 90}, false},
		{"too slow to tell", 20, 40, 0, .38, Vec{20, 0}, Vec{20, 0}, false},
	} {
		k := newBench(nil)
		front, rear := end(1, 160, .5, c.way), end(2, 0, c.on, c.second)
		rear.Size.Y = c.broad
		front.single = true // told from what is before it
		k.Tracks = []*Track{front, rear}
		one := false
		for i := range endsTogether {
			rear.Centre.X = 160 - 40 - c.gap - float64(c.drift*float64(i))
			if one = k.onePiece(front, rear); one && i < endsTogether-1 {
				t.Errorf("%s: one after %d periods", c.name, i+1)
			}
		}
		if one != c.want {
			t.Errorf("%s: one thing %t, want %t", c.name, one, c.want)
		}
	}
}

// end is the front or the rear, 40 px long and broad, of a thing that goes along y = 50.
func end(id uint64, x, on float64, v Vec) *Track {
	return &Track{
		ID: id, Centre: Vec{x, 50}, Size: Vec{40, 40}, Velocity: v, hits: grownHits, flows: settled, Seen: Blob{N: 100, On: 50, Flow: true},
		shown: shown{100, float64(100 * on)},
	}
}

// In a row of things that follow each other, a rear and the next front differ as well.
func TestEachFrontHasTheRearThatFollowsIt(t *testing.T) {
	t.Parallel()
	k, v := newBench(nil), Vec{100, 0}
	for i, on := range []float64{.56, .42, .57, .41} {
		k.Tracks = append(k.Tracks, end(uint64(i+1), 400-float64(60*i), on, v))
	}
	for range endsTogether {
		k.Merge()
	}
	if len(k.Tracks) != 2 || k.Tracks[0].Size.X != 100 || k.Tracks[1].Size.X != 100 || k.Tracks[0].Centre.X != 370 {
		t.Fatalf("%d tracks, the first %v, want two of 100 px", len(k.Tracks), *k.Tracks[0])
	}
}

// Two confirmed tracks, one from (0, 0) to (40, 40), are one where the other stands within 40 %
// of its side, is smaller than 60 % of it, and either is younger than 25 periods: a limb that
// was seen before its body.
func TestAYoungLimbJoinsItsBody(t *testing.T) {
	t.Parallel()
	k := newBench(nil)
	for _, c := range []struct {
		name           string
		gap, side      float64
		v              Vec
		ofBody, ofLimb int // hits
		want           bool
	}{
		{"a foot", 15, 10, Vec{100, 0}, 90, 5, true},
		{"that swings forward", 10, 10, Vec{300, 50}, 90, 5, true},
		{"that swings back", 10, 10, Vec{-100, 0}, 90, 5, false},
		{"which has stayed there", 10, 10, Vec{-100, 0}, 90, limbHits, true},
		{"seen before its body", 10, 10, Vec{100, 0}, 5, 90, true},
		{"farther away", 16.5, 10, Vec{100, 0}, 90, 5, false},
		{"nearly as large as the body", 10, 24, Vec{100, 0}, 90, 5, false},
		{"grown", 10, 10, Vec{100, 0}, grownHits, grownHits, false},
	} {
		body := &Track{
			ID: 1, Centre: Vec{20, 20}, Size: Vec{40, 40}, Velocity: Vec{100, 0}, hits: c.ofBody,
			Seen: Blob{N: 200, On: 100, Flow: true},
		}
		limb := &Track{
			ID: 2, Centre: Vec{40 + c.gap + c.side/2, 20}, Size: Vec{c.side, c.side}, Velocity: c.v, hits: c.ofLimb,
			Seen: Blob{N: 100, On: 50, Flow: true},
		}
		limb.origin = limb.Centre.Minus(body.Velocity.Times(k.dt * float64(c.ofLimb)))
		for _, pair := range [][2]*Track{{body, limb}, {limb, body}} {
			if got := k.onePiece(pair[0], pair[1]); got != c.want {
				t.Errorf("%s: one object %t, want %t", c.name, got, c.want)
			}
		}
	}
}
