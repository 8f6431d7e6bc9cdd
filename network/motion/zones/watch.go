package zones

import (
	"cmp"
	"math"
	"slices"
	"time"

	"ganglion/internal/polygon"
	"ganglion/network/motion/track"
	"ganglion/pipeline"
)

// Watch applies the rules of a configuration to the tracks of a tracker. It belongs
// to one goroutine.
type Watch struct {
	cfg    Config
	period int64 // µs
	w, h   int   // of the layer, px

	view   pipeline.View
	zones  []polygon.Polygon
	alarms []alarm
	plane  *homography

	follows   []follow // of known objects, in order of id
	free      []follow // to use again
	counted   []counts // by line
	occupants []uint32 // by zone
	turns     bool     // there are alarms of directions
	masks     []uint64 // by pixel of the layer, the alarms of rates that it counts for; nil without
}

// counts are the crossings of a line so far.
type counts struct{ forward, backward uint64 }

// follow is what the rules know about one object.
type follow struct {
	id    uint64
	at    track.Vec // where it was last, px of the sensor
	box   track.Box // there
	born  int64     // first supporting spike, µs
	gone  int64     // when it was missed first, µs; never while it is there
	seen  int64     // the end of the period in which it was seen last, µs
	sides []side    // by line
	stays []stay    // by zone
	ways  []way     // by alarm
}

// side is where an object is with regard to a line.
type side struct {
	of   int8    // the side on which it counts as being; 0 before it is known
	near int8    // the side on which its anchor is
	foot float64 // where along the line the anchor changed sides last: 0 its start, 1 its end
}

// stay is an object's time in a zone.
type stay struct {
	in    bool
	told  bool  // that it is long
	since int64 // µs
}

// way is an alarm's state with regard to its condition.
type way struct {
	raised  bool
	waiting bool  // the condition differs from raised
	since   int64 // when it began to, µs
}

// never is a time before every stream.
const never = math.MinInt64 / 2

// New makes a watch over tracks in a layer of width by height px, for a period of the
// readout. The configuration is valid.
func New(c Config, period time.Duration, width, height int) *Watch {
	w := &Watch{period: period.Microseconds(), w: width, h: height}
	w.arrange(c)
	return w
}

// Place puts the layer on the sensor, before anything is watched.
func (w *Watch) Place(v pipeline.View) {
	w.view = v
	w.arrange(w.cfg)
}

// arrange lays the rules out again.
func (w *Watch) arrange(c Config) {
	w.cfg = c
	w.zones = w.zones[:0]
	for _, z := range c.Zones {
		p, _ := polygon.Parse(z.Points) // valid
		w.zones = append(w.zones, p)
	}
	w.counted = make([]counts, len(c.Lines))
	w.occupants = make([]uint32, len(c.Zones))
	w.plane, _ = c.Plane.solve() // valid
	w.arrangeAlarms()
}

// Adjust replaces the configuration between two periods. Lines, zones and alarms that
// stay as they are keep what they know.
func (w *Watch) Adjust(c Config) {
	old := *w
	w.arrange(c)
	lines := kept(old.cfg.Lines, c.Lines)
	zones := kept(old.cfg.Zones, c.Zones)
	alarms := kept(old.cfg.Alarms, c.Alarms)
	for i, k := range alarms { // what a zone is may have changed
		if a := c.Alarms[i]; k >= 0 && a.Zone != "" && zones[zoneIndex(c.Zones, a.Zone)] < 0 {
			alarms[i] = -1
		}
	}
	inherit(w.counted, old.counted, lines)
	inherit(w.occupants, old.occupants, zones)
	w.inheritAlarms(&old, alarms)
	if w.idle() {
		w.follows = w.follows[:0]
	}
	for i := range w.follows {
		f := &w.follows[i]
		was := *f
		f.sides, f.stays, f.ways = make([]side, len(c.Lines)), make([]stay, len(c.Zones)), make([]way, len(c.Alarms))
		inherit(f.sides, was.sides, lines)
		inherit(f.stays, was.stays, zones)
		inherit(f.ways, was.ways, alarms)
	}
}

// kept are the places that the new rules have among the old ones; -1 for rules that
// were not there.
func kept[T comparable](old, next []T) []int {
	at := make([]int, len(next))
	for i, r := range next {
		at[i] = slices.Index(old, r)
	}
	return at
}

