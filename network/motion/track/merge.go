package track

import (
	"math"
	"slices"
)

// Merge joins tracks that are parts of one object. The one that was confirmed
// first stays.
func (k *Tracker) Merge() {
	k.lone()
	for i := 0; i < len(k.Tracks); i++ {
		for j := i + 1; j < len(k.Tracks); j++ {
			a, b := k.Tracks[i], k.Tracks[j]
			if !k.onePiece(a, b) {
				continue
			}
			if b.ID != 0 && (a.ID == 0 || b.ID < a.ID) {
				a, b = b, a
			}
			a.swallow(b)
			k.Tracks[i] = a
			k.Tracks = slices.Delete(k.Tracks, j, j+1)
			if b.ID != 0 {
				k.retired = append(k.retired, b)
			} else {
				k.free = append(k.free, b)
			}
			j--
		}
	}
}

// lone counts the periods in which tracks are seen with nothing beside them.
func (k *Tracker) lone() {
	for _, t := range k.Tracks {
		if t.Misses == 0 && !slices.ContainsFunc(k.Tracks, func(o *Track) bool { return o != t && t.Box().Gap(o.Box()) <= k.reach(t, o) }) {
			t.alone++
		}
	}
}

// onePiece reports whether two tracks are parts of one object. What is not yet
// confirmed joins what stands close and does not move against it. Two
// confirmed tracks that move alike join when one lies in the other, when they
// have touched for some time, or when they are the two edges of one object; a
// small one beside a larger one, either of them young, is a limb that was seen first. Of
// what comes over the border the hands and feet come before the rest, as of what comes out of hiding.
func (k *Tracker) onePiece(a, b *Track) bool {
	gaps := a.Box().gaps(b.Box())
	if strangers(a, b) {
		return a.ID != 0 && b.ID != 0 && k.ends(a, b, gaps) && k.companions(a, b, gaps)
	}
	if k.streak(a) || k.streak(b) {
		return max(gaps.X, gaps.Y) <= k.reach(a, b) && k.limb(a, b)
	}
	if k.edgesOfOne(a, b, gaps) || comeTogether(a, b, gaps) || k.wholeAgain(a, b) {
		return true
	}
	if a.ID != 0 && b.ID != 0 {
		return -gaps.X > .6*min(a.Size.X, b.Size.X) && -gaps.Y > .6*min(a.Size.Y, b.Size.Y) && sameMotion(a.Velocity, b.Velocity) ||
			k.companions(a, b, gaps) || min(a.hits, b.hits) < grownHits && minor(a, b) && k.beside(a, b, gaps)
	}
	return k.beside(a, b, gaps)
}

// beside reports whether two tracks stand close and do not move against each other, as
// far as one of them has not stayed where it is nevertheless.
func (k *Tracker) beside(a, b *Track, gaps Vec) bool {
	against := a.Seen.Flow && b.Seen.Flow && a.Velocity.Dot(b.Velocity) < 0
	return max(gaps.X, gaps.Y) <= k.reach(a, b) && (!against || k.limb(a, b))
}

// minor reports whether one of two tracks is so much smaller that it may be a limb of
// the other.
func minor(a, b *Track) bool {
	l, m := a.longest(), b.longest()
	return min(l, m) < float64(minorShare*max(l, m))
}

const (
	minorShare = .6 // of the longest sides
	grownHits  = 25 // periods after which a small track stands for itself unless it stays beside the other
)

// reach is the largest gap between parts of one object: it grows with the larger
// part, and is wider for a limb than between parts of like size.
func (k *Tracker) reach(a, b *Track) float64 {
	share := joinShare
	if minor(a, b) {
		share = limbShare
	}
	return max(k.cfg.Join, float64(share*max(a.longest(), b.longest())))
}

// The reach as a share of the longest side.
const (
	joinShare = .2
	limbShare = .4
)

// limb reports whether a young track beside a larger confirmed one has stayed
// there for some time, whatever its flow: what is a thing of its own goes its
// own way.
func (k *Tracker) limb(a, b *Track) bool {
	if a.ID == 0 || b.ID != 0 && b.Seen.N > a.Seen.N {
		a, b = b, a
	}
	if a.ID == 0 || b.hits < limbHits || b.Seen.N > a.Seen.N {
		return false
	}
	return k.stray(a, b) < float64(limbStray*math.Sqrt(a.Size.X*a.Size.Y))
}

