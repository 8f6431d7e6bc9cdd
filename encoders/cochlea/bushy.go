package cochlea

import (
	"ganglion/internal/portable"
)

// cellKind is the parameters of a bushy cell. Times are in samples.
type cellKind struct {
	threshold  float64
	tau        float64
	rise       float64 // weight of the current over one whole sample
	refractory float64
}

func newCellKind(threshold, tau, refractory float64) cellKind {
	return cellKind{threshold: threshold, tau: tau, rise: -portable.Expm1(-1 / tau), refractory: refractory}
}

// bushyCell is a leaky integrate-and-fire neuron, tau·dV/dt = I - V, with a
// short membrane time constant, which makes it fire in phase with its input
// (Rothman, Young and Manis 1993). The current is constant over a sample, so
// the time of a spike within it is exact.
type bushyCell struct {
	v    float64
	dead float64 // what is left of the refractory period
	at   float64 // of the last spike: what was left of its sample, in samples
}

// sleep advances by whole samples up to the first one in which a spike or the
// end of the refractory period may fall, and returns how many those are. It is
// the loop that has to be fast.
func (c *bushyCell) sleep(k *cellKind, current []float64) int {
	n := 0
	for ; c.dead >= 1 && n < len(current); n++ {
		c.dead--
	}
	if c.dead > 0 {
		return n
	}
	v, threshold, rise := c.v, k.threshold, k.rise
	for ; n < len(current); n++ {
		next := v + float64(rise*(current[n]-v))
		if next >= threshold {
			break
		}
		v = next
	}
	c.v = v
	return n
}

// wake ends the refractory period within the sample and returns what is left.
func (c *bushyCell) wake() (left float64) {
	left = 1 - c.dead
	c.dead = 0
	return left
}

// advance integrates the membrane until the next spike, or to the end of the sample.
func (c *bushyCell) advance(k *cellKind, current, left float64) (rest float64, fired bool) {
	if current > k.threshold {
		// V reaches the threshold where exp(-t/tau) = (I-θ)/(I-V).
		if t := max(0, -k.tau*portable.Log((current-k.threshold)/(current-c.v))); t < left {
			c.v, c.at = 0, left-t
			left -= t + k.refractory
			if left <= 0 {
				c.dead = -left
				return 0, true
			}
			return left, true
		}
	}
	c.v = current + float64((c.v-current)*portable.Exp(-left/k.tau))
	c.v = min(c.v, k.threshold)
	return 0, false
}
