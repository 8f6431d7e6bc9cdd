package motion

import (
	"math"
	"slices"

	"ganglion/pipeline"
)

// births links the active cells of unclaimed spikes into clusters and starts a
// track from each.
func (r *Readout) births() {
	g := r.grid
	g.reset()
	for i := range r.spikes {
		if s := &r.spikes[i]; s.track < 0 {
			if c := g.cell(s.x, s.y); c >= 0 && g.until[c] >= r.end {
				g.add(c, s)
			}
		}
	}
	g.join(r.cfg.Cluster.Link, r.cfg.Cluster.Angle)
	r.order = r.order[:0]
	for i := range r.spikes {
		if s := &r.spikes[i]; s.track < 0 {
			if c := g.cell(s.x, s.y); c >= 0 && g.count[c] > 0 {
				r.order = append(r.order, int32(i))
			}
		}
	}
	root := func(i int32) int32 {
		s := &r.spikes[i]
		return g.find(g.cell(s.x, s.y))
	}
	slices.SortStableFunc(r.order, func(a, b int32) int { return int(root(a)) - int(root(b)) })
	for lo := 0; lo < len(r.order); {
		hi := lo + 1
		for hi < len(r.order) && root(r.order[hi]) == root(r.order[lo]) {
			hi++
		}
		if hi-lo >= r.cfg.Cluster.MinSpikes {
			r.start(r.order[lo:hi])
		}
		lo = hi
	}
}

// start begins a track with a cluster, unless a confirmed track that moves
// alike stands so close that the cluster is a part of it.
func (r *Readout) start(idx []int32) {
	vx, vy, ok := fitFlow(r.spikes, idx)
	b := r.measure(idx, r.end, vx, vy)
	b.vx, b.vy, b.flow = vx, vy, ok
	t := r.newTrack()
	t.state = pipeline.Tentative
	t.cx, t.cy = (b.x0+b.x1)/2, (b.y0+b.y1)/2
	t.w, t.h = b.x1-b.x0, b.y1-b.y0
	t.vx, t.vy, t.flow = vx, vy, ok
	if ok {
		t.flows = 1
	}
	t.hits = 1
	t.born, t.last, t.seen = b.first, b.last, b
	r.tracks = append(r.tracks, t)
}

func (r *Readout) newTrack() *track {
	if n := len(r.free); n > 0 {
		t := r.free[n-1]
		r.free = r.free[:n-1]
		idx, side := t.idx[:0], t.side[:0]
		*t = track{idx: idx, side: side}
		return t
	}
	return &track{}
}

// mergeTracks joins tracks that are parts of one object. The one that was
// confirmed first stays.
func (r *Readout) mergeTracks() {
	for i := 0; i < len(r.tracks); i++ {
		for j := i + 1; j < len(r.tracks); j++ {
			a, b := r.tracks[i], r.tracks[j]
			if !r.onePiece(a, b) {
				continue
			}
			if b.id != 0 && (a.id == 0 || b.id < a.id) {
				a, b = b, a
			}
			a.swallow(b)
			r.tracks[i] = a
			r.tracks = slices.Delete(r.tracks, j, j+1)
			if b.id != 0 {
				r.retired = append(r.retired, b)
			} else {
				r.free = append(r.free, b)
			}
			j--
		}
	}
}

// onePiece says whether two tracks are parts of one object. What is not yet
// confirmed joins what stands close and moves alike, or overlaps and does not
// move against it. Two confirmed tracks join when one lies in the other, or
// when they are the two edges of one object.
func (r *Readout) onePiece(a, b *track) bool {
	gx := math.Abs(a.cx-b.cx) - (a.w+b.w)/2
	gy := math.Abs(a.cy-b.cy) - (a.h+b.h)/2
	if a.flow && b.flow && r.edgesOfOne(a, b, gx, gy) {
		return true
	}
	if a.id != 0 && b.id != 0 {
		return -gx > .6*min(a.w, b.w) && -gy > .6*min(a.h, b.h) && sameMotion(a.vx, a.vy, b.vx, b.vy)
	}
	gap := max(gx, gy)
	if gap <= 0 {
		return a.vx*b.vx+a.vy*b.vy >= 0 || !a.flow || !b.flow
	}
	return gap <= r.cfg.Cluster.Link && sameMotion(a.vx, a.vy, b.vx, b.vy)
}

// edgesOfOne says whether two tracks are the leading and the trailing edge of
// one object. A moving object shows one polarity in front and the other
// behind, while two whole objects show both each. The edges face each other
// at a distance no larger than half again their length.
func (r *Readout) edgesOfOne(a, b *track, gx, gy float64) bool {
	onA, onB := a.seen.onFraction(), b.seen.onFraction()
	if math.Abs(onA-onB) < .6 || !sameMotion(a.vx, a.vy, b.vx, b.vy) {
		return false
	}
	facing := -gy > .5*min(a.h, b.h) && gx <= max(r.cfg.Cluster.Link, 1.5*max(a.h, b.h))
	stacked := -gx > .5*min(a.w, b.w) && gy <= max(r.cfg.Cluster.Link, 1.5*max(a.w, b.w))
	slanted := max(gx, gy) <= r.cfg.Cluster.Link
	return facing || stacked || slanted
}

// swallow makes a track's box hold another's.
func (t *track) swallow(b *track) {
	x0, x1 := min(t.cx-t.w/2, b.cx-b.w/2), max(t.cx+t.w/2, b.cx+b.w/2)
	y0, y1 := min(t.cy-t.h/2, b.cy-b.h/2), max(t.cy+t.h/2, b.cy+b.h/2)
	t.cx, t.cy, t.w, t.h = (x0+x1)/2, (y0+y1)/2, x1-x0, y1-y0
	t.hits = max(t.hits, b.hits)
	t.born = min(t.born, b.born)
}
