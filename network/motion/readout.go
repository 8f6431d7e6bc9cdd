package motion

import (
	"math"
	"time"

	"ganglion/network/motion/track"
	"ganglion/network/motion/zones"
	"ganglion/pipeline"
)

// Readout turns the activity of the motion network into detections. It
// implements [pipeline.Readout] and [pipeline.Stateful].
type Readout struct {
	cfg    ReadoutConfig
	layers layers
	plane
	sensor [2]int  // its size, px; 0 where that is the layer's
	scale  float64 // of the distance over which fast cells are linked

	clock      track.Clock
	tracker    *track.Tracker
	watch      *zones.Watch
	fast, slow branch
	flicker    flicker
	grid       *grid
	camera     camera

	// Scratch of one period.
	claims  claims
	needy   []bool // by track: the fast branch does not support it
	gauge   track.Gauge
	points  []track.Point
	parts   []part
	places  []place
	columns []column // of a track, for its aisle
	front   []int32
	back    []int32
}

// NewReadout builds a readout for the layers of the motion network.
func NewReadout(c ReadoutConfig, info []pipeline.Layer) (*Readout, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	l, shape, err := find(info)
	if err != nil {
		return nil, err
	}
	r := &Readout{
		cfg: c, layers: l, plane: newPlane(shape[2], shape[1]),
		clock: track.Clock{Length: c.Period.Microseconds()},
		gauge: track.Gauge{Trim: c.Cluster.Trim, Lead: c.Latency.Seconds()},
	}
	r.tracker = track.New(c.tracks(), c.setup(r.w, r.h))
	r.watch = zones.New(c.Config, c.Period, r.w, r.h)
	r.fast, r.slow = r.newBranch(c.Memory, c.Cluster.Link, fastClump, fastNoise, fastFlash), r.newBranch(c.Slow.Memory, c.Slow.Link, slowClump,
		slowNoise, slowFlash)
	r.scale = linkScale(float64(min(r.w, r.h)))
	r.grid = newGrid(r.w/cellSize, r.h/cellSize)
	r.camera = newCamera(c.Camera, r.w, r.h)
	r.parts = make([]part, 0, mostParts)
	r.claims.painted = make([]cover, len(r.grid.until))
	r.flicker = newFlicker(r.w * r.h)
	return r, nil
}

func (r *Readout) newBranch(memory time.Duration, link, clump, noise float64, pixels int) branch {
	return branch{link: link, memory: memory.Microseconds(), most: r.w * r.h / pixels, noise: track.NewNoise(r.w, r.h, r.cfg.Period, memory,
		clump, noise)}
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
	from, end := len(dst), r.clock.End-r.clock.Length
	return r.watch.Flush(end, r.tracker.Flush(end, dst), from)
}

// Place implements [pipeline.Placed].
func (r *Readout) Place(v pipeline.View) {
	r.watch.Place(v)
	w, h := r.w, r.h
	if r.sensor != [2]int{} {
		w, h = r.sensor[0], r.sensor[1]
	}
	wide := 1. // a pixel of the layer, px of the sensor
	if !v.Same() {
		wide = math.Sqrt(float64(v.XX*v.XX) + float64(v.YX*v.YX))
	}
	r.scale = linkScale(float64(min(w, h)) / wide)
	r.camera.gyro.place(v, w, h)
}

// Dropped is how many spikes and clusters were left out because there were
// more than the configuration allows, or because they span half of the sensor: a
// cluster counts once in each period, as does a period that drowned in noise.
func (r *Readout) Dropped() uint64 { return r.fast.dropped + r.slow.dropped + r.tracker.Refused() }

// quiet reports that periods without input change nothing.
func (r *Readout) quiet() bool {
	return r.tracker.Quiet() && r.camera.quiet() && r.fast.quiet() && r.slow.quiet() && r.watch.Quiet()
}

