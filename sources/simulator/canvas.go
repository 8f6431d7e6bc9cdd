package simulator

import (
	"math"

	"ganglion/internal/portable"
)

// canvas draws a scene onto the sensor.
type canvas struct {
	scene         *scene
	width, height int
	ground        *texture // nil for an even background
	row           []float32
	lens          lens
	lamp          rect // empty without flicker
	lampPhase     float64
	lampGain      float64 // the lamp's factor now
	pillar        shape   // no area without one
	drawn         []shape // the actors when they were last drawn
}

// The lamp of the flicker scene: intensity times 1 + depth sin(2 pi f t).
const (
	lampHz    = 100.
	lampDepth = .5
	lampSide  = 24. // u
	lampPlace = 8.  // distance from the upper left corner, u
)

func newCanvas(c Config, s *scene, rnd source) *canvas {
	unit := float64(min(c.Width, c.Height)) / unitsPerSide
	v := &canvas{lens: newLens(c, s, rnd), scene: s, width: c.Width, height: c.Height, lampGain: 1, drawn: make([]shape, len(s.actors))}
	if s.texture {
		v.ground, v.row = newTexture(rnd, unit), make([]float32, c.Width)
	}
	if s.flicker {
		from, to := int(lampPlace*unit), int((lampPlace+lampSide)*unit)
		v.lamp = rect{from, from, to, to}
		v.lampPhase = 2 * math.Pi * rnd.uniform(forFlicker, 0, 0)
	}
	if s.pillar > 0 {
		w, h := float64(c.Width), float64(c.Height)
		v.pillar = newShape(shape{form: bar, cx: w / 2, cy: h / 2, ux: 1, a: s.pillar / 2 * unit, b: h, level: pillarLevel})
	}
	return v
}

// move takes the background and the lamp to time t, µs.
func (v *canvas) move(t int64) {
	now := float64(t) / 1e6
	if v.scene.flicker {
		v.lampGain = 1 + float64(lampDepth*portable.Sin(math.Mod(float64(2*math.Pi*lampHz*now), 2*math.Pi)+v.lampPhase))
	}
	if v.ground != nil {
		v.ground.moveTo(v.scene.drift[0]*now, v.scene.drift[1]*now)
	}
	v.lens.moveTo(now)
}

// first shows the sensor the whole scene as if it had always been there.
func (v *canvas) first(s *sensor, actors []shape) {
	v.move(0)
	for y := range v.height {
		for x := range v.width {
			s.settle(y*v.width+x, v.intensity(x, y, actors))
		}
	}
	copy(v.drawn, actors)
}

// draw shows the sensor what is new at time t, µs.
func (v *canvas) draw(s *sensor, actors []shape, t int64) {
	v.move(t)
	if v.ground != nil {
		v.drawGround(s, actors)
		return
	}
	v.fill(s, actors, v.lamp)
	for i := range actors {
		v.edges(s, actors, &v.drawn[i], &actors[i])
	}
	copy(v.drawn, actors)
}

// drawGround draws every pixel: a row of background at a time, then again
// where an actor is.
func (v *canvas) drawGround(s *sensor, actors []shape) {
	for y := range v.height {
		v.groundRow(y)
		for x, level := range v.row {
			s.see(y*v.width+x, float64(level))
		}
	}
	for i := range actors {
		v.fill(s, actors, actors[i].bounds(1, v.width, v.height))
	}
}

// groundRow has the levels of the background that row y sees.
func (v *canvas) groundRow(y int) {
	if !v.lens.turns {
		v.ground.row(y, v.row)
		return
	}
	for x := range v.row {
		v.row[x] = v.ground.sample(v.lens.at(x, y))
	}
}

func (v *canvas) fill(s *sensor, actors []shape, r rect) {
	for y := r.y0; y < r.y1; y++ {
		for x := r.x0; x < r.x1; x++ {
			s.see(y*v.width+x, v.intensity(x, y, actors))
		}
	}
}

// edges draws the pixels that may have changed while an actor went from was
// to is: those whose distance from the outline is at most the way that any of
// its points went, and a pixel for the anti-aliasing. As the distance changes
// by at most 1 a pixel, larger distances are jumped over.
func (v *canvas) edges(s *sensor, actors []shape, was, is *shape) {
	if was.id != is.id {
		return // both are out of sight
	}
	moved := portable.Hypot(is.cx-was.cx, is.cy-was.cy) + math.Abs(is.a-was.a)
	r := is.bounds(moved+1, v.width, v.height)
	for y := r.y0; y < r.y1; y++ {
		for x := r.x0; x < r.x1; x++ {
			d := math.Abs(is.distance(float64(x)+.5, float64(y)+.5)) - moved
			if d > 2 {
				x += int(d) - 2 // and 1 of the loop
				continue
			}
			s.see(y*v.width+x, v.intensity(x, y, actors))
		}
	}
}

// groundAt is the level of the background that a pixel sees.
func (v *canvas) groundAt(x, y int) float64 {
	if v.lens.turns {
		return float64(v.ground.sample(v.lens.at(x, y)))
	}
	return v.ground.at(x, y)
}

// intensity is what pixel (x, y) sees: the layers from back to front.
func (v *canvas) intensity(x, y int, actors []shape) float64 {
	level := groundLevel
	if v.ground != nil {
		level = v.groundAt(x, y)
	}
	px, py := float64(x)+.5, float64(y)+.5
	for i := range actors {
		level += float64(actors[i].coverage(px, py) * (actors[i].level - level))
	}
	if v.scene.pillar > 0 {
		level += float64(v.pillar.coverage(px, py) * (v.pillar.level - level))
	}
	if l := v.lamp; x >= l.x0 && x < l.x1 && y >= l.y0 && y < l.y1 {
		level *= v.lampGain
	}
	return level
}
