package zones

import (
	"cmp"
	"math"
	"math/bits"
	"time"

	"ganglion/internal/polygon"
	"ganglion/network/motion/track"
	"ganglion/pipeline"
)

// alarm is the state of an alarm. One of directions is raised by each object on its
// own ([way]).
type alarm struct {
	zone    int // -1: the whole sensor
	raised  way
	now     uint32 // events of the period
	ring    []uint32
	at      int    // where the next period goes
	filled  int    // periods that the ring holds
	sum     uint64 // of the ring
	seconds float64
}

// Event counts an event at a pixel of the layer.
func (w *Watch) Event(x, y int) {
	if w.masks == nil {
		return
	}
	for m := w.masks[y*w.w+x]; m != 0; m &= m - 1 {
		w.alarms[bits.TrailingZeros64(m)].now++
	}
}

// What alarms take by default.
const (
	rateWindow = 100 * time.Millisecond
	wayWithin  = 45 // degrees
)

func (w *Watch) arrangeAlarms() {
	w.alarms, w.masks, w.turns = make([]alarm, len(w.cfg.Alarms)), nil, false
	for i, c := range w.cfg.Alarms {
		a := &w.alarms[i]
		a.zone = -1
		if c.Zone != "" {
			a.zone = zoneIndex(w.cfg.Zones, c.Zone)
		}
		w.turns = w.turns || c.Of == ofDirection
		if c.Of == ofRate {
			n := max(1, int(cmp.Or(c.Window, rateWindow).Microseconds()/w.period))
			a.ring, a.seconds = make([]uint32, n), float64(int64(n)*w.period)/1e6
			w.mask(i, a.zone)
		}
	}
}

// mask marks the pixels whose events an alarm counts: those whose middle is in its
// zone.
func (w *Watch) mask(i, zone int) {
	if w.masks == nil {
		w.masks = make([]uint64, w.w*w.h)
	}
	for p := range w.masks {
		var at polygon.Point
		at.X, at.Y = w.view.At(float64(p%w.w)+.5, float64(p/w.w)+.5)
		if zone < 0 || w.zones[zone].Holds(at) {
			w.masks[p] |= 1 << i
		}
	}
}

func (w *Watch) inheritAlarms(old *Watch, at []int) {
	for i, k := range at {
		if k >= 0 {
			zone := w.alarms[i].zone
			w.alarms[i] = old.alarms[k]
			w.alarms[i].zone = zone
		}
	}
}

// alarm judges the alarms of rates and occupancies at the end of a period.
func (w *Watch) alarm(end int64, dst []pipeline.Detection) []pipeline.Detection {
	for i := range w.alarms {
		a, c := &w.alarms[i], &w.cfg.Alarms[i]
		if c.Of == ofDirection {
			continue
		}
		if c.Of == ofRate && !a.turn() {
			continue
		}
		value := w.value(i)
		if a.raised.turn(c.holds(value), end, c.For) {
			dst = append(dst, w.alarmed(i, end, value))
		}
	}
	return dst
}

// turn ends a period and reports whether the ring is full.
func (a *alarm) turn() bool {
	a.sum += uint64(a.now)
	a.sum -= uint64(a.ring[a.at])
	a.ring[a.at], a.now = a.now, 0
	a.at = (a.at + 1) % len(a.ring)
	a.filled = min(a.filled+1, len(a.ring))
	return a.filled == len(a.ring)
}

// value is what an alarm of a rate or an occupancy is held against.
func (w *Watch) value(i int) float64 {
	a := &w.alarms[i]
	switch {
	case w.cfg.Alarms[i].Of == ofRate:
		return float64(a.sum) / a.seconds
	case a.zone >= 0:
		return float64(w.occupants[a.zone])
	}
	n := 0
	for k := range w.follows {
		if w.follows[k].gone == never {
			n++
		}
	}
	return float64(n)
}

func (a *Alarm) holds(value float64) bool {
	return a.Above > 0 && value > a.Above || a.Below > 0 && value < a.Below
}

// turn takes in whether a condition holds and reports whether the alarm changes.
func (y *way) turn(holds bool, end int64, long time.Duration) bool {
	if holds == y.raised {
		y.waiting = false
		return false
	}
	if !y.waiting {
		y.waiting, y.since = true, end
	}
	if end-y.since < long.Microseconds() {
		return false
	}
	y.waiting, y.raised = false, holds
	return true
}

// settled reports whether periods without events leave the alarms as they are.
func (w *Watch) settled() bool {
	for i := range w.alarms {
		a, c := &w.alarms[i], &w.cfg.Alarms[i]
		if c.Of == ofDirection {
			continue
		}
		if c.Of == ofRate && (a.now > 0 || a.sum > 0 || a.filled < len(a.ring)) || c.holds(w.value(i)) != a.raised.raised {
			return false
		}
	}
	return true
}

// alarmed is the record of an alarm that has changed.
func (w *Watch) alarmed(i int, end int64, value float64) pipeline.Detection {
	a := &w.alarms[i]
	d := pipeline.UnknownDetection()
	d.Kind, d.T, d.TFirst, d.TLast = kindOf(a.raised.raised), end, a.raised.since, end
	d.Label, d.Value, d.State, d.SpeedSource = w.cfg.Alarms[i].Name, float32(value), pipeline.Confirmed, pipeline.SpeedTrack
	all := w.box(track.Box{Max: track.Vec{X: float64(w.w), Y: float64(w.h)}})
	if a.zone >= 0 {
		lo, hi := w.zones[a.zone].Bounds()
		all = track.Box{Min: track.Vec(lo), Max: track.Vec(hi)}
		d.Occupancy = w.occupants[a.zone]
	}
	setBox(&d, all)
	d.Complete()
	return d
}

func kindOf(raised bool) pipeline.Kind {
	if raised {
		return pipeline.AlarmStart
	}
	return pipeline.AlarmEnd
}

// head takes an object's direction with regard to the alarms.
func (w *Watch) head(m *moment, dst []pipeline.Detection) []pipeline.Detection {
	now := w.report(m, pipeline.AlarmStart)
	for i := range w.alarms {
		c, a := &w.cfg.Alarms[i], &w.alarms[i]
		if c.Of != ofDirection {
			continue
		}
		holds := false
		if in := a.zone < 0 || m.f.stays[a.zone].in; in && now.DirectionDeg == now.DirectionDeg {
			off := math.Abs(math.Mod(float64(now.DirectionDeg)-c.Degrees+540, 360) - 180)
			holds = off <= cmp.Or(c.Within, wayWithin)
		}
		if y := &m.f.ways[i]; y.turn(holds, m.end, c.For) {
			d := now
			d.Kind, d.Label, d.Value = kindOf(y.raised), c.Name, now.DirectionDeg
			dst = append(dst, d)
		}
	}
	return dst
}

// lower ends the alarms that an object has raised and that is gone.
func (w *Watch) lower(m *moment, dst []pipeline.Detection) []pipeline.Detection {
	for i := range m.f.ways {
		y := &m.f.ways[i]
		if y.raised {
			d := w.report(m, pipeline.AlarmEnd)
			d.Label, d.Value = w.cfg.Alarms[i].Name, float32(math.NaN())
			dst = append(dst, d)
		}
		*y = way{}
	}
	return dst
}

// endAlarms ends the alarms that are raised at the end of the stream.
func (w *Watch) endAlarms(end int64, dst []pipeline.Detection) []pipeline.Detection {
	for i := range w.alarms {
		if a := &w.alarms[i]; a.raised.raised {
			a.raised = way{since: end}
			dst = append(dst, w.alarmed(i, end, w.value(i)))
		}
	}
	return dst
}
