package motion

import (
	"ganglion/network/track"
	"ganglion/pipeline"
)

// Readout turns the activity of the motion network into detections. It
// implements [pipeline.Readout] and [pipeline.Stateful].
type Readout struct {
	cfg    ReadoutConfig
	memory int64 // µs
	active int64 // µs
	w, h   int   // px

	coincidence, pooled, direction int // layer indices

	clock   track.Clock
	tracker *track.Tracker
	noise   *track.Noise
	spikes  []spike // of the memory, in order of time
	taken   int     // spikes of the current period
	dropped uint64
	flicker flicker
	grid    *grid

	// Scratch of one period.
	claims claims
	gauge  track.Gauge
	points []track.Point
}

// NewReadout builds a readout for the layers of the motion network.
func NewReadout(c ReadoutConfig, layers []pipeline.Layer) (*Readout, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	r := &Readout{
		cfg: c, memory: c.Memory.Microseconds(), active: c.Cluster.Active.Microseconds(),
		clock: track.Clock{Length: c.Period.Microseconds()},
		gauge: track.Gauge{Trim: c.Cluster.Trim, Lead: c.Latency.Seconds()},
	}
	var err error
	if r.coincidence, r.pooled, r.direction, err = find(layers); err != nil {
		return nil, err
	}
	shape := layers[r.coincidence].Shape
	r.h, r.w = shape[1], shape[2]
	r.tracker = track.New(c.Track, c.setup(r.w, r.h))
	r.noise = track.NewNoise(r.w, r.h, c.Period)
	r.grid = newGrid(r.w/cellSize, r.h/cellSize)
	r.claims.painted = make([]cover, len(r.grid.until))
	r.flicker = newFlicker(r.w * r.h)
	return r, nil
}

// Read implements [pipeline.Readout].
func (r *Readout) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	in := intake{Readout: r, a: a}
	r.clock.Enter(a)
	for r.clock.Over() {
		if next, ok := in.next(); ok && next >= r.clock.End && r.quiet() {
			r.clock.Skip(next)
			continue
		}
		in.take(r.clock.End)
		dst = r.close(dst)
	}
	in.take(a.End)
	return dst
}

// Flush implements [pipeline.Readout]. The last period counts as a whole one.
func (r *Readout) Flush(dst []pipeline.Detection) []pipeline.Detection {
	if r.clock.Partial() {
		dst = r.close(dst)
	}
	return r.tracker.Flush(r.clock.End-r.clock.Length, dst)
}

// Dropped is how many spikes and clusters were left out because there were
// more than the configuration allows.
func (r *Readout) Dropped() uint64 { return r.dropped + r.tracker.Refused() }

// most is how many spikes the memory can hold.
func (r *Readout) most() int { return r.cfg.Most * int(r.memory/r.clock.Length+2) }

// quiet says that periods without input change nothing.
func (r *Readout) quiet() bool { return len(r.spikes) == 0 && r.tracker.Quiet() && r.noise.Silent() }

// close ends a period: spikes to tracks, the rest to clusters, clusters to new
// tracks.
func (r *Readout) close(dst []pipeline.Detection) []pipeline.Detection {
	end := r.clock.End
	r.forget(end - r.memory)
	r.tracker.Predict()
	r.claim(end)
	for k, t := range r.tracker.Tracks {
		r.update(t, r.claims.of[k], end)
	}
	r.births(end)
	r.tracker.Merge()
	dst = r.tracker.Publish(end, dst)
	r.noise.Turn()
	r.clock.Next()
	r.taken = 0
	return dst
}

// forget drops spikes before t.
func (r *Readout) forget(t int64) {
	n := 0
	for n < len(r.spikes) && r.spikes[n].T < t {
		n++
	}
	r.spikes = r.spikes[:copy(r.spikes, r.spikes[n:])]
}

// update corrects a track by the spikes it claimed, or lets it coast.
func (r *Readout) update(t *track.Track, idx []int32, end int64) {
	if len(idx) < r.cfg.Cluster.MinSpikes {
		r.tracker.Miss(t)
		for _, i := range idx {
			r.spikes[i].track = free
		}
		return
	}
	v, ok := fitFlow(r.spikes, idx)
	along := t.Velocity
	if ok { // the track's velocity lags in a curve
		along = along.Plus(v).Times(.5)
	}
	b := r.measure(idx, end, along)
	b.Velocity, b.Flow = v, ok
	r.tracker.Correct(t, &b)
}

// measure makes a blob of some spikes as they are at time end when they move
// with velocity v.
func (r *Readout) measure(idx []int32, end int64, v track.Vec) track.Blob {
	r.points = r.points[:0]
	for _, i := range idx {
		r.points = append(r.points, r.spikes[i].Point)
	}
	b := r.gauge.Measure(r.points, end, v)
	b.Evidence = r.noise.Evidence(b.N, b.Box.Size(), r.cfg.Memory.Seconds())
	return b
}

var _ pipeline.Readout = (*Readout)(nil)
