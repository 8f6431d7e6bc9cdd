package motion

import (
	"math"
	"testing"

	"ganglion/network/motion/track"
	"ganglion/pipeline"
)

const testFocal = 200.

// gyroFor is a gyroscope behind a lens on a sensor of 320x240 px.
func gyroFor(t *testing.T, axes string) *gyro {
	t.Helper()
	c := newCamera(CameraConfig{Moving: true, Focal: testFocal, Axes: axes}, 320, 240)
	return &c.gyro
}

// turnBy feeds samples of one rate each 1 ms from a time on, µs.
func (g *gyro) turnBy(r [3]float32, from, to int64, still bool) {
	for t := from; t < to; t += 1000 {
		g.take(&pipeline.AngularRate{T: t, At: t, X: r[0], Y: r[1], Z: r[2]}, still)
	}
}

// TestATurnMovesThePictureAsAPinholeDoes holds the flow against where a pinhole camera
// sees a far point a moment later.
func TestATurnMovesThePictureAsAPinholeDoes(t *testing.T) {
	t.Parallel()
	g := gyroFor(t, "x y z")
	for _, r := range []angular{{.4, 0, 0}, {0, -.3, 0}, {0, 0, .5}, {.2, .3, -.1}} {
		for _, at := range []track.Vec{{X: 160, Y: 120}, {X: 10, Y: 20}, {X: 300, Y: 200}} {
			p := [3]float64{(at.X - 160) / testFocal, (at.Y - 120) / testFocal, 1}
			const dt = 1e-6 // s; a far point moves by -rate x point
			q := [3]float64{
				p[0] - dt*(r[1]*p[2]-r[2]*p[1]), p[1] - dt*(r[2]*p[0]-r[0]*p[2]), p[2] - dt*(r[0]*p[1]-r[1]*p[0]),
			}
			want := track.Vec{X: (q[0]/q[2] - p[0]) * testFocal / dt, Y: (q[1]/q[2] - p[1]) * testFocal / dt}
			if got := g.flow(r, at.X, at.Y); got.Minus(want).Norm() > .01 {
				t.Errorf("rate %v at %v: the picture flows with %v px/s, a pinhole shows %v", r, at, got, want)
			}
		}
	}
}

func TestTheFlowOfATurnIsThatOfTheLayer(t *testing.T) {
	t.Parallel()
	g := gyroFor(t, "x y z")
	plain := g.flow(angular{.2, .3, -.1}, 100, 90)
	g.place(pipeline.View{XX: -2, X: 320, YY: 2, Y: 10}, 320, 240) // halved, mirrored, without the rows above
	got := g.flow(angular{.2, .3, -.1}, 110, 40)                   // the same pixel
	if want := (track.Vec{X: -plain.X / 2, Y: plain.Y / 2}); got.Minus(want).Norm() > 1e-9 {
		t.Errorf("the layer flows with %v, want %v", got, want)
	}
}

func TestTheBiasIsLearnedAtRest(t *testing.T) {
	t.Parallel()
	g := gyroFor(t, "x y z")
	bias := [3]float32{.09, -.02, .01}
	g.turnBy(bias, 0, 200_000, true)
	if g.bias != (angular{}) {
		t.Fatalf("after 200 ms the bias is %v", g.bias)
	}
	g.turnBy(bias, 200_000, 1_000_000, true)
	for i := range bias {
		if math.Abs(g.bias[i]-float64(bias[i])) > 1e-3 {
			t.Fatalf("the bias is %v, want %v", g.bias, bias)
		}
	}
	was := g.bias
	g.turnBy([3]float32{.15, 0, 0}, 1_000_000, 3_000_000, false) // an even pan, as the flow says
	if g.bias != was {
		t.Errorf("a pan has changed the bias from %v to %v", was, g.bias)
	}
	if g.step(3_000_000, 10_000); !g.ready || math.Abs(g.now[0]-.06) > 2e-3 || !g.moves(3_000_000) {
		t.Errorf("the camera turns by %v, ready %v", g.now, g.ready)
	}
	if g.step(3_100_000, 10_000); g.ready || g.moves(3_100_000) {
		t.Error("samples of 100 ms ago tell how the camera turns")
	}
}

// TestAFlowIsHeldAgainstTheTimeItTook turns the camera back and forth: a flow that
// was measured over the way back is one, over both is none.
func TestAFlowIsHeldAgainstTheTimeItTook(t *testing.T) {
	t.Parallel()
	g := gyroFor(t, "x y z")
	g.turnBy([3]float32{0, .3, 0}, 0, 100_000, false)
	g.turnBy([3]float32{0, -.3, 0}, 100_000, 200_001, false)
	g.step(200_000, 10_000)
	quick := spike{Point: track.Point{T: 195_000, X: 160, Y: 120}, slowness: [2]float32{1. / 60, 0}}
	if g.predict(&quick); math.Abs(float64(quick.turned[0])-60) > 1 || quick.slowness == [2]float32{} {
		t.Errorf("an edge of the last 67 ms: the picture moved by %v px/s, want 60", quick.turned)
	}
	slow := spike{Point: track.Point{T: 195_000, X: 160, Y: 120}, slowness: [2]float32{1. / 32, 0}}
	if g.predict(&slow); slow.slowness != [2]float32{} {
		t.Errorf("a flow over 125 ms, in which the camera turned back, is kept: %v", slow.slowness)
	}
}

func TestAxesOfAGyroscopeAreThreeOfThree(t *testing.T) {
	t.Parallel()
	g := gyroFor(t, "-y x -z")
	if got := g.turnedInto(angular{1, 2, 3}); got != (angular{-2, 1, -3}) {
		t.Errorf("(1, 2, 3) about -y x -z is %v", got)
	}
	for _, axes := range []string{"", "x y", "x y z z", "x x z", "x y w", "x y --z", "xy y z"} {
		if err := (CameraConfig{Axes: axes}).Validate(); err == nil {
			t.Errorf("axes %q are taken", axes)
		}
	}
}

// TestOddSamplesOfAGyroscopeAreLeftOut feeds what no sensor tells.
func TestOddSamplesOfAGyroscopeAreLeftOut(t *testing.T) {
	t.Parallel()
	g := gyroFor(t, "x y z")
	g.turnBy([3]float32{.1, 0, 0}, 0, 100_000, false)
	was := g.latest()
	nan := float32(math.NaN())
	for _, r := range []pipeline.AngularRate{{T: 100_000, X: nan}, {T: 101_000, Y: 1e30}, {T: 50_000, X: 1}} {
		g.take(&r, false)
	}
	if g.latest() != was {
		t.Errorf("the camera has turned from %+v to %+v", was, g.latest())
	}
	g.take(&pipeline.AngularRate{T: 1_000_000, X: 1}, false) // behind a gap
	if g.n != 1 || g.latest().angle != (angular{}) {
		t.Errorf("behind a gap: %d turns, %+v", g.n, g.latest())
	}
}
