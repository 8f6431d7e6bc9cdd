package motion

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"ganglion/internal/portable"
	"ganglion/network/motion/track"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// gyro tells by a gyroscope how the picture flows while the camera turns. It sums
// the rates up to angles: what an edge has travelled between two pixels is held
// against how far the camera has turned meanwhile, not against how fast it turns
// now.
type gyro struct {
	focal        float64       // px of the sensor; 0: there is no use for a gyroscope
	axes         [3]axis       // which of its axes point right, down and away from the lens
	middle       track.Vec     // of the sensor, px; the lens's axis
	view         pipeline.View // of the layer
	back         pipeline.View // the other way, of displacements alone
	turns        []turn        // ring, in order of time
	next, n      int
	bias         angular // rad/s, of the sensor at rest
	mean, square angular // of the rates of late, without their bias taken off
	rested       int64   // since when the rates have hardly changed, µs
	turned       int64   // when the picture last moved by the camera's turning, µs
	known        bool    // there is a sample
	ready        bool    // the samples reach the current period
	now, late    angular // rates: mean over the period, and over the time that flows are of
}

// angular is an angular rate, rad/s, or an angle, rad, about the axes right, down and
// away from the lens.
type angular [3]float64

// axis is an axis of the gyroscope, 0 to 2, or its opposite.
type axis struct {
	of   int
	sign float64
}

// axes reads which axes of the gyroscope those of the camera are.
func (c CameraConfig) axes() (a [3]axis, err error) {
	words, used := strings.Fields(c.Axes), [3]bool{}
	if len(words) != len(a) {
		return a, fmt.Errorf("camera.axes: %q are not three axes such as x y z", c.Axes)
	}
	for i, word := range words {
		name, minus := strings.CutPrefix(word, "-")
		k := strings.Index("xyz", name)
		if len(name) != 1 || k < 0 || used[k] {
			return a, fmt.Errorf("camera.axes: %q are not x, y and z in some order, each with or without a minus", c.Axes)
		}
		a[i], used[k] = axis{k, 1}, true
		if minus {
			a[i].sign = -1
		}
	}
	return a, nil
}

// Validate checks what the field tags cannot say.
func (c CameraConfig) Validate() error {
	_, err := c.axes()
	return err
}

// turnedInto is a rate of the gyroscope about the camera's axes.
func (g *gyro) turnedInto(r angular) (v angular) {
	for i, a := range g.axes {
		v[i] = float64(a.sign * r[a.of])
	}
	return v
}

// turn is how far the camera had turned at a time.
type turn struct {
	t     int64 // µs
	angle angular
	way   float64 // of the lens's axis, rad, to and fro
}

const (
	gyroGrid   = 1_000   // µs: samples closer than that are summed up
	gyroRing   = 256     // turns
	gyroStale  = 40_000  // µs: a sample tells nothing about what is later
	gyroGap    = 200_000 // µs: no turning is assumed over a longer gap
	gyroTau    = 100_000 // µs, of the mean that tells rest
	gyroRest   = 250_000 // µs: after that the rates are the bias
	gyroSpread = .012    // rad/s: standard deviation at rest
	gyroBias   = .2      // rad/s: largest bias
	gyroLearn  = 500_000 // µs, time constant of the bias
	gyroFlow   = 6.      // px/s: what is less is rest
	gyroAfter  = 150_000 // µs: flows tell of what was so long ago
	flowTravel = 4.      // px, over which a flow is measured
	flowLeast  = 4_000   // µs
	flowMost   = 130_000 // µs
	flowFro    = .5      // px, of the way to and fro beyond the way from place to place
	flowMean   = 40_000  // µs: what the flows of a cluster are of
)

// place says where the layer lies on the sensor, whose size is in px.
func (g *gyro) place(v pipeline.View, w, h int) {
	g.middle = track.Vec{X: float64(w) / 2, Y: float64(h) / 2}
	if g.view = v; v.Same() {
		return
	}
	det := float64(v.XX*v.YY) - float64(v.XY*v.YX)
	g.back = pipeline.View{XX: v.YY / det, XY: -v.XY / det, YX: -v.YX / det, YY: v.XX / det}
}

// take adds a sample. still reports that the picture does not flow as one, so that
// what the gyroscope tells then may be its bias.
func (g *gyro) take(r *pipeline.AngularRate, still bool) {
	if g.focal == 0 || !finite(r) {
		return
	}
	rate := g.turnedInto(angular{float64(r.X), float64(r.Y), float64(r.Z)})
	last := g.latest()
	dt := r.T - last.t
	switch {
	case !g.known || dt > gyroGap:
		g.known, g.next, g.n = true, 0, 0
		g.mean, g.square, g.rested = rate, angular{}, r.T
		g.push(turn{t: r.T})
		return
	case dt <= 0:
		return
	}
	g.rest(rate, r.T, dt, still)
	seconds := float64(dt) * 1e-6
	for i := range last.angle {
		rate[i] -= g.bias[i]
		last.angle[i] += float64(rate[i] * seconds)
	}
	last.way += float64(portable.Hypot(rate[0], rate[1]) * seconds)
	last.t = r.T
	if g.n > 1 && r.T-g.at(g.n-2).t < gyroGrid {
		g.turns[(g.next+gyroRing-1)%gyroRing] = last
		return
	}
	g.push(last)
}

func finite(r *pipeline.AngularRate) bool {
	const most = 100 // rad/s
	return math.Abs(float64(r.X)) < most && math.Abs(float64(r.Y)) < most && math.Abs(float64(r.Z)) < most
}

