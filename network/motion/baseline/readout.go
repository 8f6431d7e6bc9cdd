package baseline

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"ganglion/network/motion/track"
	"ganglion/network/motion/zones"
	"ganglion/network/pass"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// config configures the readout.
type config struct {
	Period    time.Duration `key:"period" doc:"Time between estimates." min:"1ms" max:"1s"`
	Window    time.Duration `key:"window" doc:"How long an event counts." min:"1ms" max:"1s"`
	Update    time.Duration `key:"update" live:"true" doc:"Shortest time between two updates of a track; 0s publishes each period." min:"0s" max:"1h"`
	Eps       float64       `key:"eps" live:"true" doc:"Largest distance of neighbours." unit:"px" min:"1" max:"1000"`
	MinPoints int           `key:"min_points" live:"true" doc:"Fewest events within eps of a core, itself included." min:"1" max:"100000"`
	Most      int           `key:"most_events" doc:"Most events of a window; what comes beyond is counted and left out." min:"100" max:"1000000"`
	Gate      float64       `key:"gate" live:"true" doc:"Largest distance of a cluster from a track's predicted place." unit:"px" min:"0" max:"1000"`
	Track     track.Config  `key:"track" doc:"How tracks live."`

	zones.Config `key:",squash"`
}

// newDefaultConfig is the default configuration; docs/motion-measured.md shows how it was tuned.
func newDefaultConfig() config {
	return config{
		Period: 10 * time.Millisecond, Window: 10 * time.Millisecond,
		Eps: 8, MinPoints: 3, Most: 20_000, Gate: 14, Track: track.NewDefaultConfig(), Config: zones.NewDefaultConfig(),
	}
}

// Component declares the readout.
func Component() component.Spec {
	return component.Readout("dbscan", "tracks of moving objects from density clusters of events: the baseline",
		newDefaultConfig(), func(c config, _ pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
			return newReadout(c, layers)
		})
}

// Validate checks what the field tags cannot say.
func (c config) Validate() error {
	return errors.Join(c.setup(0, 0).Validate(), c.Track.Wanted.Validate(), c.Config.Validate())
}

func (c config) setup(width, height int) track.Setup {
	return track.Setup{Period: c.Period, Update: c.Update, Width: width, Height: height}
}

// readout turns events into detections. It implements [pipeline.Readout] and
// [pipeline.Stateful].
type readout struct {
	cfg     config
	w, h    int // px
	window  int64
	clock   track.Clock
	tracker *track.Tracker
	watch   *zones.Watch
	noise   *track.Noise
	points  []track.Point // of the window, in order of time
	dropped uint64

	// Scratch of one period.
	clusterer *clusterer
	gauge     track.Gauge
	members   [][]track.Point
	blobs     []track.Blob
	pairs     []pair
	matched   []bool
	seen      []bool
}

// newReadout builds a readout for network "pass" over an input of [2, H, W].
func newReadout(c config, layers []pipeline.Layer) (*readout, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if len(layers) != 1 || layers[0].Name != pass.Layer || len(layers[0].Shape) != 3 || layers[0].Shape[0] != 2 {
		return nil, fmt.Errorf("the dbscan readout needs network %q over an input of [2, H, W]", "pass")
	}
	h, w := layers[0].Shape[1], layers[0].Shape[2]
	return &readout{
		cfg: c, w: w, h: h, window: c.Window.Microseconds(),
		clock:   track.Clock{Length: c.Period.Microseconds()},
		tracker: track.New(c.Track, c.setup(w, h)), noise: track.NewNoise(w, h, c.Period, c.Window, 1, quietPixel),
		watch:     zones.New(c.Config, c.Period, w, h),
		clusterer: newClusterer(c.Eps, c.MinPoints, w, h),
	}, nil
}

// Read implements [pipeline.Readout].
func (r *readout) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	s := &a.Layers[0].Spikes
	run := 0
	take := func(end int64) {
		for ; run < len(s.T) && s.T[run] < end; run++ {
			for _, id := range s.Run(run) {
				r.event(s.T[run], int(id))
			}
		}
	}
	r.clock.Enter(a)
	for r.clock.Over() {
		if run < len(s.T) && s.T[run] >= r.clock.End && len(r.points) == 0 && r.tracker.Quiet() && r.noise.Silent() &&
			r.watch.Quiet() {
			r.clock.Skip(s.T[run])
			continue
		}
		take(r.clock.End)
		dst = r.close(dst)
	}
	take(a.End)
	return dst
}

