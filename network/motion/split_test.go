package motion

import (
	"slices"
	"testing"

	"ganglion/network/motion/track"
)

// group is some spikes of the cell that begins at (x, y), the first of them ON.
func group(x, y float32, n, on int) (spikes []spike) {
	for i := range n {
		s := at(x+float32(i%cellSize), y+float32(i/cellSize%cellSize))
		s.On = i < on
		spikes = append(spikes, s)
	}
	return spikes
}

func TestAThingShowsBothPolarities(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, on int
		want  bool
	}{{wholeSpikes, 4, true}, {wholeSpikes - 1, 3, false}, {20, 3, false}, {20, 4, true}, {20, 16, true}, {20, 17, false}, {20, 20, false}} {
		if p := (part{n: c.n, on: c.on}); p.whole() != c.want {
			t.Errorf("%d spikes, %d of them ON: whole %t, want %t", c.n, c.on, p.whole(), c.want)
		}
	}
}

// TestATrackFollowsTheLargestWholeThing claims groups of spikes for one track. The gaps are
// so wide that each period gives the most evidence, 2; 5 are enough.
func TestATrackFollowsTheLargestWholeThing(t *testing.T) {
	t.Parallel()
	large, small, edge := group(20, 40, 20, 10), group(40, 40, 10, 5), group(60, 40, 30, 30)
	limb := group(24, 44, 10, 5) // a quarter of the large one's size away
	for _, c := range []struct {
		name   string
		groups [][]spike
		large  int // the place of the large group, where the others part from it; or -1
	}{
		{"a small one beside it", [][]spike{large, small}, 0},
		{"the small one comes first", [][]spike{small, large}, 1},
		{"an edge of more spikes is not a thing", [][]spike{large, small, edge}, 0},
		{"nor when it comes first", [][]spike{edge, small, large}, 2},
		{"a thing and an edge stay together", [][]spike{large, edge}, -1},
		{"a limb and its body stay together", [][]spike{large, limb}, -1},
		{"one thing", [][]spike{large}, -1},
	} {
		r, k := claiming(t, track.Vec{}, 0)
		r.fast.spikes = slices.Concat(c.groups...)
		var all []int32
		for i := range r.fast.spikes {
			s := &r.fast.spikes[i]
			r.grid.add(r.grid.cell(s), s)
			all = append(all, int32(i))
		}
		r.grid.join(cellSize)
		k.Parting = 1
		early, between := r.split(&r.fast, k, slices.Clone(all)), k.Parting
		late := r.split(&r.fast, k, slices.Clone(all))
		want, evidence, centre := all, 0., track.Vec{X: 50, Y: 50}
		if c.large >= 0 {
			first := len(slices.Concat(c.groups[:c.large]...))
			want, evidence, centre = all[first:first+len(large)], 3, track.Vec{X: 21.5, Y: 41.5}
		}
		if !slices.Equal(early, all) || between != evidence {
			t.Errorf("%s: evidence %v, %d spikes of %d are left; want %v, all", c.name, between, len(early), len(all), evidence)
		}
		if !slices.Equal(late, want) || k.Parting != 0 || k.Centre != centre {
			t.Errorf("%s: spikes %v at %v, evidence %v; want %v at %v, 0", c.name, late, k.Centre, k.Parting, want, centre)
		}
	}
}

