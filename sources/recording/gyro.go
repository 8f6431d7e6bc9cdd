package recording

import (
	"math"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// Gyro is what a camera's gyroscope told and nobody has asked for yet. A recorder
// writes its samples in packets, often behind the events of the same time, so that a
// sample belongs to the time of the last event before it, if that is later than its
// own: then who reads the stream knows at each time the same samples, whatever the
// windows are. The zero value is empty; it is used from one goroutine.
type Gyro struct {
	pending []pipeline.AngularRate // in order of At, not yet delivered
	fresh   int                    // of these are of the block that is read
	last    int64                  // At of the latest sample, µs
}

// mostGyro bounds the samples that wait for the events of their time: eight
// seconds of the quickest gyroscopes.
const mostGyro = 1 << 16

// Rates appends the samples of a block, as they stand in the stream. factors are
// [format.Info.Gyro]: none where all are 0.
func Rates(dst []pipeline.AngularRate, b *format.Block, factors [3]float32) []pipeline.AngularRate {
	if factors == [3]float32{} {
		return dst
	}
	for i := range b.Side {
		s := &b.Side[i]
		if s.Kind != format.IMUSample {
			continue
		}
		at := s.T
		if s.Before > 0 {
			at = max(at, b.Events[s.Before-1].T)
		}
		v := s.IMU.Gyro
		dst = append(dst, pipeline.AngularRate{
			T: s.T, At: at, X: float32(v[0] * factors[0]), Y: float32(v[1] * factors[1]), Z: float32(v[2] * factors[2]),
		})
	}
	return dst
}

// Take takes in the samples of a block from [Rates], and returns how many are too
// many.
func (g *Gyro) Take(rates []pipeline.AngularRate) (dropped int) {
	g.fresh = min(len(rates), mostGyro-len(g.pending))
	g.pending = append(g.pending, rates[:g.fresh]...)
	return len(rates) - g.fresh
}

// Settle gives the samples that Take took the times of the stream: origin is taken
// off, last is the time of the last event of the blocks before and reached that of
// this one. Those before the first event of the recording, and those outside
// [start, end), are left out. It returns how many have a time that cannot be, far
// after all that was read: one of them would hold back all others.
func (g *Gyro) Settle(origin, last, reached, start, end int64) (bad int) {
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

// Deliver appends the samples that the stream brings before end.
func (g *Gyro) Deliver(dst []pipeline.AngularRate, end int64) []pipeline.AngularRate {
	n := 0
	for n < len(g.pending) && g.pending[n].At < end {
		n++
	}
	dst = append(dst, g.pending[:n]...)
	g.pending = g.pending[:copy(g.pending, g.pending[n:])]
	return dst
}

// Forget drops the samples that Take took: there is not an event yet to tell their time.
func (g *Gyro) Forget() { g.pending, g.fresh = g.pending[:len(g.pending)-g.fresh], 0 }

// never is later than everything.
const never = math.MaxInt64
