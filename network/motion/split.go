package motion

import (
	"math"

	"ganglion/network/motion/track"
)

// part is a cluster among the spikes that a track claims.
type part struct {
	root  int32
	n, on int
	box   track.Box // of the spikes' places
}

// whole reports whether a part shows both of its edges: a moving edge has one
// polarity, a thing has two.
func (p *part) whole() bool {
	return p.n >= wholeSpikes && float64(min(p.on, p.n-p.on))/float64(p.n) > wholePolar
}

func (p *part) size() float64 {
	s := p.box.Size()
	return math.Sqrt((s.X + 1) * (s.Y + 1))
}

const (
	wholeSpikes = 8
	wholePolar  = .25 // share of the rarer polarity
	mostParts   = 32
	partMost    = 2   // largest evidence of a single period
	partEnough  = 5   // evidence that parts two things
	partDiffer  = .2  // of their shares of ON, in one period
	partGap     = .25 // gap as a share of the larger one's size, up to which a limb may be off its body
)

// split frees the spikes of what has parted from a track: an empty middle
// between two whole things, the wider for the larger one's size the sooner. A limb
// stands off its body by little of the body's size.
func (r *Readout) split(b *branch, t *track.Track, idx []int32) []int32 {
	parts := r.partsOf(b, idx)
	main := -1
	for i := range parts {
		if parts[i].whole() && (main < 0 || parts[i].n > parts[main].n) {
			main = i
		}
	}
	widest := 0.
	for i := range parts {
		if p := &parts[i]; main >= 0 && i != main && p.whole() {
			if gap := p.box.Gap(parts[main].box) / max(p.size(), parts[main].size()); gap > partGap && !endsOf(t, p, &parts[main]) {
				widest = max(widest, gap)
			}
		}
	}
	if widest <= 0 {
		t.Parting = 0
		return idx
	}
	if t.Parting += min(widest, partMost); t.Parting < partEnough {
		return idx
	}
	t.Part(parts[main].box)
	kept := idx[:0]
	for _, i := range idx {
		s := &b.spikes[i]
		if nearest(parts, s) == main {
			kept = append(kept, i)
			continue
		}
		s.track = free
		r.grid.owners[r.grid.root(s)].claimed = 0
	}
	return kept
}

// endsOf reports whether two parts of a track may be the front and the rear of one thing: one behind the
// other, of like breadth, with more of one polarity each, or of what is known to be one.
func endsOf(t *track.Track, p, q *part) bool {
	return p.box.InLine(q.box, t.Velocity) &&
		(t.Single() || math.Abs(float64(p.on)/float64(p.n)-float64(q.on)/float64(q.n)) > partDiffer)
}

// nearest is the whole part that is nearest to a spike.
func nearest(parts []part, s *spike) int {
	best, at := math.Inf(1), 0
	for i := range parts {
		if !parts[i].whole() {
			continue
		}
		if d := parts[i].box.Outside(track.Vec{X: float64(s.X), Y: float64(s.Y)}); d < best {
			best, at = d, i
		}
	}
	return at
}

// partsOf lists the clusters of some spikes, those that come first where there
// are many.
func (r *Readout) partsOf(b *branch, idx []int32) []part {
	r.parts = r.parts[:0]
	for _, i := range idx {
		s := &b.spikes[i]
		root := r.grid.root(s)
		k := 0
		for k < len(r.parts) && r.parts[k].root != root {
			k++
		}
		if k == cap(r.parts) {
			continue
		}
		at := track.Vec{X: float64(s.X), Y: float64(s.Y)}
		if k == len(r.parts) {
			r.parts = append(r.parts, part{root: root, box: track.Box{Min: at, Max: at}})
		}
		p := &r.parts[k]
		p.n++
		if s.On {
			p.on++
		}
		p.box = p.box.Union(track.Box{Min: at, Max: at})
	}
	return r.parts
}
