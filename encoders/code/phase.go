package code

import "ganglion/pipeline"

// phase is the code of binary digits, the highest first.
type phase struct {
	stateless
	frame
	bits int
}

func newPhase(c Config, f frame) *phase { return &phase{frame: f, bits: c.Phases} }

func (p *phase) Channels() int { return 1 }

// start is when digit k is sent, µs after the frame's time.
func (p *phase) start(k int) int64 { return int64(k) * p.period / int64(p.bits) }

func (p *phase) Append(t int64, x []float32, out *pipeline.Spikes) {
	for k := range p.bits {
		for i, v := range x {
			if p.digits(v)>>(p.bits-1-k)&1 == 1 {
				out.Append(t+p.start(k), uint32(i))
			}
		}
	}
}

func (p *phase) digits(v float32) uint32 {
	whole := float64(uint32(1) << p.bits)
	return uint32(min(unit(v)*whole, whole-1))
}

// Decode adds up the digits and half the last: the error is at most 2^-(K+1),
// and twice that at the value 1.
func (p *phase) Decode(t int64, s *pipeline.Spikes, x []float32) {
	half := 1 / float32(uint32(2)<<p.bits)
	for i := range x {
		x[i] = half
	}
	k := 0
	for i, at := range s.T {
		for p.start(k) < at-t {
			k++
		}
		for _, id := range s.Run(i) {
			x[id] += 1 / float32(uint32(2)<<k)
		}
	}
}