func inherit[T any](next, old []T, at []int) {
	for i, k := range at {
		if k >= 0 {
			next[i] = old[k]
		}
	}
}

func zoneIndex(zones []Zone, name string) int {
	return slices.IndexFunc(zones, func(z Zone) bool { return z.Name == name })
}

// Quiet reports whether periods without input and without tracks change nothing.
func (w *Watch) Quiet() bool {
	for i := range w.follows {
		f := &w.follows[i]
		if f.gone == never || slices.ContainsFunc(f.stays, func(s stay) bool { return s.in }) {
			return false
		}
	}
	return w.settled()
}

// Step ends a period at a time, µs. The detections of dst from the given one on are
// what the tracker has published; they are put on the sensor.
func (w *Watch) Step(end int64, k *track.Tracker, dst []pipeline.Detection, from int) []pipeline.Detection {
	w.put(dst[from:])
	if w.idle() {
		return dst
	}
	published := dst[from:]
	for _, t := range k.Tracks {
		if t.ID != 0 {
			dst = w.see(end, k, t, published, dst)
		}
	}
	n := 0
	for i := range w.follows {
		f := w.follows[i]
		var keep bool
		if dst, keep = w.miss(end, k, &w.follows[i], dst); !keep {
			w.free = append(w.free, f)
			continue
		}
		w.follows[n] = w.follows[i]
		n++
	}
	w.follows = w.follows[:n]
	return w.alarm(end, dst)
}

// Flush ends what is still open at the end of the stream, µs.
func (w *Watch) Flush(end int64, dst []pipeline.Detection, from int) []pipeline.Detection {
	w.put(dst[from:])
	for i := range w.follows {
		dst = w.leaveAll(end, &w.follows[i], dst)
	}
	w.free = append(w.free, w.follows...)
	w.follows = w.follows[:0]
	return w.endAlarms(end, dst)
}

// idle reports whether there are no rules.
func (w *Watch) idle() bool { return len(w.cfg.Lines)+len(w.cfg.Zones)+len(w.cfg.Alarms) == 0 }

// see applies the rules to an object that is there.
func (w *Watch) see(end int64, k *track.Tracker, t *track.Track, published, dst []pipeline.Detection) []pipeline.Detection {
	i, known := slices.BinarySearchFunc(w.follows, t.ID, func(f follow, id uint64) int { return cmp.Compare(f.id, id) })
	if !known {
		w.follows = slices.Insert(w.follows, i, w.begin(t, published))
	}
	f := &w.follows[i]
	f.gone, f.seen = never, end
	box := w.box(t.Box())
	at := w.anchor(box)
	m := moment{end: end, f: f, k: k, t: t, at: at, margin: max(leastMargin, marginShare*max(box.Size().X, box.Size().Y))}
	if t.Misses > 0 { // where it is is a guess; it may have stopped
		for z := range f.stays {
			if f.stays[z].in {
				dst = w.dwell(&m, z, dst)
			}
		}
		return dst
	}
	for l := range w.cfg.Lines {
		dst = w.cross(&m, l, dst)
	}
	for z := range w.cfg.Zones {
		dst = w.visit(&m, z, dst)
	}
	if w.turns {
		dst = w.head(&m, dst)
	}
	f.at, f.box = at, box
	return dst
}

// What counts as beyond a line, or outside a zone: px, and a share of the longer side
// of the box, whose middle trembles the more the larger it is.
const (
	leastMargin = 2
	marginShare = .05
)

// moment is an object at the end of a period.
type moment struct {
	end    int64 // µs
	f      *follow
	k      *track.Tracker
	t      *track.Track // nil of an object that is gone
	at     track.Vec    // its anchor, px of the sensor
	margin float64      // px
}

// report is a detection about the object, on the sensor.
func (w *Watch) report(m *moment, kind pipeline.Kind) pipeline.Detection {
	if m.t != nil {
		d := m.k.Describe(m.t, kind, m.end)
		w.putOne(&d)
		return d
	}
	f := m.f
	d := pipeline.UnknownDetection()
	d.Kind, d.T, d.TFirst, d.TLast, d.TrackID, d.AgeUS = kind, m.end, f.born, f.gone, f.id, m.end-f.born
	d.State, d.SpeedSource = pipeline.Coasting, pipeline.SpeedTrack
	setBox(&d, f.box)
	w.measure(&d)
	d.Complete()
	return d
}

