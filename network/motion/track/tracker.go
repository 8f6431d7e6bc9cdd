package track

import (
	"unsafe"

	"ganglion/pipeline"
)

// Tracker follows objects from period to period. It belongs to one goroutine.
// In every period the readout calls Predict, then Correct or Miss for each
// track, then Start for what no track explains, Merge, and Publish.
type Tracker struct {
	Tracks []*Track // in order of birth; the readout only reads

	cfg     Config
	setup   Setup
	dt      float64 // length of a period, s
	support support

	retired []*Track // confirmed tracks that another one swallowed this period
	free    []*Track
	lost    []lost
	nextID  uint64
	refused uint64
	demand  int       // periods, besides the configuration's
	ground  bool      // it moves
	events  [2]uint64 // input events by polarity
}

// New makes a tracker without tracks.
func New(c Config, s Setup) *Tracker {
	return &Tracker{
		cfg: c, setup: s, dt: s.Period.Seconds(), nextID: 1,
		support: newSupport(s.Width, s.Height), lost: make([]lost, 0, mostLost),
	}
}

// Adjust replaces the configuration between two periods.
func (k *Tracker) Adjust(c Config, s Setup) { k.cfg, k.setup = c, s }

// Event counts an input event for the detections' n_events.
func (k *Tracker) Event(x, y int, on bool) {
	k.support.add(x, y, on)
	k.events[bit(on)]++
}

// Address is where Event counts an event at a pixel.
func (k *Tracker) Address(x, y int) uintptr {
	return uintptr(unsafe.Pointer(&k.support.now[k.support.cell(x, y)]))
}

// Quiet reports that a period without input would change nothing.
func (k *Tracker) Quiet() bool {
	return len(k.Tracks) == 0 && k.support.empty()
}

// Demand is how many periods with support confirm a track at least, from now on.
func (k *Tracker) Demand(periods int) { k.demand = periods }

// Ground records whether the ground moves, from now on: what a measurement adds to an object may
// be the ground's, so that sizes shrink fast, large ones, too.
func (k *Tracker) Ground(moves bool) { k.ground = moves }

// Refused is how many blobs started no track because there were too many.
func (k *Tracker) Refused() uint64 { return k.refused }

// Predict moves all tracks ahead to the end of the period.
func (k *Tracker) Predict() {
	for _, t := range k.Tracks {
		step := t.Velocity.Times(k.dt)
		t.Centre = t.Centre.Plus(step)
		t.Seen.Centroid = t.Seen.Centroid.Plus(step) // stays when the track coasts
	}
}

// Correct takes in what the period shows of a track. What noise could have made
// shows nothing.
func (k *Tracker) Correct(t *Track, b *Blob) {
	if b.Evidence < keep*k.cfg.Evidence {
		k.Miss(t)
		return
	}
	if t.entering = t.entering && k.polar(); t.entering {
		t.extend(b)
	}
	k.border(t, b)
	t.correct(b, &k.cfg, k.dt, k.shrink(t, b))
}

// polar reports whether the stream has both polarities.
func (k *Tracker) polar() bool {
	off, on := k.events[0], k.events[1]
	return float64(min(off, on)) > rarePolar*float64(off+on)
}

// Miss records that the period shows nothing of a track.
func (k *Tracker) Miss(t *Track) { t.Misses++ }

// Start begins a track with a blob that no track explains, unless noise alone
// could have made it.
func (k *Tracker) Start(b *Blob) {
	if b.Evidence < k.cfg.Evidence {
		return
	}
	if len(k.Tracks) >= k.cfg.Most {
		k.refused++
		return
	}
	t := k.fresh()
	*t = Track{State: pipeline.Tentative, Velocity: b.Velocity, hits: 1, born: b.First, Seen: *b}
	t.shown.add(b)
	t.enter(Vec{float64(k.setup.Width), float64(k.setup.Height)})
	t.setBox(b.Box)
	t.origin = t.Centre
	if b.line() {
		t.thin = 1
	}
	if b.Rough {
		t.way.share = 1
	} else if b.Flow {
		t.flows = 1
	}
	k.Tracks = append(k.Tracks, t)
}

// keep is the share of the founding evidence that keeps a track alive.
const keep = .3

// fresh returns a track to overwrite, a used one where there is one.
func (k *Tracker) fresh() *Track {
	n := len(k.free)
	if n == 0 {
		return &Track{}
	}
	t := k.free[n-1]
	k.free = k.free[:n-1]
	return t
}
