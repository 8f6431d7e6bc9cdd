package network

import (
	"time"

	"ganglion/pipeline/portable"
)

// maxSpan bounds refractory times and times of travel: they must fit the
// 32-bit relative times of a shard with room to spare.
const maxSpan = 5 * time.Minute

// decay is exp(-dt/tau) for whole microseconds by two table look-ups and one
// multiplication. Beyond 16 tau (1.1e-7, below float32 resolution) it is zero,
// so that a neuron forgotten for long needs no exact time.
type decay struct {
	fine   [decayFine]float32 // exp(-i/tau)
	coarse []float32          // exp(-i*decayFine/tau)
	cut    int32              // µs
}

const (
	decayBits = 9
	decayFine = 1 << decayBits
)

func newDecay(tau time.Duration) *decay {
	us := float64(tau) / float64(time.Microsecond)
	d := &decay{cut: int32(min(16*us, 1<<29))}
	for i := range d.fine {
		d.fine[i] = float32(portable.Exp(-float64(i) / us))
	}
	d.coarse = make([]float32, d.cut>>decayBits+1)
	for i := range d.coarse {
		d.coarse[i] = float32(portable.Exp(-float64(i) * decayFine / us))
	}
	return d
}

// at returns exp(-dt/tau) for dt >= 0, µs.
func (d *decay) at(dt int32) float32 {
	if dt >= d.cut {
		return 0
	}
	return d.fine[dt&(decayFine-1)] * d.coarse[dt>>decayBits]
}
