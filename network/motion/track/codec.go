package track

import (
	"math"

	"ganglion/pipeline/state"
)

// Finite carries one float, which must be a number.
func Finite[T float32 | float64](c *state.Codec, v *T) {
	f := float64(*v)
	c.Float64(&f)
	*v = T(f)
	c.Demand(!math.IsNaN(f) && !math.IsInf(f, 0), "a value is not a number")
}

// fields carries both coordinates.
func (v *Vec) fields(c *state.Codec) {
	Finite(c, &v.X)
	Finite(c, &v.Y)
}

// Fields carries a point that lies within width and height.
func (p *Point) Fields(c *state.Codec, width, height int) {
	state.Integer(c, &p.T)
	c.Float32(&p.X)
	c.Float32(&p.Y)
	c.Bool(&p.On)
	if inside := p.X >= 0 && p.X < float32(width) && p.Y >= 0 && p.Y < float32(height); !inside {
		c.Demand(false, "a point outside the sensor")
		p.X, p.Y = 0, 0
	}
}
