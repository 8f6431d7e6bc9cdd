package motion

import (
	"math/bits"

	"ganglion/network/motion/track"
)

// adopt links the cells of a branch's spikes into clusters and gives the free
// spikes of a cluster to the track that claims a part of it: what hangs together
// with an object belongs to it, whatever its flow. Where two tracks claim parts
// of one cluster, a free spike goes to the nearer one.
func (r *Readout) adopt(b *branch, end int64) {
	g := r.grid
	g.reset()
	for i := range b.spikes {
		s := &b.spikes[i]
		if c := g.cell(s); c >= 0 && (s.track != free || r.counts(b, c, end)) {
			g.add(c, s)
		}
	}
	scale := 1.
	if b == &r.fast && !r.camera.moves() {
		scale = r.scale
	}
	g.join(b.reach(scale))
	for i := range b.spikes {
		if s := &b.spikes[i]; s.track != free {
			g.owners[g.root(s)].add(s.track)
		}
	}
	if b.lit = r.lit(b); b.lit {
		return
	}
	for i := range b.spikes {
		s := &b.spikes[i]
		if s.track != free {
			continue
		}
		root := g.root(s)
		if root < 0 || g.owners[root].claimed < ownClaims {
			continue
		}
		o := &g.owners[root]
		if s.track = r.nearer(o, s, end); r.stray(s, end) {
			s.track = free
		}
		if s.track != free {
			r.claims.of[s.track] = append(r.claims.of[s.track], int32(i))
		}
	}
}

// ownClaims is how many spikes of a cluster a track claims before it gets the
// rest.
const ownClaims = 4

func (o *owner) add(k int32) {
	o.claimed++
	for i := range o.tracks {
		if o.tracks[i] == free || o.tracks[i] == k {
			o.tracks[i] = k
			return
		}
	}
}

// nearer is the owner whose box is nearer to a spike.
func (r *Readout) nearer(o *owner, s *spike, end int64) int32 {
	k := o.tracks[0]
	if o.tracks[1] == free {
		return k
	}
	if r.outside(o.tracks[1], s, end) < r.outside(k, s, end) {
		return o.tracks[1]
	}
	return k
}

// outside is how far a spike lies outside a track's box, px.
func (r *Readout) outside(k int32, s *spike, end int64) float64 {
	t := r.tracker.Tracks[k]
	return t.Box().Outside(s.Place(t.Velocity, track.Seconds(end-s.T)+r.gauge.Lead))
}

// stray reports whether a spike may as well be of the picture as of the track that it
// would go to: while the camera moves, one without a flow beside the track's box.
func (r *Readout) stray(s *spike, end int64) bool {
	if s.track == free || !r.camera.moves() || r.outside(s.track, s, end) <= 0 {
		return false
	}
	_, _, known := s.normal()
	return !known
}

// lit reports whether the light grows or falls, as below a cloud: what no track claims has one
// polarity and lies all over the picture. Things have two.
func (r *Readout) lit(b *branch) bool {
	n, on := 0, 0
	for i := range b.spikes {
		if s := &b.spikes[i]; s.track == free {
			if n++; s.On {
				on++
			}
		}
	}
	if n < r.w*r.h/litPixels || float64(max(on, n-on)) < float64(litPolar*float64(n)) {
		return false
	}
	var blocks uint64
	for i := range b.spikes {
		if s := &b.spikes[i]; s.track == free {
			blocks |= 1 << (int(s.Y)*litSide/r.h*litSide + int(s.X)*litSide/r.w)
		}
	}
	return bits.OnesCount64(blocks) >= litBlocks
}

const (
	litSide   = 8   // blocks along each side of the picture
	litBlocks = 32  // of them, at least
	litPixels = 400 // a spike for so many, at least
	litPolar  = .9  // share of one polarity
)
