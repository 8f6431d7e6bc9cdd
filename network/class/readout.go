package class

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"ganglion/internal/floor"
	"ganglion/internal/portable"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// none is the class of no decision.
const none = -1

// readout implements [pipeline.Readout] and [pipeline.Stateful].
type readout struct {
	cfg    config
	layer  int
	labels []string
	every  int64   // µs
	keep   float64 // of a share in a bin

	ring   []float64 // [bins][classes], a bin of the window by its number modulo their count
	steps  []float64 // [bins], with softmax: steps of the network; else nil
	sums   []float64 // of the window, scratch
	shares []float64 // smoothed
	bin    int64     // number of the bin that is being filled
	begun  bool
	filled int64 // bins since the last one that held anything

	current int   // the class that was reported last, or none
	seen    int64 // when it was decided for last, µs
}

// newReadout builds a readout for the layers of a network.
func newReadout(c config, layers []pipeline.Layer) (*readout, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	at := len(layers) - 1
	if c.Layer != "" {
		at = none
		for i, l := range layers {
			if l.Name == c.Layer {
				at = i
			}
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("layer: the network has no layer %q", c.Layer)
	}
	n := layers[at].Shape.Size()
	if len(c.Labels) > 0 && len(c.Labels) != n {
		return nil, fmt.Errorf("labels: %d for the %d neurons of layer %q", len(c.Labels), n, layers[at].Name)
	}
	if bins := int(c.Window / c.Every); n > maxCells/bins {
		return nil, fmt.Errorf("window: %d bins of %d classes are more than %d numbers", bins, n, maxCells)
	}
	r := &readout{cfg: c, layer: at, labels: c.Labels, every: c.Every.Microseconds(), current: none, seen: math.MinInt64}
	if len(r.labels) == 0 {
		for i := range n {
			r.labels = append(r.labels, strconv.Itoa(i))
		}
	}
	if c.Smooth > 0 {
		r.keep = portable.Exp(-c.Every.Seconds() / c.Smooth.Seconds())
	}
	r.ring, r.sums, r.shares = make([]float64, r.bins()*int64(n)), make([]float64, n), make([]float64, n)
	if c.Shares == shareSoftmax {
		r.steps = make([]float64, r.bins())
	}
	return r, nil
}

// maxCells bounds what a window keeps.
const maxCells = 1 << 22

func (r *readout) bins() int64 { return int64(r.cfg.Window / r.cfg.Every) }

// Read implements [pipeline.Readout].
func (r *readout) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	if !r.begun {
		r.begun, r.bin, r.filled = true, floor.Div(a.Start, r.every), r.bins()
	}
	s := &a.Layers[r.layer].Spikes
	graded := len(s.Values) > 0
	for i, t := range s.T {
		dst = r.until(floor.Div(t, r.every), dst)
		cells := r.cells(r.bin)
		for k, id := range s.Run(i) {
			if graded {
				cells[id] += float64(s.Values[int(s.Offsets[i])+k])
			} else {
				cells[id]++
			}
		}
		if r.steps != nil {
			r.steps[r.place(r.bin)]++
		}
		r.filled = 0
	}
	return r.until(floor.Div(a.End, r.every), dst)
}

// cells are the counts of a bin.
func (r *readout) cells(bin int64) []float64 {
	n, at := int64(len(r.sums)), r.place(bin)
	return r.ring[at*n : (at+1)*n]
}

// place is where a bin is kept.
func (r *readout) place(bin int64) int64 { return (bin%r.bins() + r.bins()) % r.bins() }

// until ends the bins before one, and decides at the end of each.
func (r *readout) until(bin int64, dst []pipeline.Detection) []pipeline.Detection {
	for r.bin < bin {
		if r.filled > r.bins() { // nothing is left that could be decided on
			r.bin = bin
			return dst
		}
		r.bin++
		dst = r.decide(r.bin*r.every, dst)
		r.filled++
		clear(r.cells(r.bin))
		if r.steps != nil {
			r.steps[r.place(r.bin)] = 0
		}
	}
	return dst
}

// decide looks at the window that ends at time t.
func (r *readout) decide(t int64, dst []pipeline.Detection) []pipeline.Detection {
	total := r.count()
	if total < r.cfg.Least {
		clear(r.shares)
		return dst
	}
	best := 0
	for k, v := range r.sums {
		p := max(v, 0) / total
		if r.steps != nil {
			p = v
		}
		r.shares[k] = p + float64(r.keep*(r.shares[k]-p))
		if r.shares[k] > r.shares[best] {
			best = k
		}
	}
	if !(r.shares[best] >= r.cfg.Threshold) {
		return dst
	}
	again := best == r.current && t-r.seen <= max(r.cfg.Hold.Microseconds(), r.every)
	r.current, r.seen = best, t
	if again {
		return dst
	}
	return append(dst, pipeline.Detection{
		Kind: pipeline.Class, Label: r.labels[best], T: t, TStart: t - r.cfg.Window.Microseconds(), TEnd: t,
		Score: float32(r.shares[best]), Confidence: float32(math.NaN()), EmitDelayUS: pipeline.NoDelay,
	})
}

// count sums the window up by class, oldest bin first, and returns what is
// above 0 of it; with softmax the sums become probabilities, and what is
// returned is the number of steps.
func (r *readout) count() (total float64) {
	clear(r.sums)
	steps := 0.
	for bin := r.bin - r.bins(); bin < r.bin; bin++ {
		for k, v := range r.cells(bin) {
			r.sums[k] += v
		}
		if r.steps != nil {
			steps += r.steps[r.place(bin)]
		}
	}
	if r.steps != nil {
		r.softmax(steps)
		return steps
	}
	for _, v := range r.sums {
		total += max(v, 0)
	}
	return total
}

// softmax turns sums over some steps into probabilities.
func (r *readout) softmax(steps float64) {
	greatest, total := slices.Max(r.sums), 0.
	for k, v := range r.sums {
		r.sums[k] = portable.Exp((v - greatest) / max(steps, 1))
		total += r.sums[k]
	}
	for k := range r.sums {
		r.sums[k] /= total
	}
}

// Flush implements [pipeline.Readout]; it adds nothing.
func (r *readout) Flush(dst []pipeline.Detection) []pipeline.Detection { return dst }

// AppendState implements [pipeline.Stateful].
func (r *readout) AppendState(b []byte) ([]byte, error) { return state.Append(b, r.fields) }

// RestoreState implements [pipeline.Stateful].
func (r *readout) RestoreState(b []byte) error { return state.Restore(b, r.fields) }

func (r *readout) fields(c *state.Codec) {
	c.Bool(&r.begun)
	state.Integer(c, &r.bin)
	state.Integer(c, &r.filled)
	state.Integer(c, &r.current)
	state.Integer(c, &r.seen)
	state.Array(c, r.ring)
	if r.steps != nil {
		state.Array(c, r.steps)
	}
	state.Array(c, r.shares)
	if fits := r.current >= none && r.current < len(r.sums) && r.filled >= 0 && r.filled <= r.bins()+1; !fits {
		c.Demand(false, "not the state of a class readout")
		r.current = none
	}
}

var (
	_ pipeline.Readout  = (*readout)(nil)
	_ pipeline.Stateful = (*readout)(nil)
)