func TestTheFrontAndTheRearOfOneThingDoNotPart(t *testing.T) {
	t.Parallel()
	front := part{n: 20, on: 12, box: track.Box{Min: track.Vec{X: 40, Y: 0}, Max: track.Vec{X: 50, Y: 20}}}
	for _, c := range []struct {
		name     string
		on       int // of the second one's 20
		from, to float64
		way      track.Vec
		want     bool
	}{
		{"a quarter more of a polarity", 7, 0, 20, track.Vec{X: 100}, true},
		{"less", 8, 0, 20, track.Vec{X: 100}, false},
		{"more of the other", 17, 0, 20, track.Vec{X: 100}, true},
		{"four fifths as broad", 7, 0, 16, track.Vec{X: 100}, true},
		{"less broad", 7, 0, 15, track.Vec{X: 100}, false},
		{"side by side", 7, 0, 20, track.Vec{Y: 100}, false},
	} {
		rear := part{n: 20, on: c.on, box: track.Box{Min: track.Vec{X: 10, Y: c.from}, Max: track.Vec{X: 20, Y: c.to}}}
		if got := endsOf(&track.Track{Velocity: c.way}, &rear, &front); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}

// What has been told from its neighbour does not part along its way, until it has grown by half.
func TestWhatHasBeenToldFromItsNeighbourIsOneThing(t *testing.T) {
	t.Parallel()
	r, k := claiming(t, track.Vec{X: 100}, 0)
	rear := part{n: 20, on: 10, box: track.Box{Min: track.Vec{X: 10, Y: 0}, Max: track.Vec{X: 20, Y: 20}}}
	front := part{n: 20, on: 10, box: track.Box{Min: track.Vec{X: 40, Y: 0}, Max: track.Vec{X: 50, Y: 20}}}
	if endsOf(k, &rear, &front) {
		t.Error("two things that lie in line are one before anything is told")
	}
	kept, other := rear.box.Union(front.box), track.Blob{Box: track.Box{Min: track.Vec{X: 70}, Max: track.Vec{X: 90, Y: 20}}}
	r.tracker.Sever(k, kept, &other)
	n := r.tracker.Tracks[0]
	n.Velocity = k.Velocity
	for _, c := range []struct {
		t    *track.Track
		long float64
		want bool
	}{{k, 40, true}, {k, 60, true}, {k, 60.5, false}, {n, 20, true}, {n, 30.5, false}} {
		c.t.Size = track.Vec{X: c.long, Y: 20}
		if got := endsOf(c.t, &rear, &front); got != c.want {
			t.Errorf("%v px long: one thing %t, want %t", c.long, got, c.want)
		}
	}
}

// upright is a body of spikes, 10 px broad and 50 px high, so many of each five ON.
func upright(x, y float32, on int) (spikes []spike) {
	for i := range 50 {
		s := at(x+float32(i%5)*2.5, y+float32(i))
		s.On = i/5%5 < on
		spikes = append(spikes, s)
	}
	return spikes
}

func TestAnAislePartsTwoUprightThings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		spikes  []spike
		periods int // before
		parts   bool
	}{
		{"two abreast", slices.Concat(upright(20, 20, 2), upright(50, 20, 2)), aislePeriods - 1, true},
		{"for a short time", slices.Concat(upright(20, 20, 2), upright(50, 20, 2)), aislePeriods - 2, false},
		{"two that touch", slices.Concat(upright(20, 20, 2), upright(31, 20, 2)), aislePeriods - 1, false},
		{"one of a single polarity", slices.Concat(upright(20, 20, 2), upright(50, 20, 0)), aislePeriods - 1, false},
		{"front and rear", slices.Concat(upright(20, 20, 3), upright(50, 20, 1)), aislePeriods - 1, false},
		{"one is short", slices.Concat(upright(20, 20, 2), upright(50, 20, 2)[:25]), aislePeriods - 1, false},
		{"a few spikes", slices.Concat(upright(20, 20, 2), upright(50, 20, 2)[40:]), aislePeriods - 1, false},
		{"broad ones", slices.Concat(upright(0, 20, 2), upright(25, 20, 2), upright(60, 20, 2), upright(85, 20, 2)), aislePeriods - 1, false},
	} {
		r, k := claiming(t, track.Vec{}, 0)
		k.Size, k.Abreast = track.Vec{X: 40, Y: 50}, c.periods
		r.fast.spikes = c.spikes
		var all []int32
		for i := range c.spikes {
			all = append(all, int32(i))
		}
		want := len(all)
		if c.parts {
			want = len(all) / 2
		}
		if left := r.abreast(&r.fast, k, all, 0); len(left) != want || len(r.tracker.Tracks) == 1 != c.parts {
			t.Errorf("%s: %d of %d spikes are left and %d tracks are new", c.name, len(left), len(all), len(r.tracker.Tracks))
		}
	}
	r, k := claiming(t, track.Vec{}, 0)
	r.fast.spikes = slices.Concat(upright(20, 20, 2), upright(50, 20, 2))
	k.Size, k.Abreast = track.Vec{X: 39, Y: 50}, aislePeriods-1
	if r.abreast(&r.fast, k, []int32{0, 1, 2, 50, 51, 52}, 0); k.Abreast != aislePeriods-1-aisleLapse {
		t.Errorf("of what is higher than broad the evidence is %d, want %d", k.Abreast, aislePeriods-1-aisleLapse)
	}
	k.Size, k.Abreast = track.Vec{X: 40, Y: 50}, 3
	r.fast.spikes = upright(20, 20, 2)
	if all := []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; len(r.abreast(&r.fast, k, all, 0)) != 10 || k.Abreast != 3-aisleLapse {
		t.Errorf("without an aisle the evidence is %d, want %d", k.Abreast, 3-aisleLapse)
	}
}
