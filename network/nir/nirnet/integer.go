package nirnet

import (
	"errors"
	"fmt"
	"math"

	"ganglion/network"
	"ganglion/network/nir"
)

// integerMethod is the method of a profile that computes as Loihi does, see
// [network.Loihi]. A layer is first translated as under Euler's rule,
//
//	u = (1-dt/tau_syn) u + g W x,  v = (1-dt/tau_mem) v + h u
//
// and then made of whole numbers: the decays to 12 bits, the weights to 8 bits
// with sign in units of their largest (or as they are, when all weights and
// the threshold are whole already), the threshold to the same units, to 17
// bits.
const integerMethod = "integer"

const (
	loihiWeight    = 127       // the largest weight
	loihiThreshold = 1<<17 - 1 // the largest threshold
	loihiWhole     = 255       // weights up to it that are whole stay as they are
)

// integer turns a layer that fires into whole numbers: its neurons and the
// weights into it.
func (l *lowering) integer(n int, ls *network.LayerSpec, c network.Clocked) (network.Clocked, error) {
	if !nir.Spiking(l.g.Nodes[n].Op) {
		if nir.Neuron(l.g.Nodes[n].Op) {
			return c, errors.New("a membrane without spikes has no integer form")
		}
		return c, nil
	}
	decay, err1 := uniform("decay", c.Decay, 1)
	gain, err2 := uniform("gain", c.Gain, 1)
	synDecay, err3 := uniform("synaptic decay", c.SynDecay, 0)
	synGain, err4 := uniform("synaptic gain", c.SynGain, 1)
	threshold, err5 := uniform("threshold", c.Threshold, 0)
	leak, err6 := uniform("leak", c.Leak, 0)
	reset, err7 := uniform("reset", c.Reset, 0)
	for _, err := range []error{err1, err2, err3, err4, err5, err6, err7} {
		if err != nil {
			return c, err
		}
	}
	switch {
	case leak != 0:
		return c, fmt.Errorf("v_leak is %v and must be 0 for integer neurons", leak)
	case reset != 0:
		return c, fmt.Errorf("v_reset is %v and must be 0 for integer neurons", reset)
	case c.Refractory != nil || c.Adapt != nil:
		return c, errors.New("integer neurons have no refractory period and do not adapt")
	}
	effect := gain * synGain // of a weight of 1 on the membrane
	unit, err := l.unit(ls, threshold/effect)
	if err != nil {
		return c, err
	}
	p := network.Loihi{
		DU: int32(math.Round(4096*(1-synDecay))) - 1, DV: int32(math.Round(4096 * (1 - decay))),
		Threshold: int32(min(max(math.Round(threshold/effect/unit), 0), math.MaxInt32)),
	}
	if p.Threshold < 1 || p.Threshold > loihiThreshold {
		return c, fmt.Errorf("a threshold of %v is %v times the unit of the weights, outside 1..%d", threshold, threshold/effect/unit,
			loihiThreshold)
	}
	for i := range ls.Inputs {
		ls.Inputs[i].Kernel = scaled(ls.Inputs[i].Kernel, unit)
	}
	return network.Clocked{
		Rule: network.Integer, Late: l.p.Late, Loihi: &p, Drive: whole(c.Drive, unit), LateDrive: whole(c.LateDrive, unit),
	}, nil
}

// uniform is a parameter that all neurons of a layer must share.
func uniform(name string, v []float32, otherwise float64) (float64, error) {
	for _, x := range v {
		if x != v[0] {
			return 0, fmt.Errorf("the %s differs between neurons, which integer layers do not allow", name)
		}
	}
	if len(v) == 0 {
		return otherwise, nil
	}
	return float64(v[0]), nil
}

// unit is what an integer weight of 1 stands for.
func (l *lowering) unit(ls *network.LayerSpec, threshold float64) (float64, error) {
	// A threshold read from float32 parameters is whole up to their rounding.
	largest, all, plain := 0.0, math.Abs(threshold-math.Round(threshold)) < 1e-5*math.Abs(threshold), false
	for _, in := range ls.Inputs {
		if l.graded[in.From] {
			return 0, fmt.Errorf("input %q brings values that are not whole", in.From)
		}
		plain = plain || kernelValues(in.Kernel) == nil
		for _, w := range kernelValues(in.Kernel) {
			largest = max(largest, math.Abs(float64(w)))
			all = all && w == float32(math.Round(float64(w)))
		}
	}
	switch {
	case largest == 0 || math.IsInf(largest, 0):
		return 1, nil
	case all && largest <= loihiWhole:
		return 1, nil
	}
	if plain {
		return 0, errors.New("it has an input without weights, which cannot be scaled to whole numbers")
	}
	return largest / loihiWeight, nil
}

// scaled is a kernel in whole numbers of a unit.
func scaled(k network.Kernel, unit float64) network.Kernel {
	switch k := k.(type) {
	case network.Dense:
		k.Weight = whole(k.Weight, unit)
		return k
	case network.Sparse:
		k.Weight = whole(k.Weight, unit)
		return k
	case network.Conv2d:
		k.Weight = whole(k.Weight, unit)
		return k
	case network.Diagonal:
		if k.Weight != nil {
			k.Weight = whole(k.Weight, unit)
		}
		return k
	}
	return k
}

func whole(v []float32, unit float64) []float32 {
	if v == nil {
		return nil
	}
	all := make([]float32, len(v))
	for i, x := range v {
		all[i] = float32(math.Round(float64(x) / unit))
	}
	return all
}

// notWhole reports whether a relay brings values other than whole numbers.
func notWhole(ls network.LayerSpec, graded map[string]bool) bool {
	for _, in := range ls.Inputs {
		if graded[in.From] {
			return true
		}
		for _, w := range kernelValues(in.Kernel) {
			if w != float32(math.Round(float64(w))) {
				return true
			}
		}
	}
	return false
}