// close ends a period: spikes to tracks, the rest to clusters, clusters to new
// tracks. Slow spikes serve where the fast branch is silent.
func (r *Readout) close(dst []pipeline.Detection) []pipeline.Detection {
	end := r.clock.End
	r.admit()
	r.tracker.Ground(r.camera.moved())
	r.tracker.Predict()
	r.needy = r.needy[:0]
	for range r.tracker.Tracks {
		r.needy = append(r.needy, true)
	}
	r.serve(&r.fast, end)
	r.serve(&r.slow, end)
	for k, needy := range r.needy {
		if needy {
			r.tracker.Miss(r.tracker.Tracks[k])
		}
	}
	r.tracker.Merge()
	r.tracker.Demand(r.camera.confirm())
	r.camera.carry(r.tracker)
	from := len(dst)
	dst = r.camera.report(end, r.cfg.Camera.Update, dst)
	dst = r.watch.Step(end, r.tracker, r.tracker.Publish(end, dst), from)
	for _, t := range r.tracker.Tracks {
		r.fast.noise.Loud(t.Box())
		r.slow.noise.Loud(t.Box())
	}
	r.fast.turn()
	r.slow.turn()
	r.clock.Next()
	return dst
}

// serve corrects needy tracks by the spikes of a branch and starts new ones.
func (r *Readout) serve(b *branch, end int64) {
	b.forget(end)
	if b.drowned() {
		if b == &r.fast {
			b.dropped++ // blind for the period
		}
		return
	}
	r.claim(b, end)
	r.adopt(b, end)
	r.gauge.Ground = r.camera.moved() || b.lit
	for k, t := range r.tracker.Tracks[:len(r.needy)] {
		if idx := r.claims.of[k]; len(idx) >= r.cfg.minSpikes() && b.fresh(idx, end) {
			r.correct(b, t, r.abreast(b, t, r.sever(b, t, r.split(b, t, idx), end), end), end)
			r.needy[k] = false
		}
	}
	r.births(b, end)
}

// admit judges the period's spikes by all that the period has shown, so that
// nothing depends on how the stream is cut: spikes of blinking pixels and of what
// flows with the picture are left out, and slow ones where coincidences are.
func (r *Readout) admit() {
	r.camera.see(r.fast.spikes[r.fast.begin:], r.clock.End, r.clock.Length)
	r.fast.admit(func(s *spike) bool { return !r.blinks(s) && r.camera.admits(s) })
	r.slow.admit(func(s *spike) bool {
		c := r.grid.cell(s)
		return r.camera.still() && c >= 0 && r.grid.until[c] < s.T && !r.blinks(s)
	})
}

// blinks reports whether a spike comes of light that blinks: a pixel around it does, and
// nothing passes there.
func (r *Readout) blinks(s *spike) bool {
	x0, x1 := max(int(s.X)-1, 0), min(int(s.X)+1, r.w-1)
	blinking, passed := false, 0
	for y := max(int(s.Y)-1, 0); y <= min(int(s.Y)+1, r.h-1); y++ {
		for i := y*r.w + x0; i <= y*r.w+x1; i++ {
			blinking = blinking || r.flicker.blinks(i, s.T)
		}
	}
	if !blinking {
		return false
	}
	for y := max(int(s.Y)-1, 0); y <= min(int(s.Y)+1, r.h-1); y++ {
		for i := y*r.w + x0; i <= y*r.w+x1; i++ {
			if r.flicker.passed(i, s.T) {
				passed++
			}
		}
	}
	return passed < passedLeast
}

// passedLeast is how many pixels around a spike tell that something passes.
const passedLeast = 2

// correct updates a track by the spikes it claimed.
func (r *Readout) correct(b *branch, t *track.Track, idx []int32, end int64) {
	v, ok := fitFlow(b.spikes, idx)
	along := t.Velocity
	if ok { // the track's velocity lags in a curve
		along = along.Plus(v).Times(.5)
	}
	blob := r.measure(b, idx, end, along)
	blob.Velocity, blob.Flow = v, ok
	r.tracker.Correct(t, &blob)
}

// A period is a flash when more than one spike comes for so many pixels: about
// half of the layer's neurons of one polarity.
const (
	fastFlash = 4
	slowFlash = 8
)

// never is a time before every stream.
const never = math.MinInt64 / 2

var (
	_ pipeline.Readout = (*Readout)(nil)
	_ pipeline.Placed  = (*Readout)(nil)
)

// What the branches take for noise until they know, 1/(px s): coincidences as
// with 5 Hz of shot noise, slow spikes as with 7 Hz.
const (
	fastNoise = .01
	slowNoise = .05
	fastClump = 1.5 // coincidences come in pairs
	slowClump = 1.5 // neighbouring slow neurons share their input
)
