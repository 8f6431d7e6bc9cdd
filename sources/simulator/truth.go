package simulator

import (
	"math"

	"ganglion/pipeline"
)

// Causes of an event that are not an object. Objects are numbered from 1.
const (
	Background int32 = 0  // the still or moving background, the lamp
	Shot       int32 = -1 // shot noise
	Leak       int32 = -2 // leak
	Hot        int32 = -3 // a hot pixel
)

// maskMargin is how far from an object's outline an event is still its own, px.
const maskMargin = 2

// cause reports which object made a signal event at pixel (x, y): the foremost
// whose outline, 2 px wider, holds it.
func cause(actors []shape, x, y int) int32 {
	px, py := float64(x)+.5, float64(y)+.5
	for i := len(actors) - 1; i >= 0; i-- {
		s := &actors[i]
		if math.Abs(px-s.cx) < s.ex+maskMargin && math.Abs(py-s.cy) < s.ey+maskMargin && s.distance(px, py) < maskMargin {
			return int32(s.id)
		}
	}
	return Background
}

// tally counts an actor's own events in periods of 10 ms.
type tally struct {
	id       int
	now, ago int // this period and the one before
}

// witness writes the truth.
type witness struct {
	canvas *canvas
	tally  []tally // one for each actor
}

// count notes one event's cause.
func (w *witness) count(cause int32) {
	for i := range w.tally {
		if int32(w.tally[i].id) == cause {
			w.tally[i].now++
		}
	}
}

// follow tells the witness which objects the actors are now.
func (w *witness) follow(actors []shape) {
	for i := range actors {
		if w.tally[i].id != actors[i].id {
			w.tally[i] = tally{id: actors[i].id}
		}
	}
}

// tell appends the truth at time t, µs, at the end of a period.
func (w *witness) tell(actors []shape, t int64, dst []pipeline.Truth) []pipeline.Truth {
	for i := range actors {
		n := &w.tally[i]
		if truth, ok := w.look(actors, i); ok {
			truth.T, truth.Events20ms = t, n.now+n.ago
			dst = append(dst, truth)
		}
		n.now, n.ago = 0, n.now
	}
	return dst
}

// look measures what can be seen of actor i. The box is that of the visible
// part, or of the whole actor (within the sensor) while the pillar hides all
// of it. Actors outside the sensor give none.
func (w *witness) look(actors []shape, i int) (pipeline.Truth, bool) {
	s := &actors[i]
	v := w.canvas
	box := rect{v.width, v.height, 0, 0}
	r := s.bounds(.5, v.width, v.height)
	seen, inside := 0., 0.
	for y := r.y0; y < r.y1; y++ {
		for x := r.x0; x < r.x1; x++ {
			px, py := float64(x)+.5, float64(y)+.5
			c := s.coverage(px, py)
			inside += c
			c = float64(c * w.clear(actors, i, px, py))
			seen += c
			if c > .05 {
				box = rect{min(box.x0, x), min(box.y0, y), max(box.x1, x+1), max(box.y1, y+1)}
			}
		}
	}
	if inside == 0 {
		return pipeline.Truth{}, false
	}
	if box.x0 >= box.x1 {
		box = r
	}
	return pipeline.Truth{
		ID: s.id, VX: s.vx, VY: s.vy, Visible: min(1, seen/s.area()),
		X0: max(s.cx-s.ex, float64(box.x0)), Y0: max(s.cy-s.ey, float64(box.y0)),
		X1: min(s.cx+s.ex, float64(box.x1)), Y1: min(s.cy+s.ey, float64(box.y1)),
	}, true
}

// clear is the share of a pixel that nothing before actor i covers.
func (w *witness) clear(actors []shape, i int, px, py float64) float64 {
	c := 1.
	for j := i + 1; j < len(actors); j++ {
		c *= 1 - actors[j].coverage(px, py)
	}
	if w.canvas.scene.pillar > 0 {
		c *= 1 - w.canvas.pillar.coverage(px, py)
	}
	return c
}
