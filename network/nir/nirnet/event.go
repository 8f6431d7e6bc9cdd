package nirnet

import (
	"errors"
	"fmt"
	"math"

	"ganglion/internal/portable"
	"ganglion/network"
	"ganglion/network/nir"
)

// eventMethod is the method of a profile that is exact between events
// (event-driven). A spike is a current pulse of height 1 and length dt that ends at the
// spike's time: it raises a leaky membrane by r x (1 - exp(-dt/tau)), a synaptic
// current by w_in x (1 - exp(-dt/tau_syn)), and the membrane behind that by what
// the current brings it while the pulse lasts. A membrane without leak rises by
// r x, as all simulators have it.
const eventMethod = "event"

var (
	errSteps      = errors.New("it needs steps, which this profile does not have")
	errAdaptation = errors.New("adaptation: coupled to its membrane it follows three exponentials, or oscillates, for which this " +
		"profile has no closed form: it needs steps")
	errRead = errors.New("a membrane that is read can lead to linear nodes, thresholds and the output alone: a neuron behind it " +
		"would need it at all times, not at events")
)

// event gives a node's layer under an event-driven profile. drive is the sum
// of the biases that lead into it.
func (l *lowering) event(n int, drive []float32) (network.Neuron, error) {
	node := l.g.Nodes[n]
	x, err := extensionOf(node)
	if err == nil {
		err = alike(parameters(node.Op)...)
	}
	if err != nil {
		return nil, err
	}
	if x.AdaptationTau.Len() > 0 {
		return nil, errAdaptation
	}
	if x.Competition != "" {
		return nil, fmt.Errorf("competition: %w", errSteps)
	}
	e, err := l.exact(node, drive)
	if err != nil {
		return nil, err
	}
	for i := range x.Refractory.Len() {
		e.Refractory = append(e.Refractory, l.sensor(x.Refractory.At(i)).Microseconds())
	}
	if e.Rule == network.Readout {
		e.Every = l.out.Step.Microseconds()
	}
	return e, nil
}

// exact is the layer of a node without what NIR does not have.
func (l *lowering) exact(node nir.Node, drive []float32) (network.Exact, error) {
	switch op := node.Op.(type) {
	case *nir.I:
		return network.Exact{Rule: network.Readout, Gain: op.R.Float64s(), Drive: l.driven(op.R, drive)}, nil
	case *nir.IF:
		return network.Exact{
			Rule: l.p.Rule, Gain: op.R.Float64s(), Drive: l.driven(op.R, drive),
			Threshold: op.VThreshold.Float64s(), Reset: l.resets(op.VReset),
		}, nil
	case *nir.LI:
		if r, ok := l.endless(op.Tau, op.R); ok {
			return l.exact(nir.Node{Name: node.Name, Op: &nir.I{R: r}}, drive)
		}
		e, err := l.leaky(op.Tau, op.R, op.VLeak, drive)
		e.Rule, e.Pulse = network.Readout, nil
		return e, err
	case *nir.LIF:
		if r, ok := l.endless(op.Tau, op.R); ok {
			return l.exact(nir.Node{Name: node.Name, Op: &nir.IF{R: r, VThreshold: op.VThreshold, VReset: op.VReset}}, drive)
		}
		e, err := l.leaky(op.Tau, op.R, op.VLeak, drive)
		e.Rule, e.Threshold, e.Reset = l.p.Rule, op.VThreshold.Float64s(), l.resets(op.VReset)
		return e, err
	case *nir.CubaLI:
		e, err := l.cuba(op.TauSyn, op.WIn, op.TauMem, op.R, op.VLeak, drive)
		e.Rule = network.Readout
		return e, err
	case *nir.CubaLIF:
		e, err := l.cuba(op.TauSyn, op.WIn, op.TauMem, op.R, op.VLeak, drive)
		e.Rule, e.Threshold, e.Reset = l.p.Rule, op.VThreshold.Float64s(), l.resets(op.VReset)
		return e, err
	case *nir.Threshold:
		return l.heaviside(op, drive)
	}
	l.steady[node.Name] = drive
	return network.Exact{Rule: network.Relay}, nil
}

// resets is where spikes take membranes.
func (l *lowering) resets(reset nir.Tensor) []float64 {
	if l.p.ZeroReset {
		return nil
	}
	return reset.Float64s()
}

// bias is what a bias is as a current into a state of time constant tau: an
// impulse in every dt comes to tau/dt times a current.
func (l *lowering) bias(drive []float32, i int, tau float64) float64 {
	if l.p.Membrane == inputWhole {
		return float64(driveOf(drive, i) * (tau / l.p.DT))
	}
	return driveOf(drive, i)
}

// micros is a time of the equations in sensor time, µs, not rounded.
func (l *lowering) micros(seconds float64) float64 {
	return float64(seconds / l.p.DT * float64(l.out.Step.Microseconds()))
}

// driven is what a bias adds to a membrane without leak, 1/µs: r times the bias
// in every step.
func (l *lowering) driven(r nir.Tensor, drive []float32) (slope []float64) {
	for i := range drive {
		slope = append(slope, float64(at(r, i)*float64(drive[i]))/float64(l.out.Step.Microseconds()))
	}
	return slope
}

