package code

import (
	"fmt"
	"math"

	"ganglion/pipeline"
)

// burst codes a value in number and interval of a short train.
type burst struct {
	stateless
	frame
	most        float64 // spikes of the value 1
	short, long float64 // interval of the values 1 and 0, µs
	first       []int64 // while decoding: the first two spikes of each value
	second      []int64
}

func newBurst(c Config, f frame) *burst {
	return &burst{
		frame: f, most: float64(c.MaxSpikes), first: make([]int64, f.values), second: make([]int64, f.values),
		short: float64(c.MinInterval.Microseconds()), long: float64(c.MaxInterval.Microseconds()),
	}
}

// checkBurst makes sure that every burst ends within the period. The longest
// of n spikes belongs to the least value that has n.
func (c *Config) checkBurst(period int64) error {
	short, long := float64(c.MinInterval.Microseconds()), float64(c.MaxInterval.Microseconds())
	if c.MaxSpikes < 2 || short < 1 || short >= long {
		return fmt.Errorf("max_spikes: %d spikes, %v to %v apart, hold no value", c.MaxSpikes, c.MinInterval, c.MaxInterval)
	}
	for n := 2; n <= c.MaxSpikes; n++ {
		least := float64(n-1) / float64(c.MaxSpikes)
		if span := float64(n-1) * (long - float64((long-short)*least)); span >= float64(period) {
			return fmt.Errorf("max_interval: a burst of %d takes %.0f µs of a period of %d µs", n, span, period)
		}
	}
	return nil
}

func (b *burst) Channels() int { return 1 }

func (b *burst) Append(t int64, x []float32, out *pipeline.Spikes) {
	for i, v := range x {
		u := unit(v)
		interval := math.Round(b.long - float64((b.long-b.short)*u))
		for k := range int(math.Ceil(b.most * u)) {
			b.put(int64(float64(k)*interval), i)
		}
	}
	b.flush(t, out)
}

// Decode takes the value from the interval, which is exact to a microsecond;
// that of a single spike is between 0 and 1/Nmax.
func (b *burst) Decode(t int64, s *pipeline.Spikes, x []float32) {
	for i := range b.first {
		b.first[i], b.second[i] = -1, -1
	}
	for i, at := range s.T {
		for _, id := range s.Run(i) {
			if b.first[id] < 0 {
				b.first[id] = at - t
			} else if b.second[id] < 0 {
				b.second[id] = at - t
			}
		}
	}
	for i := range x {
		switch {
		case b.first[i] < 0:
			x[i] = 0
		case b.second[i] < 0:
			x[i] = float32(0.5 / b.most)
		default:
			x[i] = float32((b.long - float64(b.second[i]-b.first[i])) / (b.long - b.short))
		}
	}
}
