package filter

import (
	"cmp"
	"time"

	"ganglion/internal/floor"
	"ganglion/internal/portable"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// neighborLIF gives each pixel a leaky integrator that its 8 neighbours, but
// not the pixel itself, drive with weight 1:
//
//	V(t) = sum over the neighbours' events before t of exp(-(t - t_i)/tau)
//
// An event is kept when V at its pixel reaches the threshold; V is its score.
// V does not reset, so it stays a score and not a spike train.
//
// Instead of eight potentials an event changes one trace, and instead of
// decaying traces the filter scales what it adds up by exp((t - ref)/tau); the
// common factor cancels in V. ref moves on by whole blocks of 512 tau, long
// before float64 overflows.
type neighborLIF struct {
	tau       float64 // µs
	threshold float32
	block     int64 // µs

	trace  []float64 // by pixel, with a border of one; sum of exp((t_i - ref)/tau)
	stride int
	planes [2]int // where the traces of each polarity begin; both at 0 unless they are told apart
	ref    int64  // µs
}

// blockTaus is the length of a block in time constants; exp(512) is 1e222.
const blockTaus = 512

func newNeighborLIF(c Config, s Size) filter {
	tau := max(us(c.Tau, 10*time.Millisecond), 1)
	f := &neighborLIF{
		tau: float64(tau), threshold: float32(cmp.Or(c.Threshold, 1)), block: blockTaus * tau,
		stride: s.Width + 2, ref: never,
	}
	plane := (s.Width + 2) * (s.Height + 2)
	if c.MatchPolarity {
		f.planes[pipeline.On] = plane
	}
	f.trace = make([]float64, plane+f.planes[pipeline.On])
	return f
}

func (f *neighborLIF) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	var scale float64
	for j, e := range events {
		if j == 0 || e.T != events[j-1].T {
			scale = f.scale(e.T)
		}
		v := f.potential(e, scale)
		if v < f.threshold {
			continue
		}
		events[n] = e
		n++
	}
	return events[:n]
}

func (f *neighborLIF) Score(events []pipeline.Event, dst []float32) []float32 {
	for _, e := range events {
		dst = append(dst, f.potential(e, f.scale(e.T)))
	}
	return dst
}

// scale is exp((t - ref)/tau), after moving ref into the block of t.
func (f *neighborLIF) scale(t int64) float64 {
	if t >= f.ref+f.block {
		ref := t - floor.Mod(t, f.block)
		decay := portable.Exp((float64(f.ref) - float64(ref)) / f.tau)
		for i := range f.trace {
			f.trace[i] *= decay
		}
		f.ref = ref
	}
	// A time before ref comes from an event out of order near a block's edge.
	return portable.Exp(float64(max(t-f.ref, -f.block)) / f.tau)
}

// potential is V at the event's pixel; the event then joins the pixel's trace.
func (f *neighborLIF) potential(e pipeline.Event, scale float64) float32 {
	i := f.planes[e.P&1] + (int(e.Y)+1)*f.stride + int(e.X) + 1
	above := (*[3]float64)(f.trace[i-f.stride-1:])
	here := (*[3]float64)(f.trace[i-1:])
	below := (*[3]float64)(f.trace[i+f.stride-1:])
	sum := above[0] + above[1] + above[2] + here[0] + here[2] + below[0] + below[1] + below[2]
	here[1] += scale
	return float32(sum / scale)
}

func (f *neighborLIF) AppendState(b []byte) ([]byte, error) { return state.Append(b, f.fields) }

func (f *neighborLIF) RestoreState(b []byte) error { return state.Restore(b, f.fields) }

func (f *neighborLIF) fields(c *state.Codec) {
	state.Integer(c, &f.ref)
	state.Array(c, f.trace)
}

var _ scorer = (*neighborLIF)(nil)
