package motion

// births starts a track from each cluster that no track claims, in order of
// their first spikes.
func (r *Readout) births(b *branch, end int64) {
	if b == &r.slow && !b.noise.Settled() {
		return
	}
	if b.lit {
		b.dropped++
		return
	}
	least := r.cfg.minSpikes()
	for _, idx := range r.gather(b, least) {
		if len(idx) >= least {
			r.start(b, idx, end)
		}
	}
}

// gather lists the spikes of each cluster that may have so many that no track has. The lists
// are valid until the next period: they reuse those of the claims, which have been spent.
func (r *Readout) gather(b *branch, least int) [][]int32 {
	r.claims.reset(0)
	g, n := r.grid, 0
	for i := range b.spikes {
		s := &b.spikes[i]
		if s.track != free {
			continue
		}
		root := g.root(s)
		if root < 0 || int(g.size[root]) < least || g.owners[root].claimed >= ownClaims {
			continue
		}
		if g.cluster[root] < 0 {
			g.cluster[root] = int32(n)
			n++
			r.claims.reserve(n)
		}
		list := &r.claims.of[g.cluster[root]]
		*list = append(*list, int32(i))
	}
	return r.claims.of[:n]
}

// start begins a track with a cluster, unless it spans so much of the sensor
// that the light or the camera has changed: then the readout is blind for what is
// in it, and counts it.
func (r *Readout) start(b *branch, idx []int32, end int64) {
	v, ok := fitFlow(b.spikes, idx)
	blob := r.measure(b, idx, end, v)
	blob.Velocity, blob.Flow = v, ok
	switch size := blob.Box.Size(); {
	case !r.camera.object(&blob):
	case size.X*size.Y <= mostShare*float64(r.w*r.h):
		r.tracker.Start(&blob)
	case blob.Evidence >= r.cfg.tracks().Evidence:
		b.dropped++
	}
}

// mostShare is the largest share of the sensor that a new object takes.
const mostShare = .5
