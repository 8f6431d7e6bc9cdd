package track

import "testing"

// idAgain lets a thing of 10 x 10 px move for 200 ms, hides it for some periods,
// and returns the ids before and of what is seen afterwards, moved by way from
// where it was seen last.
func idAgain(hidden int, way Vec, vx float64) (before, after uint64) {
	k := newBench(nil)
	x := 40.
	for range 20 {
		x++
		k.step(blob(x, 40, 10, 10, 100, 0))
	}
	before = k.Tracks[0].ID
	for range hidden {
		k.step()
	}
	for i := range 5 {
		k.step(blob(x+way.X+float64(i)*vx/100, 40+way.Y, 10, 10, vx, 0))
	}
	if len(k.Tracks) != 1 {
		return before, 0
	}
	return before, k.Tracks[0].ID
}

func TestWhatRestsOrHidesHasItsIDAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		hidden int // periods
		way    Vec
		vx     float64
		same   bool
	}{
		{"at rest for 4 s, then on", 400, Vec{}, 100, true},
		{"at rest for 4 s, then back", 400, Vec{}, -100, true},
		{"at rest for 11 s", 1100, Vec{}, 100, false},
		{"hidden for half a second", 50, Vec{50, 0}, 100, true},
		{"hidden, and another one comes the other way", 50, Vec{50, 0}, -100, false},
		{"another one elsewhere", 50, Vec{-30, 45}, 100, false},
	} {
		if before, after := idAgain(c.hidden, c.way, c.vx); before == 0 || after == 0 || (before == after) != c.same {
			t.Errorf("%s: id %d, then %d; want the same: %t", c.name, before, after, c.same)
		}
	}
}

// What rests is remembered for exactly as long as it says.
func TestWhatRestsIsRememberedToTheMicrosecond(t *testing.T) {
	t.Parallel()
	box := Box{Vec{20, 20}, Vec{30, 30}}
	for after, want := range map[int64]uint64{restUS - 1: 7, restUS: 7, restUS + 1: 100} {
		k := newBench(nil)
		k.nextID = 100
		k.lost = []lost{{id: 7, box: box, at: 5_000_000}}
		found := new(Track)
		found.setBox(box)
		if k.recall(found, 5_000_000+after); found.ID != want {
			t.Errorf("after %d µs it is %d, want %d", after, found.ID, want)
		}
		if left := len(k.lost); left != 0 {
			t.Errorf("after %d µs %d are remembered", after, left)
		}
	}
}

// The last edges of what comes to rest are few, and its first ones when it moves on lie
// around the box that was left of it.
func TestAnEdgeBesideWhatRestsIsThatThing(t *testing.T) {
	t.Parallel()
	for y, want := range map[float64]uint64{16: 7, 10: 100} {
		k := newBench(nil)
		k.nextID = 100
		k.lost = []lost{{id: 7, box: Box{Vec{20, 20}, Vec{30, 30}}, at: 5_000_000}}
		edge := new(Track)
		edge.setBox(Box{Vec{21, y}, Vec{29, y + 5}})
		if k.recall(edge, 8_000_000); edge.ID != want {
			t.Errorf("an edge from %v on is %d, want %d", y, edge.ID, want)
		}
	}
}

// A part of what rests may stir and be still again: the whole rests on, and has its id when it moves.
func TestWhatStirsInPartRestsAsAWhole(t *testing.T) {
	t.Parallel()
	k := newBench(nil)
	k.nextID = 100
	whole := Box{Vec{20, 20}, Vec{60, 60}}
	k.lost = []lost{{id: 7, box: whole, at: 5_000_000}}
	part, rest := new(Track), new(Track)
	part.setBox(Box{Vec{22, 18}, Vec{40, 24}})
	k.recall(part, 6_000_000)
	k.lose(part, 7_000_000)
	rest.setBox(Box{Vec{50, 50}, Vec{62, 62}}) // beside the part
	if k.recall(rest, 8_000_000); part.ID != 7 || rest.ID != 7 {
		t.Errorf("a part is %d and the other end %d, want 7", part.ID, rest.ID)
	}
	away := new(Track)
	away.setBox(Box{Vec{80, 80}, Vec{90, 90}})
	away.ID, away.rest = 7, whole
	k.lose(away, 9_000_000)
	if got := k.lost[0].box; got != away.Box() {
		t.Errorf("what has gone away is remembered at %v", got)
	}
}
