package motion

import (
	"math"

	"ganglion/network/motion/track"
)

// claims reports which track claims which spikes in a period.
type claims struct {
	of      [][]int32 // by track: its spikes
	painted []cover   // by cell: the tracks whose gates cover it
	cells   []int32   // painted ones
}

// cover holds the tracks that may claim spikes of a cell, the oldest where
// there are more than it can hold.
type cover struct {
	n      int32
	tracks [7]int32
}

// free marks a spike that no track claims.
const free = -1

// claim gives each spike of a branch to the needy track that explains it best.
func (r *Readout) claim(b *branch, end int64) {
	tracks := r.tracker.Tracks[:len(r.needy)]
	r.claims.reset(len(tracks))
	for k, t := range tracks {
		if r.needy[k] {
			r.paint(int32(k), t)
		}
	}
	noisy := b.noisy()
	for i := range b.spikes {
		s := &b.spikes[i]
		s.track = free
		c := r.grid.cell(s)
		if c < 0 {
			continue
		}
		cover := &r.claims.painted[c]
		if cover.n == 0 || b == &r.slow && !r.counts(b, c, end) {
			continue
		}
		lone, best := noisy && !r.counts(b, c, end), math.Inf(1)
		for _, k := range cover.tracks[:cover.n] {
			if cost := r.cost(tracks[k], s, end, lone); cost < best {
				best, s.track = cost, k
			}
		}
		if s.track != free {
			r.claims.of[s.track] = append(r.claims.of[s.track], int32(i))
		}
	}
}

// counts reports whether a branch's unclaimed spikes in a cell count at time end:
// fast ones where the cell is active, slow ones where nothing fast has been
// around for some time.
func (r *Readout) counts(b *branch, cell int32, end int64) bool {
	if b == &r.fast {
		return r.grid.until[cell] >= end
	}
	return r.grid.latest[cell] < end+r.cfg.Cluster.Active.Microseconds()-r.cfg.Slow.Still.Microseconds()
}

// cost is how badly a track explains a spike: infinitely when the spike lies
// outside its gate, or outside its box and is alone in strong noise, or moves otherwise.
func (r *Readout) cost(t *track.Track, s *spike, end int64, lone bool) float64 {
	at := s.Place(t.Velocity, track.Seconds(end-s.T)+r.gauge.Lead)
	out, gate := t.Box().Outside(at), r.gate(t)
	agrees := s.agrees(t)
	if out > 0 && (lone || !agrees) {
		return math.Inf(1)
	}
	if !agrees {
		out += gate // a limb may move otherwise, but another track may explain it better
	}
	if out > gate {
		return math.Inf(1)
	}
	return out + float64(.1*at.Minus(t.Centre).Norm())
}

// gate is the margin of a track: wider when it is fast or has not been seen.
func (r *Readout) gate(t *track.Track) float64 {
	return r.cfg.Cluster.Gate + float64(.01*t.Velocity.Norm()) + float64(1.5*float64(t.Misses))
}

// paint notes the cells whose spikes a track may claim. A spike of age memory
// lies behind the track's box by its travel.
func (r *Readout) paint(k int32, t *track.Track) {
	gate, b := r.gate(t), t.Box()
	back := t.Velocity.Times(-(r.cfg.Memory.Seconds() + r.gauge.Lead))
	x0, x1 := cells(b.Min.X-gate+min(back.X, 0), b.Max.X+gate+max(back.X, 0), r.grid.w)
	y0, y1 := cells(b.Min.Y-gate+min(back.Y, 0), b.Max.Y+gate+max(back.Y, 0), r.grid.h)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			r.claims.add(int32(y*r.grid.w+x), k)
		}
	}
}

// cells is the range of cells that the interval touches, within 0..n-1.
func cells(lo, hi float64, n int) (int, int) {
	return min(max(int(lo/cellSize), 0), n-1), min(max(int(hi/cellSize), 0), n-1)
}

func (c *claims) add(cell, k int32) {
	p := &c.painted[cell]
	if p.n == 0 {
		c.cells = append(c.cells, cell)
	}
	if int(p.n) < len(p.tracks) {
		p.tracks[p.n] = k
		p.n++
	}
}

// reset forgets the last period's claims, for a number of tracks.
func (c *claims) reset(tracks int) {
	for _, cell := range c.cells {
		c.painted[cell].n = 0
	}
	c.cells = c.cells[:0]
	c.reserve(tracks)
	for k := range c.of {
		c.of[k] = c.of[k][:0]
	}
}

// reserve makes room for a number of lists.
func (c *claims) reserve(n int) {
	for len(c.of) < n {
		c.of = append(c.of, nil)
	}
}
