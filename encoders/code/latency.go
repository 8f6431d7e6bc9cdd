package code

import (
	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// latency is the family of codes with one spike, the earlier the larger the
// value: linear, logarithmic, and time to first spike.
type latency struct {
	stateless
	frame
	delay func(x float64) float64  // µs after the frame's time; from the period on no spike
	value func(dt float64) float64 // its inverse
}

func newLatency(c Config, f frame) *latency {
	floor, tau, period := c.Floor, float64(c.Tau.Microseconds()), float64(f.period)
	l := &latency{frame: f}
	switch c.Type {
	case "latency":
		l.delay = func(x float64) float64 {
			if x <= floor {
				return period
			}
			return (1 - x) * period
		}
		l.value = func(dt float64) float64 { return 1 - dt/period }
	case "log_latency":
		l.delay = func(x float64) float64 {
			if x <= floor {
				return period
			}
			return tau * portable.Log(x/(x-floor))
		}
		l.value = func(dt float64) float64 { return floor / -portable.Expm1(-dt/tau) }
	default:
		l.delay = func(x float64) float64 { return -tau * portable.Log(x) }
		l.value = func(dt float64) float64 { return portable.Exp(-dt / tau) }
	}
	return l
}

func (l *latency) Channels() int { return 1 }

func (l *latency) Append(t int64, x []float32, out *pipeline.Spikes) {
	for i, v := range x {
		if dt := l.delay(unit(v)); dt < float64(l.period) {
			l.put(int64(dt), i)
		}
	}
	l.flush(t, out)
}

// Decode inverts the delay in the middle of its microsecond. A value without a
// spike is 0.
func (l *latency) Decode(t int64, s *pipeline.Spikes, x []float32) {
	clear(x)
	for i, at := range s.T {
		v := float32(unit(float32(l.value(float64(at-t) + 0.5))))
		for _, id := range s.Run(i) {
			x[id] = v
		}
	}
}
