package simulator

import (
	"math"

	"ganglion/internal/portable"
	"ganglion/internal/random"
)

// How far the seed varies what a scene declares.
const (
	varyAim   = .08 // share of the sensor's side
	varySpeed = .10
	varySize  = .10
	varyLevel = .06 // of the difference to the background
)

// The first pass begins with this share of its way already behind it, so that
// the object is in sight from the start.
const (
	firstPass     = .22
	varyFirstPass = .06
)

// stage moves a scene's actors. Time only goes forward.
type stage struct {
	rnd           source
	scene         *scene
	width, height float64
	unit          float64 // px per scene unit

	pass     uint64
	from, to float64 // the pass, s
	ways     []way   // one for each actor
	shapes   []shape // one for each actor, at the last time asked for
}

// way is what the seed made of one actor for one pass.
type way struct {
	form        form
	aim         [2]float64 // px
	dir         [2]float64 // unit vector of motion
	half        float64    // px from out of sight to the aim
	begin, end  float64    // px/s
	size, along float64    // half extents, px
	level       float64
}

func newStage(c Config, s *scene) *stage {
	g := &stage{
		rnd: source(random.Mix(c.Seed)), scene: s,
		width: float64(c.Width), height: float64(c.Height),
		unit: float64(min(c.Width, c.Height)) / unitsPerSide,
		ways: make([]way, len(s.actors)), shapes: make([]shape, len(s.actors)),
	}
	length := g.plan()
	lead := float64((firstPass + float64(varyFirstPass*g.rnd.spread(forStart, 0, 0))) * length)
	g.from, g.to = -lead, length-lead
	g.moveTo(0)
	return g
}

// plan draws the ways of the current pass and returns how long it lasts, s: as
// long as the slowest actor takes, so that all are half way at the same time.
func (g *stage) plan() float64 {
	longest := 0.
	for i := range g.scene.actors {
		w := g.way(i)
		if w.begin+w.end > 0 {
			longest = max(longest, 4*w.half/(w.begin+w.end))
		}
		g.ways[i] = w
	}
	return longest
}

func (g *stage) way(i int) way {
	a := &g.scene.actors[i]
	o := a.outlineOf(g.pass)
	key := g.pass<<8 | uint64(i)
	vary := func(p purpose, by float64) float64 { return float64(by * g.rnd.spread(p, key, 0)) }
	scale := g.unit * (1 + vary(forSize, varySize))
	speed := g.unit * (1 + vary(forSpeed, varySpeed))
	heading := (a.heading + vary(forHeading, a.swing)) * math.Pi / 180
	sin, cos := portable.Sin(heading), portable.Cos(heading)
	w := way{
		form: o.form,
		aim: [2]float64{
			g.width * (a.aim[0] + vary(forAim, varyAim)),
			g.height * (a.aim[1] + float64(varyAim*g.rnd.spread(forAim, key, 1))),
		},
		dir:   [2]float64{round16(cos), round16(sin)},
		begin: a.begin * speed, end: a.end * speed,
		size: o.size * scale, along: o.length * scale,
		level: a.level + float64((a.level-groundLevel)*vary(forLevel, varyLevel)),
	}
	w.half = g.reach(&w)
	return w
}

// reach is how far from its aim an actor is surely out of sight on both sides, px.
func (g *stage) reach(w *way) float64 {
	const margin = 2 // px, for the anti-aliasing
	s := w.at(w.aim[0], w.aim[1])
	leave := func(dx, dy float64) float64 {
		return min(exit(s.cx, g.width, dx, s.ex+margin), exit(s.cy, g.height, dy, s.ey+margin))
	}
	return max(leave(w.dir[0], w.dir[1]), leave(-w.dir[0], -w.dir[1]))
}

// exit is how far a point at position p must go until it is extent outside
// [0, size] when each pixel of its way changes p by d.
func exit(p, size, d, extent float64) float64 {
	switch {
	case d > 1e-9:
		return (size + extent - p) / d
	case d < -1e-9:
		return (p + extent) / -d
	}
	return math.Inf(1)
}

// moveTo places all actors at time t, µs.
func (g *stage) moveTo(t int64) {
	now := float64(t) / 1e6
	for now >= g.to && g.to > g.from {
		g.pass++
		g.from = g.to
		g.to += g.plan()
	}
	for i := range g.ways {
		g.shapes[i] = g.place(i, now)
	}
}

func (g *stage) place(i int, now float64) shape {
	a, w := &g.scene.actors[i], &g.ways[i]
	id := 1 + i + int(g.pass)*len(g.ways)
	if a.grow > 0 {
		grown := *w
		grown.size = round16(w.size + float64(triangle(now*a.grow, a.growTo-a.size)*g.unit))
		s := grown.at(w.aim[0], w.aim[1])
		s.id = id
		return s
	}
	// Constant acceleration from begin to end over the way of 2 half.
	tau := now - g.from
	gain := (float64(w.end*w.end) - float64(w.begin*w.begin)) / (4 * w.half)
	speed := w.begin + float64(gain*tau)
	gone := float64((w.begin+speed)/2*tau) - w.half
	s := w.at(round16(w.aim[0]+float64(gone*w.dir[0])), round16(w.aim[1]+float64(gone*w.dir[1])))
	s.id, s.vx, s.vy = id, speed*w.dir[0], speed*w.dir[1]
	return s
}

// at is the actor's shape with its middle at (x, y).
func (w *way) at(x, y float64) shape {
	return newShape(shape{form: w.form, cx: x, cy: y, a: w.size, b: w.along, ux: w.dir[0], uy: w.dir[1], level: w.level})
}

// triangle goes up from 0 to height and back, with slope 1.
func triangle(v, height float64) float64 {
	v = math.Mod(v, 2*height)
	return min(v, 2*height-v)
}
