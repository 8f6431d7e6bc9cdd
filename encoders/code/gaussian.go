package code

import (
	"ganglion/internal/portable"
	"ganglion/pipeline"
)

const (
	fieldWidth   = 1.5 // β of Bohte et al.
	fieldSilence = 0.1 // responses below it give no spike
)

// gaussian is the population of Gaussian receptive fields.
type gaussian struct {
	stateless
	frame
	centre []float64
	sigma  float64
	best   [][2]response // while decoding: the two earliest spikes of each value
}

type response struct{ g, centre float64 }

func newGaussian(c Config, f frame) *gaussian {
	g := &gaussian{frame: f, sigma: 1 / (fieldWidth * float64(c.Size-2)), best: make([][2]response, f.values)}
	for i := 1; i <= c.Size; i++ {
		g.centre = append(g.centre, float64(2*i-3)/float64(2*(c.Size-2)))
	}
	return g
}

func (g *gaussian) Channels() int { return len(g.centre) }

func (g *gaussian) Append(t int64, x []float32, out *pipeline.Spikes) {
	for k, centre := range g.centre {
		for i, v := range x {
			d := (unit(v) - centre) / g.sigma
			if y := portable.Exp(-d * d / 2); y >= fieldSilence {
				g.put(int64((1-y)*float64(g.period)), k*g.values+i)
			}
		}
	}
	g.flush(t, out)
}

// Decode solves the ratio of the two strongest responses for x: with
// ln(g1/g2) = ((x-μ2)² - (x-μ1)²)/2σ² it is linear.
func (g *gaussian) Decode(t int64, s *pipeline.Spikes, x []float32) {
	clear(g.best)
	for i, at := range s.T {
		y := 1 - (float64(at-t)+0.5)/float64(g.period)
		for _, id := range s.Run(i) {
			b := &g.best[int(id)%g.values]
			r := response{y, g.centre[int(id)/g.values]}
			if b[0].g == 0 {
				b[0] = r
			} else if b[1].g == 0 {
				b[1] = r
			}
		}
	}
	for i, b := range g.best {
		v := b[0].centre
		if b[1].g > 0 {
			v = float64((b[0].centre+b[1].centre)/2) + g.sigma*g.sigma*portable.Log(b[0].g/b[1].g)/(b[0].centre-b[1].centre)
		}
		x[i] = float32(unit(float32(v)))
	}
}
