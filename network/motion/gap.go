package motion

import (
	"cmp"
	"math"
	"slices"

	"ganglion/network/motion/track"
)

// Two things that follow each other closely are linked into one cluster. What tells
// them from one thing is a strip of bare ground across their way that goes with
// them, between two things that each have an edge of one polarity in front and
// one of the other behind. Limbs cross the body as they swing, and the edges of
// one thing have one polarity each.

// place is where a spike of a track lies along its way, px from its centre.
type place struct {
	at float64
	on bool
}

const (
	gapSpeed  = 20. // px/s
	gapLeast  = 3.  // px
	gapShare  = .3  // of the longer thing: the shorter one at least
	gapEdge   = .08 // share of the shorter thing's length that counts as an edge
	gapStrip  = 2.  // px, at least
	gapSpikes = 3   // of an edge
	gapPolar  = .5  // by so much the polarities of its edges differ
)

// sever makes a track of its own of what follows a track behind such a strip, and returns the
// spikes that the track keeps.
func (r *Readout) sever(b *branch, t *track.Track, idx []int32, end int64) []int32 {
	speed := t.Velocity.Norm()
	if speed < gapSpeed || b != &r.fast {
		return idx
	}
	way := t.Velocity.Times(1 / speed)
	r.places = r.places[:0]
	for _, i := range idx {
		r.places = append(r.places, r.place(t, way, &b.spikes[i], end))
	}
	known, near := t.Gap.Known()
	noise := -1.
	at, ok := gapOf(r.places, known, near.Minus(t.Centre).Dot(way), func(lo, hi float64) bool {
		if noise < 0 {
			noise = r.calm(end)
		}
		return r.bare(t, way, lo, hi, noise, end)
	})
	if !t.Gap.Note(t.Centre.Plus(way.Times(at)), ok, t.Velocity.Times(track.Seconds(r.clock.Length)), way) {
		return idx
	}
	return r.cut(b, t, idx, end, func(s *spike) bool { return r.place(t, way, s, end).at > at })
}

// cut makes a track of its own of the fewer of a track's spikes, those in front of some place or those behind
// it, and returns the others.
func (r *Readout) cut(b *branch, t *track.Track, idx []int32, end int64, ahead func(*spike) bool) []int32 {
	front, back := r.front[:0], r.back[:0]
	for _, i := range idx {
		if ahead(&b.spikes[i]) {
			front = append(front, i)
		} else {
			back = append(back, i)
		}
	}
	r.front, r.back = front, back
	if len(front) < len(back) {
		front, back = back, front
	}
	kept := r.measure(b, front, end, t.Velocity)
	other := r.measure(b, back, end, t.Velocity)
	other.Velocity, other.Flow = t.Velocity, true
	r.tracker.Sever(t, kept.Box, &other)
	return append(idx[:0], front...)
}

// place is where a spike lies from a track's centre, as both are at the end of the period.
func (r *Readout) place(t *track.Track, way track.Vec, s *spike, end int64) place {
	off := r.ahead(t, s, end).Minus(t.Centre)
	return place{off.Dot(way), s.On}
}

// gapOf is the middle of the widest strip of bare ground without spikes between two things, or of the
// one that is nearest to a place where one is known. It sorts the places.
func gapOf(p []place, known bool, near float64, bare func(lo, hi float64) bool) (at float64, ok bool) {
	slices.SortFunc(p, func(a, b place) int { return cmp.Compare(a.at, b.at) })
	best := math.Inf(1)
	for i := wholeSpikes; i <= len(p)-wholeSpikes; i++ {
		wide, middle := p[i].at-p[i-1].at, float64((p[i].at+p[i-1].at)/2)
		cost := -wide
		if known {
			cost = math.Abs(middle - near)
		}
		if wide >= gapLeast && cost < best && things(p[:i], p[i:]) && bare(p[i-1].at, p[i].at) {
			best, at, ok = cost, middle, true
		}
	}
	return at, ok
}

// things reports whether places in order are those of two whole things of like length.
func things(back, front []place) bool {
	a, b := length(back), length(front)
	edge := max(gapStrip, float64(gapEdge*min(a, b)))
	return min(a, b) > gapShare*max(a, b) && thing(back, edge) && thing(front, edge)
}

func length(p []place) float64 { return p[len(p)-1].at - p[0].at }

// thing reports whether places in order are those of a whole thing: one polarity in
// front, the other behind.
func thing(p []place, edge float64) bool {
	lo, hi := p[0].at+edge, p[len(p)-1].at-edge
	var n, on [2]float64
	for _, s := range p {
		for side, in := range [2]bool{s.at <= lo, s.at >= hi} {
			if in {
				n[side]++
				if s.on {
					on[side]++
				}
			}
		}
	}
	return min(n[0], n[1]) >= gapSpikes && math.Abs(float64(on[0]/n[0])-float64(on[1]/n[1])) >= gapPolar
}