// stray is how far a young track has moved relative to another one since its
// birth, px.
func (k *Tracker) stray(a, b *Track) float64 {
	return b.Centre.Minus(b.origin).Minus(a.Velocity.Times(float64(k.dt * float64(b.hits)))).Norm()
}

const (
	limbHits  = 8  // periods
	limbStray = .5 // share of the square root of the body's area
)

// edgesOfOne reports whether two tracks are the leading and the trailing edge of
// one object. A moving object shows one polarity in front and the other
// behind, while two whole objects show both each. The edges face each other
// at a distance no larger than half again their length.
func (k *Tracker) edgesOfOne(a, b *Track, gaps Vec) bool {
	if math.Abs(a.Seen.onFraction()-b.Seen.onFraction()) < .6 || !a.goesWith(b) {
		return false
	}
	facing := -gaps.Y > .5*min(a.Size.Y, b.Size.Y) && gaps.X <= max(k.cfg.Join, 1.5*max(a.Size.Y, b.Size.Y))
	stacked := -gaps.X > .5*min(a.Size.X, b.Size.X) && gaps.Y <= max(k.cfg.Join, 1.5*max(a.Size.X, b.Size.X))
	slanted := max(gaps.X, gaps.Y) <= k.cfg.Join
	return facing || stacked || slanted
}

// goesWith reports whether two tracks move alike, as far as is known: slow ones
// have no flow, and no velocity before they have moved some way.
func (t *Track) goesWith(b *Track) bool {
	if t.way.slow() && b.way.slow() {
		return t.way.known == 0 || b.way.known == 0 || sameMotion(t.Velocity, b.Velocity)
	}
	return t.Seen.Flow && b.Seen.Flow && sameMotion(t.Velocity, b.Velocity)
}

// swallow makes a track's box hold another's.
func (t *Track) swallow(b *Track) {
	t.setBox(t.Box().Union(b.Box()))
	t.hits = max(t.hits, b.hits)
	t.way.since, t.way.known = 0, 0 // the centre has jumped
	t.shown.n, t.shown.on = t.shown.n+b.shown.n, t.shown.on+b.shown.on
	t.entering = t.entering && b.entering
	t.born = min(t.born, b.born)
}

// sameMotion reports whether two velocities are alike in direction and speed.
func sameMotion(a, b Vec) bool {
	fast, slow := max(a.Norm(), b.Norm()), min(a.Norm(), b.Norm())
	return fast < 10 || fast <= 2*slow && a.Dot(b) >= float64(cosMotion*fast)*slow
}

const cosMotion = .765 // of .7 rad

const (
	companionship = 25 // periods
	companionWay  = .5 // share of the square root of the larger area, of a limb's body of the longest side
	settledHits   = 70 // periods: what has lived for so long stays itself
)

// companions reports whether two confirmed tracks have stood beside each other
// for so long without moving against each other that they are one object. A limb may
// swing, and has lived for however long.
func (k *Tracker) companions(a, b *Track, gaps Vec) bool {
	offset := b.Centre.Minus(a.Centre)
	limb := minor(a, b)
	near := max(gaps.X, gaps.Y) <= k.reach(a, b)
	ends := k.ends(a, b, gaps)
	beside := (near || ends) && (limb || min(a.hits, b.hits)-b.together < settledHits)
	if beside && b.mate == a.ID {
		size, share := math.Sqrt(max(a.Size.X*a.Size.Y, b.Size.X*b.Size.Y)), companionWay
		switch {
		case ends:
			share = endsWay
		case limb:
			size = max(a.longest(), b.longest())
		}
		beside = offset.Minus(b.apart).Norm() <= float64(share*size)
	}
	switch {
	case beside && b.mate == a.ID:
		b.together++
	case beside && b.mate == 0:
		b.mate, b.together, b.apart = a.ID, 1, offset
	case !beside && b.mate == a.ID:
		b.mate, b.together = 0, 0
	}
	return b.mate == a.ID && (b.together >= companionship || ends && b.together >= endsTogether)
}