// event takes one event in.
func (r *readout) event(t int64, id int) {
	on := id >= r.w*r.h
	if on {
		id -= r.w * r.h
	}
	x, y := id%r.w, id/r.w
	r.tracker.Event(x, y, on)
	r.watch.Event(x, y)
	if len(r.points) >= r.cfg.Most {
		r.dropped++
		return
	}
	r.points = append(r.points, track.Point{T: t, X: float32(x), Y: float32(y), On: on})
}

// Flush implements [pipeline.Readout]. The last period counts as a whole one.
func (r *readout) Flush(dst []pipeline.Detection) []pipeline.Detection {
	if r.clock.Partial() {
		dst = r.close(dst)
	}
	from, end := len(dst), r.clock.End-r.clock.Length
	return r.watch.Flush(end, r.tracker.Flush(end, dst), from)
}

// Place implements [pipeline.Placed].
func (r *readout) Place(v pipeline.View) { r.watch.Place(v) }

// Dropped is how many events and clusters were left out because there were
// more than the configuration allows.
func (r *readout) Dropped() uint64 { return r.dropped + r.tracker.Refused() }

// close ends a period: events to clusters, clusters to tracks.
func (r *readout) close(dst []pipeline.Detection) []pipeline.Detection {
	end := r.clock.End
	n := 0
	for n < len(r.points) && r.points[n].T < end-r.window {
		n++
	}
	r.points = r.points[:copy(r.points, r.points[n:])]
	for i := range r.points {
		if p := &r.points[i]; p.T >= end-r.clock.Length {
			r.noise.Add(int(p.X), int(p.Y))
		}
	}
	r.tracker.Predict()
	r.measure(end)
	r.match()
	r.tracker.Merge()
	from := len(dst)
	dst = r.watch.Step(end, r.tracker, r.tracker.Publish(end, dst), from)
	r.noise.Turn()
	r.clock.Next()
	return dst
}

// measure makes a blob of every cluster.
func (r *readout) measure(end int64) {
	n := r.clusterer.run(r.points)
	for len(r.members) < n {
		r.members = append(r.members, nil)
	}
	for i := range r.members[:n] {
		r.members[i] = r.members[i][:0]
	}
	for i, p := range r.points {
		if k := r.clusterer.of[i]; k != none {
			r.members[k] = append(r.members[k], p)
		}
	}
	r.blobs = r.blobs[:0]
	for _, m := range r.members[:n] {
		b := r.gauge.Measure(m, end, track.Vec{})
		b.Evidence = r.noise.Evidence(b.N, b.Box.Size(), r.cfg.Window.Seconds())
		r.blobs = append(r.blobs, b)
	}
}

// pair is a track and a cluster that may be its.
type pair struct {
	distance    float64
	track, blob int
}

// match gives each track the nearest cluster within its gate, nearest pairs
// first, and starts a track from each cluster that is left.
func (r *readout) match() {
	tracks := r.tracker.Tracks
	r.pairs, r.matched, r.seen = r.pairs[:0], fill(r.matched, len(r.blobs)), fill(r.seen, len(tracks))
	for i, t := range tracks {
		gate := r.cfg.Gate + float64(.02*t.Velocity.Norm()) + float64(1.5*float64(t.Misses))
		for j := range r.blobs {
			if d := r.blobs[j].Box.Centre().Minus(t.Centre).Norm(); d <= gate {
				r.pairs = append(r.pairs, pair{d, i, j})
			}
		}
	}
	slices.SortFunc(r.pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.track, b.track), cmp.Compare(a.blob, b.blob))
	})
	for _, p := range r.pairs {
		if !r.seen[p.track] && !r.matched[p.blob] {
			r.seen[p.track], r.matched[p.blob] = true, true
			r.tracker.Correct(tracks[p.track], &r.blobs[p.blob])
		}
	}
	for i, t := range tracks {
		if !r.seen[i] {
			r.tracker.Miss(t)
		}
	}
	for j := range r.blobs {
		if !r.matched[j] {
			r.tracker.Start(&r.blobs[j])
		}
	}
}

// fill is s with n values false.
func fill(s []bool, n int) []bool {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

var (
	_ pipeline.Readout = (*readout)(nil)
	_ pipeline.Placed  = (*readout)(nil)
)

// quietPixel is what the readout takes for noise until it knows, 1/(px s).
const quietPixel = .01
