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
	wholePolar  = .15 // share of the rarer polarity
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

// Two people who walk abreast touch with their hands and feet, and their clusters with them. What parts
// them is an aisle from top to bottom between two upright things, each with as much of either polarity.

const (
	aisleWide    = .05 // of the height
	aisleHeight  = 30. // px, of what it parts, at least
	aisleBroad   = .8  // of the height, as broad as that is, at least
	aisleUpright = 1.5 // times as high as broad each of the two is
	aisleShare   = .7  // of the height, and
	aisleSpikes  = .25 // of the spikes, of each at least
	aislePolar   = .25 // share of the rarer polarity in each
	aislePeriods = 4   // with an aisle, less aisleLapse for each without
	aisleLapse   = 2
)

// abreast makes a track of its own of one of two upright things side by side, and returns the spikes
// that the track keeps.
func (r *Readout) abreast(b *branch, t *track.Track, idx []int32, end int64) []int32 {
	at, ok := 0., false
	if b == &r.fast && t.Size.Y >= aisleHeight && t.Size.X >= float64(aisleBroad*t.Size.Y) {
		at, ok = r.aisle(b, t, idx, end)
	}
	if !ok {
		t.Abreast = max(0, t.Abreast-aisleLapse)
		return idx
	}
	if t.Abreast++; t.Abreast < aislePeriods {
		return idx
	}
	return r.cut(b, t, idx, end, func(s *spike) bool { return r.ahead(t, s, end).X > at })
}

// column is what a track holds in a strip of the picture from top to bottom.
type column struct {
	n      int
	lo, hi float64 // px, of the spikes' places across the picture
}

// aisle is the middle of the widest gap across the picture in what a track holds, if it parts two
// upright things. A gap that is wider than a column has its ends in two.
func (r *Readout) aisle(b *branch, t *track.Track, idx []int32, end int64) (at float64, ok bool) {
	widest := float64(aisleWide * t.Size.Y)
	most := int(float64(r.w)/widest) + 1
	r.columns = append(r.columns[:0], make([]column, most)...)
	for _, i := range idx {
		x := r.ahead(t, &b.spikes[i], end).X
		c := &r.columns[min(max(int(x/widest), 0), most-1)]
		if c.n++; c.n == 1 {
			c.lo, c.hi = x, x
		}
		c.lo, c.hi = min(c.lo, x), max(c.hi, x)
	}
	least, before := max(1, int(float64(aisleSpikes*float64(len(idx))))), 0
	var last *column
	for i := range r.columns {
		c := &r.columns[i]
		if c.n == 0 {
			continue
		}
		if last != nil && c.lo-last.hi > widest && min(before, len(idx)-before) >= least {
			widest, at, ok = c.lo-last.hi, (c.lo+last.hi)/2, true
		}
		last, before = c, before+c.n
	}
	if !ok {
		return 0, false
	}
	left, right := r.upright(b, t, idx, end, func(x float64) bool { return x <= at }),
		r.upright(b, t, idx, end, func(x float64) bool { return x > at })
	return at, min(left, right) > 0 && math.Abs(left-right) <= partDiffer
}

// upright is the share of ON in those spikes of a track on one side that stand upright and show both polarities, or 0.
func (r *Readout) upright(b *branch, t *track.Track, idx []int32, end int64, side func(x float64) bool) float64 {
	var box track.Box
	n, on := 0, 0
	for _, i := range idx {
		at := r.ahead(t, &b.spikes[i], end)
		if !side(at.X) {
			continue
		}
		if n++; n == 1 {
			box = track.Box{Min: at, Max: at}
		}
		if box = box.Union(track.Box{Min: at, Max: at}); b.spikes[i].On {
			on++
		}
	}
	size, share := box.Size(), float64(on)/float64(n)
	if size.Y < float64(aisleShare*t.Size.Y) || size.Y < float64(aisleUpright*size.X) || min(share, 1-share) < aislePolar {
		return 0
	}
	return share
}

// ahead is where a spike of a track is at the end of the period, px.
func (r *Readout) ahead(t *track.Track, s *spike, end int64) track.Vec {
	return s.Place(t.Velocity, track.Seconds(end-s.T)+r.gauge.Lead)
}
