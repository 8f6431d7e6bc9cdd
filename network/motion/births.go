package motion

// births links the active cells of unclaimed spikes into clusters and starts a
// track from each, in order of their first spikes.
func (r *Readout) births(end int64) {
	g := r.grid
	g.reset()
	for i := range r.spikes {
		if s := &r.spikes[i]; s.track == free {
			if c := g.cell(s); c >= 0 && g.until[c] >= end {
				g.add(c, s)
			}
		}
	}
	g.join(r.cfg.Cluster.Link, r.cfg.Cluster.Angle)
	for _, idx := range r.gather() {
		if len(idx) >= r.cfg.Cluster.MinSpikes {
			r.start(idx, end)
		}
	}
}

// gather lists the spikes of each cluster. The lists are valid until the next
// period: they reuse those of the claims, which have been spent.
func (r *Readout) gather() [][]int32 {
	r.claims.reset(0)
	g, n := r.grid, 0
	for i := range r.spikes {
		s := &r.spikes[i]
		if s.track != free {
			continue
		}
		c := g.cell(s)
		if c < 0 || g.sum[c].n == 0 {
			continue
		}
		root := g.find(c)
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
// that the light or the camera has changed.
func (r *Readout) start(idx []int32, end int64) {
	v, ok := fitFlow(r.spikes, idx)
	b := r.measure(idx, end, v)
	b.Velocity, b.Flow = v, ok
	if size := b.Box.Size(); size.X*size.Y > mostShare*float64(r.w*r.h) {
		return
	}
	r.tracker.Start(&b)
}

// mostShare is the largest share of the sensor that a new object takes.
const mostShare = .5
