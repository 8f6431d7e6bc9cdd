package track

import (
	"errors"
	"math"

	"ganglion/pipeline/state"
)

// Codec carries values to a snapshot or from one, so that one list of fields
// serves both ways and they cannot disagree. What it reads is bounded by what
// the configuration allows.
type Codec struct {
	out []byte
	in  *state.Reader // nil when values go to the snapshot
	bad bool          // a value is impossible
}

// NewWriter carries values behind b.
func NewWriter(b []byte) *Codec { return &Codec{out: b} }

// NewReader carries values from b.
func NewReader(b []byte) *Codec { return &Codec{in: state.NewReader(b)} }

// Reading says that values come from the snapshot.
func (c *Codec) Reading() bool { return c.in != nil }

// Bytes is the written snapshot.
func (c *Codec) Bytes() []byte { return c.out }

var errImpossible = errors.New("track: the snapshot holds a value that no readout of this configuration has")

// Close returns the error of a snapshot that does not fit.
func (c *Codec) Close() error {
	switch {
	case c.in == nil:
		return nil
	case c.in.Err() == nil && c.bad:
		return errImpossible
	}
	return c.in.Close()
}

// Demand makes the snapshot that is read impossible unless ok.
func (c *Codec) Demand(ok bool) { c.bad = c.bad || c.in != nil && !ok }

// Uint64 carries one value.
func (c *Codec) Uint64(v *uint64) {
	if c.in != nil {
		*v = c.in.Uint64()
	} else {
		c.out = state.AppendUint64(c.out, *v)
	}
}

// Integer carries one value of another integer type.
func Integer[T ~int | ~int8 | ~int32 | ~int64 | ~uint32](c *Codec, v *T) {
	u := uint64(int64(*v))
	c.Uint64(&u)
	*v = T(u)
}

// float carries one float, which must be finite.
func (c *Codec) float(v *float64) {
	u := math.Float64bits(*v)
	c.Uint64(&u)
	*v = math.Float64frombits(u)
	c.Demand(!math.IsNaN(*v) && !math.IsInf(*v, 0))
}

// Float32 carries one float of single precision.
func (c *Codec) Float32(v *float32) {
	f := float64(*v)
	c.float(&f)
	*v = float32(f)
}

// flag carries one bit.
func (c *Codec) flag(v *bool) {
	u := uint64(0)
	if *v {
		u = 1
	}
	c.Uint64(&u)
	*v = u == 1
}

// vec carries both coordinates.
func (c *Codec) vec(v *Vec) {
	c.float(&v.X)
	c.float(&v.Y)
}

// Point carries a point that lies within width and height.
func (c *Codec) Point(p *Point, width, height int) {
	Integer(c, &p.T)
	c.Float32(&p.X)
	c.Float32(&p.Y)
	c.flag(&p.On)
	inside := p.X >= 0 && p.X < float32(width) && p.Y >= 0 && p.Y < float32(height)
	if c.Demand(inside); !inside {
		p.X, p.Y = 0, 0
	}
}

// Length carries a length or an index, which is at most most; 0 comes from a
// snapshot where it is not.
func (c *Codec) Length(n, most int) int {
	Integer(c, &n)
	ok := n >= 0 && n <= most
	if c.Demand(ok); !ok || c.in != nil && c.in.Err() != nil {
		return 0
	}
	return n
}
