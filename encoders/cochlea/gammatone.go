package cochlea

import (
	"fmt"
	"math"
	"slices"

	"ganglion/internal/portable"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// erb is the equivalent rectangular bandwidth at a frequency, Hz (Glasberg and
// Moore 1990); erbNumber and erbHertz count such bandwidths from 0 Hz and back.
func erb(f float64) float64       { return 24.7 * (4.37*f/1000 + 1) }
func erbNumber(f float64) float64 { return float64(21.4 * portable.Log10(4.37*f/1000+1)) }
func erbHertz(n float64) float64  { return (portable.Pow(10, n/21.4) - 1) / 4.37 * 1000 }

// filter is a gammatone filter of order 4 as a cascade of four complex
// one-pole filters (Hohmann 2002, eq. 2 to 13), with gain 1 at its centre.
type filter struct {
	re, im float64 // the pole
	gain   float64
}

// bandwidth relates the pole to the equivalent rectangular bandwidth
// (Patterson et al. 1992).
const bandwidth = 1.019

func newFilter(centre float64, rate int) filter {
	radius := portable.Exp(-2 * math.Pi * bandwidth * erb(centre) / float64(rate))
	angle := 2 * math.Pi * centre / float64(rate)
	return filter{re: radius * portable.Cos(angle), im: radius * portable.Sin(angle), gain: 2 * portable.Pow(1-radius, 4)}
}

// stages is the state of a filter: real and imaginary part of each stage.
type stages [8]float64

// murmur keeps the stages away from denormal numbers, which are slow.
const murmur = 1e-25

// run filters a block in place.
func (f filter) run(z *stages, x []float64) {
	r0, i0, r1, i1, r2, i2, r3, i3 := z[0], z[1], z[2], z[3], z[4], z[5], z[6], z[7]
	for n, v := range x {
		r0, i0 = v+murmur+(float64(f.re*r0)-float64(f.im*i0)), float64(f.re*i0)+float64(f.im*r0)
		r1, i1 = r0+(float64(f.re*r1)-float64(f.im*i1)), i0+(float64(f.re*i1)+float64(f.im*r1))
		r2, i2 = r1+(float64(f.re*r2)-float64(f.im*i2)), i1+(float64(f.re*i2)+float64(f.im*r2))
		r3, i3 = r2+(float64(f.re*r3)-float64(f.im*i3)), i2+(float64(f.re*i3)+float64(f.im*r3))
		x[n] = f.gain * r3
	}
	*z = stages{r0, i0, r1, i1, r2, i2, r3, i3}
}

// hairCells rectifies, compresses and low-passes a block in place; last is the
// low-pass filter's state (after Meddis 1986 and Dau et al. 1996, simplified).
func hairCells(x []float64, exponent, smooth, last float64) float64 {
	root := exponent == 0.5
	for i, v := range x {
		switch {
		case v <= 0:
			v = 0
		case root:
			v = math.Sqrt(v)
		default:
			v = portable.Pow(v, exponent)
		}
		last += float64(smooth * (v - last))
		x[i] = last
	}
	return last
}

// blockSize is how many samples pass a filter at a time.
const blockSize = 256

// gammatone is the front end of filters, hair cells and bushy cells.
type gammatone struct {
	rate, ears, cells int
	exponent, smooth  float64
	filters           []filter
	cell              []cellKind // by sensitivity

	stages []stages    // by ear and band
	hair   []float64   // likewise
	bushy  []bushyCell // by ear and band, then sensitivity

	block []float64
	keys  []uint64 // spikes of the block: µs after its beginning and id
}

func newGammatone(c GammatoneConfig, info pipeline.StreamInfo) (*gammatone, error) {
	if c.High >= float64(info.SampleRate)/2 {
		return nil, fmt.Errorf("gammatone.high: %g Hz is not below half the sample rate of %d Hz", c.High, info.SampleRate)
	}
	rate := float64(info.SampleRate)
	g := &gammatone{
		rate: info.SampleRate, ears: info.Channels, cells: c.Cells,
		exponent: c.Compression, smooth: -portable.Expm1(-2 * math.Pi * c.HairCell / rate), block: make([]float64, blockSize),
	}
	lo, hi := erbNumber(c.Low), erbNumber(c.High)
	for i := range c.Bands {
		g.filters = append(g.filters, newFilter(erbHertz(lo+(hi-lo)*float64(i)/float64(max(1, c.Bands-1))), g.rate))
	}
	for i := range c.Cells {
		g.cell = append(g.cell, newCellKind(c.Threshold*math.Ldexp(1, i), c.Tau.Seconds()*rate, c.Refractory.Seconds()*rate))
	}
	n := g.ears * c.Bands
	g.stages, g.hair, g.bushy = make([]stages, n), make([]float64, n), make([]bushyCell, n*c.Cells)
	return g, nil
}

func (g *gammatone) shape() pipeline.Shape { return layerShape(g.cells, g.ears, len(g.filters)) }

func (g *gammatone) hear(first int64, pcm []float32, out *pipeline.Spikes) {
	for len(pcm) > 0 {
		n := min(len(pcm)/g.ears, blockSize)
		g.run(first, pcm[:n*g.ears])
		slices.Sort(g.keys)
		base := micros(first, g.rate)
		for _, k := range g.keys {
			out.Append(base+int64(k>>32), uint32(k))
		}
		g.keys = g.keys[:0]
		pcm, first = pcm[n*g.ears:], first+int64(n)
	}
}

// run passes a block through all bands of all ears.
func (g *gammatone) run(first int64, pcm []float32) {
	n := len(pcm) / g.ears
	for ear := range g.ears {
		for band, f := range g.filters {
			x := g.block[:n]
			for i := range x {
				x[i] = float64(pcm[i*g.ears+ear])
			}
			at := ear*len(g.filters) + band
			f.run(&g.stages[at], x)
			g.hair[at] = hairCells(x, g.exponent, g.smooth, g.hair[at])
			for k := range g.cell {
				g.fire(first, x, k, at)
			}
		}
	}
}

// fire runs one bushy cell over the block and notes its spikes. A sample's
// spikes lie before the next sample.
func (g *gammatone) fire(first int64, x []float64, k, at int) {
	kind, cell := &g.cell[k], &g.bushy[at*g.cells+k]
	id := uint64(k*len(g.hair) + at)
	base := micros(first, g.rate)
	for i := cell.sleep(kind, x); i < len(x); i += 1 + cell.sleep(kind, x[i+1:]) {
		current := x[i]
		begin, end := micros(first+int64(i), g.rate), micros(first+int64(i)+1, g.rate)
		for left := cell.wake(); left > 0; {
			var fired bool
			if left, fired = cell.advance(kind, current, left); fired {
				dt := min(int64((1-cell.at)*float64(end-begin)), end-begin-1)
				g.keys = append(g.keys, uint64(begin+dt-base)<<32|id)
			}
		}
	}
}

func (g *gammatone) restart() {
	clear(g.stages)
	clear(g.hair)
	clear(g.bushy)
}

func (g *gammatone) fields(c *state.Codec, _ int64) {
	for i := range g.stages {
		state.Array(c, g.stages[i][:])
	}
	state.Array(c, g.hair)
	for i := range g.bushy {
		cell := &g.bushy[i]
		c.Float64(&cell.v)
		c.Float64(&cell.dead)
		c.Demand(cell.dead >= 0 && cell.v == cell.v, "a bushy cell is not a number")
	}
}