// leaky is a leaky membrane in closed form. A bias moves the value that it
// leaks to.
func (l *lowering) leaky(tau, r, leak nir.Tensor, drive []float32) (e network.Exact, err error) {
	for i := range max(tau.Len(), r.Len(), leak.Len(), len(drive)) {
		if err := settles(at(tau, i)); err != nil {
			return e, err
		}
		keep, gain := Profile{DT: l.p.DT, Method: "exact"}.leak(at(tau, i))
		e.Tau = append(e.Tau, l.micros(at(tau, i)))
		e.Gain = append(e.Gain, float64(at(r, i)*l.p.Membrane.gain(keep, gain)))
		e.Rest = append(e.Rest, at(leak, i)+float64(at(r, i)*l.bias(drive, i, at(tau, i))))
		if l.p.Membrane == inputCurrent {
			e.Pulse = append(e.Pulse, keep)
		}
	}
	return e, nil
}

// cuba is a leaky membrane behind a leaky synapse. A bias moves the current that
// the synapse leaks to.
func (l *lowering) cuba(tauSyn, win, tauMem, r, leak nir.Tensor, drive []float32) (e network.Exact, err error) {
	for i := range max(tauSyn.Len(), win.Len(), tauMem.Len(), r.Len(), leak.Len(), len(drive)) {
		if err := errors.Join(settles(at(tauMem, i)), settles(at(tauSyn, i))); err != nil {
			return e, err
		}
		e.Tau, e.SynTau = append(e.Tau, l.micros(at(tauMem, i))), append(e.SynTau, l.micros(at(tauSyn, i)))
		e.Gain, e.Rest = append(e.Gain, at(r, i)), append(e.Rest, at(leak, i))
		e.SynGain = append(e.SynGain, float64(at(win, i)*l.p.Synapse.gain(1, 1-portable.Exp(-l.p.DT/at(tauSyn, i)))))
		e.SynRest = append(e.SynRest, float64(at(win, i)*l.bias(drive, i, at(tauSyn, i))))
		if l.p.Synapse == inputCurrent {
			e.SynKick = append(e.SynKick, float64(float64(at(r, i)*at(win, i))*network.Charge(l.p.DT, at(tauMem, i), at(tauSyn, i))))
		}
	}
	return e, nil
}

func settles(tau float64) error {
	switch {
	case !(tau > 0):
		return fmt.Errorf("a time constant of %v s", tau)
	case math.IsInf(tau, 0):
		return fmt.Errorf("a time constant of %v s, which event-driven layers have in every neuron of an LI or LIF or in none: "+
			"choose a clocked profile, such as norse", tau)
	}
	return nil
}

// endless reports whether no membrane of a layer leaks; r is then what an input
// counts, as clocked profiles have it.
func (l *lowering) endless(tau, r nir.Tensor) (gain nir.Tensor, ok bool) {
	for i := range max(tau.Len(), 1) {
		if !math.IsInf(at(tau, i), 1) {
			return gain, false
		}
	}
	gain.Shape = r.Shape
	for i := range max(r.Len(), 1) {
		if math.IsInf(at(r, i), 1) {
			gain.F64 = append(gain.F64, 1)
			continue
		}
		gain.F64 = append(gain.F64, float64(at(r, i)*l.p.Membrane.gain(1, 0)))
	}
	return gain, true
}

func driveOf(drive []float32, i int) float64 {
	if drive == nil {
		return 0
	}
	return float64(drive[min(i, len(drive)-1)])
}

// heaviside is a Threshold: a bias lowers what a spike must exceed. Behind a
// membrane that is read it is a Threshold of the readings.
func (l *lowering) heaviside(op *nir.Threshold, drive []float32) (network.Exact, error) {
	e := network.Exact{Rule: network.Step}
	for i := range max(op.Threshold.Len(), len(drive)) {
		threshold := at(op.Threshold, i) - driveOf(drive, i)
		if !(threshold >= 0) {
			return e, fmt.Errorf("a bias of %v above the threshold of %v fires without end: %w", driveOf(drive, i), at(op.Threshold, i), errSteps)
		}
		e.Threshold = append(e.Threshold, threshold)
	}
	return e, nil
}

// checkRead refuses neurons behind a membrane that is read.
func (l *lowering) checkRead() error {
	read := map[string]bool{}
	for again := true; again; {
		again = false
		for _, ls := range l.out.Spec.Layers {
			e, ok := ls.Neuron.(network.Exact)
			if !ok {
				continue
			}
			reads := e.Rule == network.Readout
			for _, in := range ls.Inputs {
				switch {
				case !read[in.From]:
				case e.Rule == network.Relay || e.Rule == network.Step:
					reads = true
				default:
					n := l.g.Nodes[l.index[ls.Name]]
					return fmt.Errorf("node %q (%s): input %q: %w", n.Name, n.Op.Type(), in.From, errRead)
				}
			}
			again = again || reads && !read[ls.Name]
			read[ls.Name] = reads
		}
	}
	return nil
}
