package network

import (
	"slices"

	"ganglion/internal/portable"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// clockedLayer is what the shards of a [Clocked] layer share: parameters and
// state, by place (see layout). Each place belongs to one shard, so the arrays
// need no lock.
type clockedLayer struct {
	Clocked
	layout
	x, i, v []float32 // input of the step, synaptic current, membrane
	late    []uint32  // spikes that leave in the next step (only with Late)
	ring    []float32 // values on their way, by step modulo its length and place (only with Delay)
	delays  []int32   // steps (only with Delay)
	theta   []float64 // what homeostasis adds to thresholds, by place or channel
	fade    float64   // of theta in a step
	u, w    []int64   // current and membrane of integer neurons

	refractory, resting []int32     // steps after a spike; those that are left
	adapted             []float32   // the variable of adaptation
	rings               [][]float32 // what is on its way, by connection with delays (see lag)

	// A layer that can wait sleeps block by block: a block that got no input
	// is left alone, and when input comes it is brought up to date first.
	waits   bool
	blockOf divider // place to block
	// The blocks of a periodic layer have the same parameters, so the first
	// block's stand for all and stay in the processor's cache.
	periodic bool
	together bool    // woken blocks are advanced by asm.Blocks
	alike    bool    // the parameters of all neurons are the same, so the first 8 stand for all
	awake    []int64 // by block: the step up to which it is up to date, in steps; 0 at the start
}

// newClockedLayer makes a layer that has not begun. step is in µs.
func newClockedLayer(n Clocked, shape pipeline.Shape, step int64, waits bool) *clockedLayer {
	l := &clockedLayer{Clocked: n, layout: newLayout(shape)}
	size := shape.Size()
	l.x = make([]float32, size)
	if n.Rule != Relay && n.Rule != Step {
		l.v = make([]float32, size)
	}
	if len(n.SynDecay) > 0 {
		l.i = make([]float32, size)
		l.SynDecay, l.SynGain = l.arrange(n.SynDecay, 0), l.arrange(n.SynGain, 1)
	}
	if h := n.Homeostasis; h != nil {
		l.theta, l.fade = make([]float64, size), portable.Exp(-float64(step)/h.Tau.Seconds()/1e6)
		if h.ByChannel {
			l.theta = l.theta[:l.channels]
		}
	}
	if n.Late {
		l.late = make([]uint32, size)
	}
	if n.Rule == Integer {
		l.u, l.w = make([]int64, size), make([]int64, size)
	}
	l.extend(n)
	if len(n.Delay) > 0 {
		l.ring = make([]float32, (int(n.longest())+1)*size)
		l.delays = make([]int32, size)
		for i := range l.delays {
			l.delays[i] = n.Delay[min(int(l.id(int32(i))), len(n.Delay)-1)]
		}
	}
	l.Decay, l.Gain, l.Leak = l.arrange(n.Decay, 1), l.arrange(n.Gain, 1), l.arrange(n.Leak, 0)
	l.Threshold, l.Reset = l.arrange(n.Threshold, 0), l.arrange(n.Reset, 0)
	for _, p := range []*[]float32{&l.Drive, &l.LateDrive, &l.Floor} {
		if *p != nil {
			*p = l.arrange(*p, 0)
		}
	}
	if l.waits = waits && l.canWait(); l.waits {
		l.awake = make([]int64, (size+int(l.block())-1)/int(l.block()))
		l.blockOf = newDivider(int(l.block()))
		l.periodic = l.v != nil && l.repeats(int(l.block()))
		l.together = l.v != nil && l.vectorised() && l.block()%8 == 0 && int32(size)%l.block() == 0
	}
	l.alike = size >= 8 && l.repeats(1)
	return l
}

// extend makes the state of what [Clocked.validateExtended] checks.
func (l *clockedLayer) extend(n Clocked) {
	size := len(l.x)
	if len(n.Refractory) > 0 {
		l.resting, l.refractory = make([]int32, size), make([]int32, size)
		for i := range l.refractory {
			l.refractory[i] = n.Refractory[min(int(l.id(int32(i))), len(n.Refractory)-1)]
		}
	}
	if a := n.Adapt; a != nil {
		l.adapted = make([]float32, size)
		l.Adapt = &Adaptation{
			Decay: l.arrange(a.Decay, 0), Couple: l.arrange(a.Couple, 0), Jump: l.arrange(a.Jump, 0), Rest: l.arrange(a.Rest, 0),
			OnThreshold: a.OnThreshold,
		}
	}
}

// canWait reports whether a silent step only takes the membrane towards 0, where
// it cannot fire, so that silent steps can be made up for later.
func (l *clockedLayer) canWait() bool {
	if l.Rule == Relay {
		return l.ring == nil && l.Drive == nil && l.LateDrive == nil
	}
	if l.Adapt != nil || l.resting != nil {
		return false // they continue in silence
	}
	if l.Rule != ToReset && l.Rule != SubtractMany || l.Late || l.i != nil || l.Drive != nil || l.LateDrive != nil {
		return false
	}
	if c := l.Compete; l.theta != nil || c != nil && (c.Group != Channels || !c.Reset) {
		return false // thresholds sink in silence; a loser may fire in it
	}
	for i, a := range l.Decay {
		if a < 0 || a > 1 || l.Leak[i] != 0 || !(l.Threshold[i] > 0) || l.Reset[i] > l.Threshold[i] {
			return false
		}
		if l.Floor != nil && l.Floor[i] > 0 {
			return false
		}
	}
	return true
}

// repeats reports whether parameters are the same every so many places.
func (l *clockedLayer) repeats(period int) bool {
	for _, p := range [][]float32{l.SynDecay, l.SynGain, l.Decay, l.Gain, l.Leak, l.Threshold, l.Reset} {
		if len(p) > period && !slices.Equal(p[period:], p[:len(p)-period]) {
			return false
		}
	}
	return true
}

// parameterOf is where the parameters of neurons from a place on stand.
func (l *clockedLayer) parameterOf(place int32) int32 {
	if l.periodic || l.alike {
		return 0
	}
	return place
}

// raised is what homeostasis has added to the threshold at a place.
func (l *clockedLayer) raised(place int32) float32 {
	return float32(l.theta[l.thetaOf(place)])
}

func (l *clockedLayer) thetaOf(place int32) int32 {
	if l.Homeostasis.ByChannel {
		return place % l.channels
	}
	return place
}

func (l *clockedLayer) fields(c *state.Codec, _ int64) {
	state.Array(c, l.v)
	state.Array(c, l.i)
	state.Array(c, l.ring)
	state.Array(c, l.u)
	state.Array(c, l.w)
	state.Array(c, l.awake)
	state.Array(c, l.late)
	if l.theta != nil {
		state.Array(c, l.theta)
		c.Demand(finite(l.theta...), "a threshold is not a number")
	}
	if l.resting != nil {
		state.Array(c, l.resting)
		for i, left := range l.resting {
			c.Demand(left >= 0 && left <= l.refractory[i], "a neuron rests for longer than its refractory period")
		}
	}
	if l.adapted != nil {
		state.Array(c, l.adapted)
	}
	for _, ring := range l.rings {
		state.Array(c, ring)
	}
}
