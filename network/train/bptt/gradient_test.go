package bptt

import (
	"fmt"
	"math"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ganglion/internal/random"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small is a network of two hidden layers.
func small() Config {
	c := NewDefaultConfig()
	c.Inputs, c.Steps, c.Classes, c.Hidden = 6, 9, 3, []int{5, 4}
	c.Part, c.Batch, c.Epochs = 3, 6, 4
	c.Step = 10 * time.Millisecond
	return c
}

// noisyRaster has spikes at random.
func noisyRaster[F real](r *raster[F], rows int, key random.Key) {
	r.reset()
	for k := range rows {
		for i := range r.n {
			if key.With(uint64(k)).Uniform(uint64(i)) < .4 {
				r.ids = append(r.ids, uint32(i))
			}
		}
		r.ends = append(r.ends, len(r.ids))
	}
}

// TestGradientsAreThoseOfFiniteDifferences takes spikes for graded ones whose
// derivative is the surrogate, and compares the gradient by every parameter
// with central differences.
func TestGradientsAreThoseOfFiniteDifferences(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, in one goroutine")
	}
	for _, surrogate := range []string{fastSigmoid, arctangent} {
		for _, subtract := range []bool{false, true} {
			for _, dropout := range []float64{0, .3} {
				for _, delay := range []int{0, 1, 4} {
					t.Run(fmt.Sprintf("%s, subtract %t, dropout %v, delays of %d", surrogate, subtract, dropout, delay), func(t *testing.T) {
						c := small()
						c.Surrogate, c.Subtract, c.Dropout, c.Slope = surrogate, subtract, dropout, 2
						c.Delay = time.Duration(delay) * c.Step
						checkGradients(t, c)
					})
				}
			}
		}
	}
}

// TestGradientsOfConvolutionsAreThoseOfFiniteDifferences has two convolutions
// of every geometry before a readout, with a hidden layer between and without.
func TestGradientsOfConvolutionsAreThoseOfFiniteDifferences(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, in one goroutine")
	}
	for name, change := range map[string]func(c *Config){
		"plain":         func(*Config) {},
		"subtract":      func(c *Config) { c.Subtract = true },
		"arctangent":    func(c *Config) { c.Surrogate = arctangent },
		"dropout":       func(c *Config) { c.Dropout = .3 },
		"recurrent top": func(c *Config) { c.Hidden, c.Delay = []int{4}, 2*c.Step },
		"pooled with a rest": func(c *Config) {
			c.Convolutions = []Convolution{{Channels: 3, Kernel: 2, Pool: 2}, {Channels: 2, Kernel: 2, Padding: 1}}
		},
		"one, wide": func(c *Config) { c.Convolutions = []Convolution{{Channels: 2, Kernel: 5, Stride: 3, Padding: 2}} },
	} {
		t.Run(name, func(t *testing.T) {
			c := seeing()
			c.Slope = 2
			change(&c)
			checkGradients(t, c)
		})
	}
}

// seeing is a network of two convolutions on 6x5 px of both polarities.
func seeing() Config {
	c := small()
	c.Shape, c.Inputs, c.Hidden, c.Dropout, c.Steps = [3]int{2, 5, 6}, 60, nil, 0, 6
	c.Convolutions = []Convolution{{Channels: 3, Kernel: 3, Padding: 1, Pool: 2}, {Channels: 4, Kernel: 2, Stride: 1, Padding: 1}}
	return c
}

func checkGradients(t *testing.T, c Config) {
	p, d := newParams[float64](c), newParams[float64](c)
	p.start(c)
	key := random.New(5)
	for i := range p.flat { // nothing at a special value
		p.flat[i] += .2 * key.Normal(uint64(i))
	}
	s := newPass(c, p)
	noisyRaster(&s.in, c.Part*c.Steps, key.With(1))
	for b := range c.Part {
		s.drop(b, key.With(2, uint64(b)))
	}
	for _, l := range s.layers {
		l.spiking.smooth = true
	}
	for _, l := range s.convs {
		l.spiking.smooth = true
	}
	loss := func() (sum float64) {
		s.prepare()
		s.forward()
		for k, v := range s.read.logits {
			w := key.With(3).Normal(uint64(k))
			s.read.g[k] = w * v
			sum += w * v * v / 2
		}
		return sum
	}
	loss()
	s.backward(d)
	self := map[int]bool{} // recurrence to oneself is not a parameter
	at := 0
	for _, l := range p.convs {
		at += len(l.w) + 3*len(l.gamma)
	}
	for _, l := range p.layers {
		at += len(l.w)
		for i := range l.n {
			self[at+i*l.n+i] = true
		}
		at += len(l.u) + 5*l.n
	}
	var nothing int
	for i := range p.flat {
		if self[i] {
			if d.flat[i] != 0 {
				t.Errorf("parameter %d: a neuron learns to reach itself", i)
			}
			continue
		}
		const h = 1e-5
		old := p.flat[i]
		p.flat[i] = old + h
		above := loss()
		p.flat[i] = old - h
		below := loss()
		p.flat[i] = old
		want, got := (above-below)/(2*h), d.flat[i]
		if math.Abs(got-want) > 1e-7*(1+math.Abs(want)) {
			t.Errorf("parameter %d of %d: gradient %v, differences say %v", i, len(p.flat), got, want)
		}
		if want == 0 {
			nothing++
		}
	}
	if nothing > len(p.flat)/2 {
		t.Errorf("%d of %d parameters do nothing", nothing, len(p.flat))
	}
}
