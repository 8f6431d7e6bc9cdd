package classifier

import (
	"math"
	"time"

	"ganglion/internal/portable"
	"ganglion/internal/random"
	"ganglion/pipeline"
)

// Ranges are what a recording's variations are drawn from.
type Ranges struct {
	Shift  int           `key:"shift" doc:"Farthest that all events move, in columns and in rows." unit:"px" min:"0" max:"1024"`
	Turn   float64       `key:"turn" doc:"Greatest angle by which the picture is turned about its middle, either way." unit:"deg" min:"0" max:"180"`
	Scale  float64       `key:"scale" doc:"Greatest factor by which the picture grows about its middle, or shrinks." min:"1" max:"4"`
	Mirror bool          `key:"mirror" doc:"Half of all examples are mirrored, left to right."`
	Jitter time.Duration `key:"jitter" doc:"Standard deviation of each event's time." min:"0s" max:"1s"`
	Drop   float64       `key:"drop" doc:"Largest share of events that are left out." min:"0" max:"0.95"`
	Noise  float64       `key:"noise" doc:"Highest rate of events at random, of a pixel." unit:"Hz" min:"0" max:"1000"`
}

// variation is what was drawn for one example.
type variation struct {
	dx, dy int
	a, b   float64 // a turn and a scale: (x, y) becomes (a x - b y, b x + a y)
	mirror bool
	jitter float64 // µs
	drop   float64
	noise  float64 // Hz a pixel
	key    random.Key
}

// draw draws a variation.
func (r Ranges) draw(key random.Key) variation {
	v := variation{jitter: float64(r.Jitter.Microseconds()), key: key}
	v.dx = key.With(0).Below(0, 2*r.Shift+1) - r.Shift
	v.dy = key.With(1).Below(0, 2*r.Shift+1) - r.Shift
	u := float64(key.Uniform(7)) // rounded, as a product that is then added would not be
	angle, scale := key.Between(6, -r.Turn, r.Turn)*math.Pi/180, portable.Exp((u-(1-u))*portable.Log(r.Scale))
	v.a, v.b = scale*portable.Cos(angle), scale*portable.Sin(angle)
	v.mirror = r.Mirror && key.Uniform(2) < .5
	v.drop = key.Between(3, 0, r.Drop)
	v.noise = key.Between(4, 0, r.Noise)
	return v
}

// What an event's random numbers are for.
const (
	forDrop = iota + 16
	forJitter
	forNoise
)

// event is event i of the window as the variation shows it; false where it is
// left out or leaves the sensor.
func (v *variation) event(e pipeline.Event, i, width, height int) (t, x, y int, seen bool) {
	if v.drop > 0 && v.key.With(forDrop).Uniform(uint64(i)) < v.drop {
		return 0, 0, 0, false
	}
	t, x, y = int(e.T), int(e.X), int(e.Y)
	if v.a != 1 || v.b != 0 {
		cx, cy := float64(float64(width-1)/2), float64(float64(height-1)/2)
		fx, fy := float64(x)-cx, float64(y)-cy
		x = int(math.Round(float64(v.a*fx) - float64(v.b*fy) + cx))
		y = int(math.Round(float64(v.b*fx) + float64(v.a*fy) + cy))
	}
	x, y = x+v.dx, y+v.dy
	if v.mirror {
		x = width - 1 - x
	}
	if v.jitter > 0 {
		t += int(v.jitter * v.key.With(forJitter).Normal(uint64(i)))
	}
	return t, x, y, x >= 0 && x < width && y >= 0 && y < height
}