func setBox(d *pipeline.Detection, b track.Box) {
	c := b.Centre()
	d.X0, d.Y0, d.X1, d.Y1 = float32(b.Min.X), float32(b.Min.Y), float32(b.Max.X), float32(b.Max.Y)
	d.CX, d.CY = float32(c.X), float32(c.Y)
}

// begin follows an object: from where its track was founded when that starts now,
// and from where it is when there were no rules before.
func (w *Watch) begin(t *track.Track, published []pipeline.Detection) follow {
	var f follow
	if n := len(w.free); n > 0 {
		f, w.free = w.free[n-1], w.free[:n-1]
	}
	box := t.Box()
	starts := func(d pipeline.Detection) bool { return d.Kind == pipeline.MotionStart && d.TrackID == t.ID }
	if half := box.Size().Times(.5); slices.ContainsFunc(published, starts) {
		box = track.Box{Min: t.Origin().Minus(half), Max: t.Origin().Plus(half)}
	}
	box = w.box(box)
	return follow{
		id: t.ID, gone: never, born: t.Born(), box: box, at: w.anchor(box),
		sides: fresh(f.sides, len(w.cfg.Lines)), stays: fresh(f.stays, len(w.cfg.Zones)), ways: fresh(f.ways, len(w.cfg.Alarms)),
	}
}

// fresh is n values that are zero, in the memory of s where it is large enough.
func fresh[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// box is a box of the layer on the sensor.
func (w *Watch) box(b track.Box) track.Box {
	if w.view.Same() {
		return b
	}
	var c track.Box
	c.Min.X, c.Min.Y = w.view.At(b.Min.X, b.Min.Y)
	c.Max.X, c.Max.Y = w.view.At(b.Max.X, b.Max.Y)
	return track.Box{
		Min: track.Vec{X: min(c.Min.X, c.Max.X), Y: min(c.Min.Y, c.Max.Y)},
		Max: track.Vec{X: max(c.Min.X, c.Max.X), Y: max(c.Min.Y, c.Max.Y)},
	}
}

// anchor is the point that stands for an object.
func (w *Watch) anchor(b track.Box) track.Vec {
	c := b.Centre()
	if w.cfg.Anchor == anchorBottom {
		c.Y = b.Max.Y
	}
	return c
}

// miss looks after an object that is not there any more.
func (w *Watch) miss(end int64, k *track.Tracker, f *follow, dst []pipeline.Detection) ([]pipeline.Detection, bool) {
	if f.seen == end {
		return dst, true
	}
	remembered := k.Remembers(f.id)
	m := moment{end: end, f: f}
	if f.gone == never {
		f.gone = end
		dst = w.lower(&m, dst)
	}
	for z := range f.stays {
		s := &f.stays[z]
		switch {
		case !s.in:
		case !remembered || w.atBorder(f.box) || end-f.gone >= w.cfg.Zones[z].Hold.Microseconds():
			dst = w.leave(&m, z, f.gone, dst)
		default:
			dst = w.dwell(&m, z, dst)
		}
	}
	return dst, remembered
}

// atBorder reports whether a box reaches the border of what the encoder sees.
func (w *Watch) atBorder(b track.Box) bool {
	all := w.box(track.Box{Max: track.Vec{X: float64(w.w), Y: float64(w.h)}})
	return b.Min.X < all.Min.X+leastMargin || b.Min.Y < all.Min.Y+leastMargin || b.Max.X > all.Max.X-leastMargin ||
		b.Max.Y > all.Max.Y-leastMargin
}

// leaveAll ends an object's stays and alarms.
func (w *Watch) leaveAll(end int64, f *follow, dst []pipeline.Detection) []pipeline.Detection {
	if f.gone == never {
		f.gone = end
	}
	m := moment{end: end, f: f}
	dst = w.lower(&m, dst)
	for z := range f.stays {
		if f.stays[z].in {
			dst = w.leave(&m, z, f.gone, dst)
		}
	}
	return dst
}
