package motion

import (
	"fmt"
	"math"

	"ganglion/pipeline"
)

// Readout turns the activity of the motion network into detections. It
// implements [pipeline.Readout].
type Readout struct {
	cfg     ReadoutConfig
	period  int64 // µs
	memory  int64
	active  int64
	latency float64 // s
	w, h    int

	coincidence, pooled, direction int // layer indices

	began   bool
	end     int64   // end of the current period, µs
	spikes  []spike // of the memory, in order of time
	grid    *grid
	events  support
	noise   noise
	flicker flicker

	tracks  []*track
	retired []*track // confirmed tracks that another one swallowed this period
	free    []*track
	nextID  uint64

	painted      [][]int32 // by cell: tracks whose gate covers it
	paintedCells []int32
	order        []int32 // scratch: indices of spikes
	members      []int32
	xs, ys       []float64
}

// NewReadout builds a readout for the layers of the motion network.
func NewReadout(c ReadoutConfig, info pipeline.StreamInfo, layers []pipeline.Layer) (*Readout, error) {
	r := &Readout{
		cfg: c, period: c.Period.Microseconds(), memory: c.Memory.Microseconds(), active: c.Cluster.Active.Microseconds(),
		latency: c.Track.Latency.Seconds(), coincidence: -1, pooled: -1, direction: -1, nextID: 1,
	}
	for i, l := range layers {
		switch l.Name {
		case LayerCoincidence:
			r.coincidence = i
		case LayerPooled:
			r.pooled = i
		case LayerDirection:
			r.direction = i
		}
	}
	if r.coincidence < 0 || r.pooled < 0 || r.direction < 0 {
		return nil, fmt.Errorf("the motion readout needs the layers %s, %s and %s of the motion network",
			LayerCoincidence, LayerPooled, LayerDirection)
	}
	shape := layers[r.coincidence].Shape
	r.h, r.w = shape[1], shape[2]
	r.grid = newGrid(r.w/cellSize, r.h/cellSize)
	r.painted = make([][]int32, len(r.grid.until))
	r.events = newSupport(r.w, r.h)
	r.noise = newNoise(r.w * r.h)
	r.flicker = newFlicker(r.w * r.h)
	return r, nil
}

// Read implements [pipeline.Readout].
func (r *Readout) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	if !r.began {
		r.began = true
		r.end = floor(a.Start, r.period) + r.period
	}
	in := reader{r: r, a: a}
	for r.end <= a.End {
		if r.idle() && a.Start > r.end { // nothing can happen before the window
			r.end = floor(a.Start, r.period) + r.period
			continue
		}
		in.take(r.end)
		dst = r.close(dst)
	}
	in.take(math.MaxInt64)
	return dst
}

// Flush implements [pipeline.Readout].
func (r *Readout) Flush(dst []pipeline.Detection) []pipeline.Detection {
	for _, t := range r.tracks {
		if t.id != 0 {
			dst = append(dst, r.detection(t, pipeline.MotionEnd, r.end-r.period))
		}
	}
	r.free = append(r.free, r.tracks...)
	r.tracks = r.tracks[:0]
	return dst
}

func (r *Readout) idle() bool { return len(r.tracks) == 0 && len(r.spikes) == 0 }

// floor is the largest multiple of n not above t.
func floor(t, n int64) int64 { return t - (t%n+n)%n }

// close ends a period: spikes to tracks, the rest to clusters, clusters to new
// tracks.
func (r *Readout) close(dst []pipeline.Detection) []pipeline.Detection {
	r.forget(r.end - r.memory)
	dt := float64(r.period) * 1e-6
	for _, t := range r.tracks {
		t.predict(dt)
		t.idx = t.idx[:0]
	}
	r.claim()
	for _, t := range r.tracks {
		r.update(t, dt)
	}
	r.births()
	r.mergeTracks()
	dst = r.publish(dst)
	r.noise.observe(r)
	r.events.turn()
	r.end += r.period
	return dst
}

// forget drops spikes before t.
func (r *Readout) forget(t int64) {
	n := 0
	for n < len(r.spikes) && r.spikes[n].t < t {
		n++
	}
	r.spikes = r.spikes[:copy(r.spikes, r.spikes[n:])]
}

// claim gives each spike to the track that explains it best.
func (r *Readout) claim() {
	r.paint()
	for i := range r.spikes {
		s := &r.spikes[i]
		s.track = -1
		c := r.grid.cell(s.x, s.y)
		if c < 0 {
			continue
		}
		best := math.Inf(1)
		for _, k := range r.painted[c] {
			t := r.tracks[k]
			dt := float64(r.end-s.t)*1e-6 + r.latency
			x, y := float64(s.x)+.5+t.vx*dt, float64(s.y)+.5+t.vy*dt
			out := t.outside(x, y)
			if out > r.gate(t) || !t.agrees(s) {
				continue
			}
			if cost := out + .1*math.Hypot(x-t.cx, y-t.cy); cost < best {
				best, s.track = cost, k
			}
		}
		if s.track >= 0 {
			t := r.tracks[s.track]
			t.idx = append(t.idx, int32(i))
		}
	}
}

// gate is the margin of a track: wider when it is fast or has not been seen.
func (r *Readout) gate(t *track) float64 {
	return r.cfg.Track.Gate + .01*math.Hypot(t.vx, t.vy) + 1.5*float64(t.misses)
}

// paint notes for every cell which tracks may claim its spikes.
func (r *Readout) paint() {
	for _, c := range r.paintedCells {
		r.painted[c] = r.painted[c][:0]
	}
	r.paintedCells = r.paintedCells[:0]
	for k, t := range r.tracks {
		// A spike of age memory lies behind the track's box by its travel.
		back := float64(r.memory)*1e-6 + r.latency
		gate := r.gate(t)
		x0, x1 := span(t.cx, t.w/2+gate, -t.vx*back)
		y0, y1 := span(t.cy, t.h/2+gate, -t.vy*back)
		for y := clamp(y0, r.grid.h); y <= clamp(y1, r.grid.h); y++ {
			for x := clamp(x0, r.grid.w); x <= clamp(x1, r.grid.w); x++ {
				c := int32(y*r.grid.w + x)
				if len(r.painted[c]) == 0 {
					r.paintedCells = append(r.paintedCells, c)
				}
				r.painted[c] = append(r.painted[c], int32(k))
			}
		}
	}
}

// span is the interval around c, stretched to one side by shift.
func span(c, half, shift float64) (lo, hi float64) {
	return c - half + min(shift, 0), c + half + max(shift, 0)
}

func clamp(v float64, n int) int {
	return min(max(int(math.Floor(v/cellSize)), 0), n-1)
}

// update corrects a track by the spikes it claimed, or lets it coast.
func (r *Readout) update(t *track, dt float64) {
	if len(t.idx) < r.cfg.Cluster.MinSpikes {
		t.misses++
		for _, i := range t.idx {
			r.spikes[i].track = -1
		}
		return
	}
	vx, vy, ok := fitFlow(r.spikes, t.idx)
	b := r.measure(t.idx, r.end, t.vx, t.vy)
	b.vx, b.vy, b.flow = vx, vy, ok
	t.correct(b, &r.cfg.Track, dt)
}
