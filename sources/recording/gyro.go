package recording

import (
	"math"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// gyro takes the samples of a camera's gyroscope out of what lies beside the
// events. A recorder writes them in packets, often behind the events of the same
// time, so that a sample belongs to the time of the last event before it, if that
// is later than its own: then who reads the stream knows at each time the same
// samples, whatever the windows are.
type gyro struct {
	pending []pipeline.AngularRate // in order of At, not yet delivered
	fresh   int                    // of these are of the block that is read
	last    int64                  // At of the latest sample, µs
}

// mostGyro bounds the samples that wait for the events of their time: eight
// seconds of the quickest gyroscopes.
const mostGyro = 1 << 16

// see takes the samples of a block, as they stand in the recording, and returns how
// many are too many. factors are [format.Info.Gyro].
func (g *gyro) see(b *format.Block, factors [3]float32) (dropped int) {
	g.fresh = 0
	if factors == [3]float32{} {
		return 0
	}
	for i := range b.Side {
		s := &b.Side[i]
		if s.Kind != format.IMUSample {
			continue
		}
		if len(g.pending) == mostGyro {
			dropped++
			continue
		}
		at := s.T
		if s.Before > 0 {
			at = max(at, b.Events[s.Before-1].T)
		}
		v := s.IMU.Gyro
		g.pending = append(g.pending, pipeline.AngularRate{
			T: s.T, At: at, X: float32(v[0] * factors[0]), Y: float32(v[1] * factors[1]), Z: float32(v[2] * factors[2]),
		})
		g.fresh++
	}
	return dropped
}

// settle gives the samples that see took the times of the stream: origin is taken
// off, last is the time of the last event of the blocks before and reached that of
// this one. Those before the first event of the recording, and those outside
// [start, end), are left out. It returns how many have a time that cannot be, far
// after all that was read: one of them would hold back all others.
func (g *gyro) settle(origin, last, reached, start, end int64) (bad int) {
	n := len(g.pending) - g.fresh
	for _, r := range g.pending[n:] {
		r.T, r.At = r.T-origin, max(r.At-origin, last, g.last)
		if r.At > max(reached, g.last)+gyroLate {
			bad++
			continue
		}
		if r.T < last-gyroLate || r.At < start || r.At >= end {
			continue
		}
		g.last = r.At
		g.pending[n] = r
		n++
	}
	g.pending, g.fresh = g.pending[:n], 0
	return bad
}

// gyroLate is how old a sample may be, µs, when the stream brings it: older ones
// tell nothing about what comes. And so far may it be ahead of what was read.
const gyroLate = 1_000_000

// deliver appends the samples that the stream brings before end.
func (g *gyro) deliver(dst []pipeline.AngularRate, end int64) []pipeline.AngularRate {
	n := 0
	for n < len(g.pending) && g.pending[n].At < end {
		n++
	}
	dst = append(dst, g.pending[:n]...)
	g.pending = g.pending[:copy(g.pending, g.pending[n:])]
	return dst
}

// forget drops the samples that see took: there is not an event yet to tell their time.
func (g *gyro) forget() { g.pending, g.fresh = g.pending[:len(g.pending)-g.fresh], 0 }

// never is later than everything.
const never = math.MaxInt64
