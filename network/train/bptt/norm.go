package bptt

import (
	"math"

	"ganglion/internal/asm"
)

// batchNorm brings input currents to mean 0 and variance 1 over a part of a
// batch (Ioffe and Szegedy 2015): those of each neuron, or in a convolution of
// each channel. Its arrays are [n], currents [places, n].
type batchNorm[F real] struct {
	n              int
	mean, variance []F
	inverse        []F    // of the standard deviation
	scratch        [3][]F // rows
}

// epsilon keeps batch norm from dividing by nothing.
const epsilon = 1e-5

func newBatchNorm[F real](n int) batchNorm[F] {
	b := batchNorm[F]{n: n}
	for _, v := range []*[]F{&b.mean, &b.variance, &b.inverse, &b.scratch[0], &b.scratch[1], &b.scratch[2]} {
		*v = make([]F, n)
	}
	return b
}

// forward normalises x.
func (b *batchNorm[F]) forward(x []F) {
	n, rows := b.n, len(x)/b.n
	clear(b.mean)
	for k := range rows {
		asm.AddScaled(b.mean, x[k*n:(k+1)*n], 1)
	}
	for i := range b.mean {
		b.mean[i] /= F(rows)
	}
	clear(b.variance)
	for k := range rows {
		row := x[k*n : (k+1)*n]
		mean, variance := b.mean[:len(row)], b.variance[:len(row)]
		for i := range row {
			row[i] -= mean[i]
			variance[i] += F(row[i] * row[i])
		}
	}
	for i := range b.variance {
		b.variance[i] /= F(rows)
		b.inverse[i] = F(1 / math.Sqrt(float64(b.variance[i])+epsilon))
	}
	for k := range rows {
		row := x[k*n : (k+1)*n]
		inverse := b.inverse[:len(row)]
		for i := range row {
			row[i] *= inverse[i]
		}
	}
}

// backward takes the gradient g by gamma·x + beta, where x is what forward
// left, back to the currents, and adds those by gamma and beta.
func (b *batchNorm[F]) backward(all, x, gamma, dGamma, dBeta []F) {
	n, rows := b.n, len(x)/b.n
	sum, along := b.scratch[0], b.scratch[1]
	clear(sum)
	clear(along)
	for k := range rows {
		g, x := all[k*n:(k+1)*n], x[k*n:(k+1)*n]
		sum, along := sum[:len(g)], along[:len(g)]
		x = x[:len(g)]
		for i := range g {
			sum[i] += g[i]
			along[i] += F(g[i] * x[i])
		}
	}
	for i := range sum {
		dBeta[i] += sum[i]
		dGamma[i] += along[i]
		sum[i] /= F(rows)
		along[i] /= F(rows)
	}
	factor := b.scratch[2]
	for i := range factor {
		factor[i] = gamma[i] * b.inverse[i]
	}
	for k := range rows {
		g, x := all[k*n:(k+1)*n], x[k*n:(k+1)*n]
		sum, along, factor := sum[:len(g)], along[:len(g)], factor[:len(g)]
		x = x[:len(g)]
		for i := range g {
			g[i] = factor[i] * (g[i] - sum[i] - F(x[i]*along[i]))
		}
	}
}