// rest learns the bias while the camera is at rest.
func (g *gyro) rest(rate angular, t, dt int64, still bool) {
	share := float64(dt) / float64(dt+gyroTau)
	spread, bias := 0., 0.
	for i := range rate {
		off := rate[i] - g.mean[i]
		g.mean[i] += float64(share * off)
		g.square[i] += float64(share * (float64(off*off) - g.square[i]))
		spread, bias = max(spread, g.square[i]), max(bias, math.Abs(g.mean[i]))
	}
	if spread > gyroSpread*gyroSpread || bias > gyroBias || !still {
		g.rested = t
		return
	}
	if t-g.rested < gyroRest {
		return
	}
	learn := float64(dt) / float64(dt+gyroLearn)
	if g.bias == (angular{}) {
		learn = 1
	}
	for i := range g.bias {
		g.bias[i] += float64(learn * (g.mean[i] - g.bias[i]))
	}
}

func (g *gyro) push(t turn) {
	if g.turns == nil {
		g.turns = make([]turn, gyroRing)
	}
	g.turns[g.next] = t
	g.next, g.n = (g.next+1)%gyroRing, min(g.n+1, gyroRing)
}

// at is the k-th turn that is remembered, the oldest first.
func (g *gyro) at(k int) turn { return g.turns[(g.next-g.n+k+gyroRing)%gyroRing] }

func (g *gyro) latest() turn {
	if g.n == 0 {
		return turn{}
	}
	return g.at(g.n - 1)
}

// seen is how far the camera had turned at a time; behind the latest sample it
// turns on as before.
func (g *gyro) seen(t int64) turn {
	k := sort.Search(g.n, func(i int) bool { return g.at(i).t >= t })
	if k == 0 || g.n == 1 {
		return g.at(0)
	}
	k = min(k, g.n-1)
	a, b := g.at(k-1), g.at(k)
	share := float64(t-a.t) / float64(b.t-a.t)
	for i := range a.angle {
		a.angle[i] += float64(share * (b.angle[i] - a.angle[i]))
	}
	a.way += float64(share * (b.way - a.way))
	return a
}

// rate is the mean rate over a stretch of time, µs.
func (g *gyro) rate(from, to int64) angular {
	a, b := g.seen(from), g.seen(to)
	return b.since(&a, to-from)
}

// since is the mean rate since another turn, some µs before.
func (b *turn) since(a *turn, us int64) (rate angular) {
	for i := range rate {
		rate[i] = (b.angle[i] - a.angle[i]) / (float64(us) * 1e-6)
	}
	return rate
}

// step looks at the period that ends at end, and reports whether the samples reach it.
func (g *gyro) step(end, length int64) bool {
	g.ready = g.n > 1 && end-g.latest().t < gyroStale && end-length > g.at(0).t
	if !g.ready {
		return false
	}
	g.now, g.late = g.rate(end-length, end), g.rate(end-flowMean, end)
	size := float64(g.focal*portable.Hypot(g.now[0], g.now[1])) + float64(math.Abs(g.now[2])*g.middle.Norm()/2)
	if size > gyroFlow {
		g.turned = end
	}
	return true
}

// moves reports whether the camera turns, or has turned of late.
func (g *gyro) moves(end int64) bool { return g.ready && g.turned != 0 && end-g.turned < gyroAfter }

// flow is how a pixel of the layer flows when the camera turns at a rate, px/s of
// the layer (Longuet-Higgins and Prazdny 1980).
func (g *gyro) flow(r angular, x, y float64) track.Vec {
	x, y = g.view.At(x, y)
	x, y = x-g.middle.X, y-g.middle.Y
	u, v := x/g.focal, y/g.focal
	flow := track.Vec{
		X: float64(x*v*r[0]) - float64((g.focal+float64(x*u))*r[1]) + float64(y*r[2]),
		Y: float64((g.focal+float64(y*v))*r[0]) - float64(u*y*r[1]) - float64(x*r[2]),
	}
	flow.X, flow.Y = g.back.Way(flow.X, flow.Y)
	return flow
}

// predict tells a spike how the picture flowed at its pixel while its edge came
// from the pixels that its flow is measured over. Where the picture went to and fro
// meanwhile, the flow is of no edge's way, and is taken from the spike.
func (g *gyro) predict(s *spike) {
	s.turned = [2]float32{}
	if !g.ready {
		return
	}
	slow := portable.Hypot(float64(s.slowness[0]), float64(s.slowness[1]))
	travel := int64(min(max(slow*flowTravel*1e6, flowLeast), flowMost))
	a, b := g.seen(s.T-travel), g.seen(s.T)
	net := portable.Hypot(b.angle[0]-a.angle[0], b.angle[1]-a.angle[1])
	if g.focal*(b.way-a.way-net) > flowFro {
		s.slowness = [2]float32{}
		return
	}
	f := g.flow(b.since(&a, travel), float64(s.X), float64(s.Y))
	s.turned = [2]float32{float32(f.X), float32(f.Y)}
}

// fields carries the state to a snapshot or from one.
func (g *gyro) fields(s *state.Codec) {
	n := s.Length(g.n, gyroRing)
	if s.Reading() {
		g.next, g.n = 0, 0
	}
	for k := range n {
		var t turn
		if !s.Reading() {
			t = g.at(k)
		}
		state.Integer(s, &t.t)
		track.Finite(s, &t.way)
		for i := range t.angle {
			track.Finite(s, &t.angle[i])
		}
		if s.Reading() {
			g.push(t)
		}
	}
	for _, v := range []*angular{&g.bias, &g.mean, &g.square} {
		for i := range v {
			track.Finite(s, &v[i])
		}
	}
	state.Integer(s, &g.rested)
	state.Integer(s, &g.turned)
	s.Bool(&g.known)
	s.Bool(&g.ready)
}
