package network

import (
	"time"

	"ganglion/internal/portable"
)

// maxSpan bounds refractory periods and times of travel: they must fit the
// 32-bit relative times of a shard with room to spare.
const maxSpan = 5 * time.Minute

// growth keeps values that decay with one time constant without touching
// them. A value v at time t is kept as
//
//	u = v*exp((t-start)/tau)
//
// which stays the same while v decays, so an input adds its weight times the
// growth of its time, whatever the neuron's past, and a threshold grows along.
// That is one multiplication and one addition for a synapse. The simpler way,
// v and the time of its last change, costs a decay at every synapse and half
// as much memory again: 3.7 s in place of 2.8 for 30 million events (docs/decisions.md).
//
// A shard writes the values of its own runs alone, and turns them to the next
// frame itself when its first spike behind the frame's end arrives, or at the
// beginning of a window behind it: values are in the frame of the growth that
// they are kept with, and who reads them from outside settles all shards first.
//
// The growth would overflow, so sensor time is cut into frames of 64 tau, and
// start is the beginning of the current one. At its end all values shrink by
// exp(-64); what a frame has forgotten becomes zero. Frames lie at multiples of
// their length in sensor time: windows and shards do not move them.
type growth struct {
	fine   [growthFine]float32 // exp(i/tau)
	coarse []float32           // exp(i*growthFine/tau)
	length int64               // of a frame, µs
	shrink float32             // exp(-length/tau)

	frame int64 // the frame that the values are kept in
	start int32 // its beginning, relative time
}

const (
	growthBits = 9
	growthFine = 1 << growthBits

	// frameTaus is the length of a frame in time constants: exp(64) is 6e27,
	// which leaves room for values up to 1e10.
	frameTaus = 64
	// maxFrame bounds the tables of very long time constants, µs.
	maxFrame = 1 << 29
	// forgotten is what a shrunk value must exceed to be kept. It is far below
	// what changes a sum in float32.
	forgotten = 1e-12
)

func newGrowth(tau time.Duration) growth {
	us := float64(tau) / float64(time.Microsecond)
	g := growth{length: int64(max(min(frameTaus*us, maxFrame), 1))}
	for i := range g.fine {
		g.fine[i] = float32(portable.Exp(float64(i) / us))
	}
	g.coarse = make([]float32, g.length>>growthBits+1)
	for i := range g.coarse {
		g.coarse[i] = float32(portable.Exp(float64(i) * growthFine / us))
	}
	g.shrink = float32(portable.Exp(-float64(g.length) / us))
	return g
}

// at returns exp(dt/tau) for 0 <= dt < length, µs.
func (g *growth) at(dt int32) float32 {
	return float32(g.fine[dt&(growthFine-1)] * g.coarse[dt>>growthBits])
}

// now is the growth at relative time t, which must lie in the current frame.
func (g *growth) now(t int32) float32 { return g.at(t - g.start) }

// behind reports whether relative time t lies behind the current frame.
func (g *growth) behind(t int32) bool { return int64(t)-int64(g.start) >= g.length }

// turn moves on to the frame of sensor time t and shrinks the values of the
// given runs of neurons accordingly.
func (g *growth) turn(t, base int64, values []float32, runs []segment) {
	before := g.frame
	g.place(t, base)
	for range g.frame - before {
		if !g.shrinkAll(values, runs) {
			break
		}
	}
}

// place takes the values as being kept in the frame of sensor time t.
func (g *growth) place(t, base int64) {
	g.frame = g.frameOf(t)
	g.start = int32(g.frame*g.length - base)
}

func (g *growth) frameOf(t int64) int64 {
	if t%g.length < 0 {
		return t/g.length - 1
	}
	return t / g.length
}

// kept is a value v of sensor time t, in the current frame or before, as it is
// kept now.
func (g *growth) kept(v float32, t int64) float32 {
	if v == 0 {
		return 0
	}
	frame := g.frameOf(t)
	u := float32(v * g.at(int32(t-frame*g.length)))
	for range g.frame - frame {
		if u = g.shrunk(u); u == 0 {
			break
		}
	}
	return u
}

// shrunk is what becomes of a kept value at the end of a frame.
func (g *growth) shrunk(u float32) float32 {
	if u = float32(u * g.shrink); u < forgotten && u > -forgotten {
		return 0
	}
	return u
}

// shrinkAll reports whether anything is left. Neurons in their refractory period
// (NaN) stay.
func (g *growth) shrinkAll(values []float32, runs []segment) (left bool) {
	for _, r := range runs {
		row := values[r.first : r.first+r.n]
		for i, u := range row {
			if u == 0 {
				continue
			}
			u = g.shrunk(u)
			row[i] = u
			left = left || u != 0 && u == u
		}
	}
	return left
}
