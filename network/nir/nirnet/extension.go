package nirnet

import (
	"fmt"
	"math"
	"slices"

	"ganglion/network"
	"ganglion/network/nir"
)

// extension is what a node's metadata group "ganglion" says beyond NIR. Times
// are in seconds, as in NIR; tensors hold one value for each neuron or
// synapse, or one for all. A tensor without values is absent.
type extension struct {
	Refractory nir.Tensor // of a neuron: s after a spike without input
	// Adaptation of a neuron: AdaptationTau dw/dt = coupling (v - v_leak) - w,
	// and w grows by the jump at a spike. It is taken off the input current, or
	// added to the threshold.
	AdaptationTau, AdaptationCoupling, AdaptationJump nir.Tensor
	AdaptationOf                                      string     // "input" (default) or "threshold"
	Delay                                             nir.Tensor // of the synapses of a linear node, s, shaped as its weight
	DepressionUse, DepressionRecovery                 nir.Tensor // of the synapses of a linear node: share, s
	// Competition of neurons, see [network.Competition]: "layer" or "channels",
	// with CompetitionReset 1 where a spike resets the whole group.
	Competition      string
	CompetitionReset nir.Tensor
}

// metadataGroup is the group of a node's metadata in which extensions stand.
const metadataGroup = "ganglion"

// extensionOf reads a node's extension. What is misspelt or does not belong to
// the node is an error: it would change the network silently.
func extensionOf(n nir.Node) (x extension, err error) {
	at := slices.IndexFunc(n.Metadata, func(m nir.Meta) bool { return m.Key == metadataGroup })
	if at < 0 {
		return x, nil
	}
	group, ok := n.Metadata[at].Value.(nir.Metadata)
	if !ok {
		return x, fmt.Errorf("metadata %q is not a group", metadataGroup)
	}
	fields := x.fields(n.Op)
	for _, m := range group {
		field, known := fields[m.Key]
		switch value := m.Value.(type) {
		case nir.Tensor:
			if t, ok := field.(*nir.Tensor); ok && value.Len() > 0 {
				*t = value
				continue
			}
		case nir.Text:
			if s, ok := field.(*string); ok && len(value.Values) == 1 {
				*s = value.Values[0]
				continue
			}
		}
		if !known {
			return x, fmt.Errorf("metadata %q: a %s has no %q", metadataGroup, n.Op.Type(), m.Key)
		}
		return x, fmt.Errorf("metadata %q: %q is not of the right type", metadataGroup, m.Key)
	}
	return x, x.check(n.Op)
}

// fields are the keys that a node may have.
func (x *extension) fields(op nir.Op) map[string]any {
	switch {
	case nir.Spiking(op):
		return map[string]any{
			"refractory": &x.Refractory, "adaptation_tau": &x.AdaptationTau, "adaptation_coupling": &x.AdaptationCoupling,
			"adaptation_jump": &x.AdaptationJump, "adaptation_of": &x.AdaptationOf,
			"competition": &x.Competition, "competition_reset": &x.CompetitionReset,
		}
	case linear(op):
		return map[string]any{"delay": &x.Delay, "depression_use": &x.DepressionUse, "depression_recovery": &x.DepressionRecovery}
	}
	return nil
}

// check reports what does not fit the node.
func (x *extension) check(op nir.Op) error {
	for _, t := range []*nir.Tensor{&x.Refractory, &x.AdaptationTau, &x.AdaptationCoupling, &x.AdaptationJump, &x.Delay, &x.DepressionUse,
		&x.DepressionRecovery, &x.CompetitionReset} {
		for i := range t.Len() {
			if v := t.At(i); math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("metadata %q holds %v", metadataGroup, v)
			}
		}
	}
	switch {
	case !slices.Contains([]string{"", "input", "threshold"}, x.AdaptationOf):
		return fmt.Errorf("metadata %q: adaptation_of is %q, neither input nor threshold", metadataGroup, x.AdaptationOf)
	case x.AdaptationTau.Len() == 0 && x.AdaptationCoupling.Len()+x.AdaptationJump.Len()+len(x.AdaptationOf) > 0:
		return fmt.Errorf("metadata %q: adaptation without adaptation_tau", metadataGroup)
	case !slices.Contains([]string{"", "layer", "channels"}, x.Competition):
		return fmt.Errorf("metadata %q: competition is %q, neither layer nor channels", metadataGroup, x.Competition)
	case x.CompetitionReset.Len() > 1 || x.CompetitionReset.Len() == 1 && x.Competition == "":
		return fmt.Errorf("metadata %q: competition_reset is one number, beside competition", metadataGroup)
	case x.DepressionUse.Len() != x.DepressionRecovery.Len() || x.DepressionUse.Len() > 1:
		return fmt.Errorf("metadata %q: depression_use and depression_recovery are one number each", metadataGroup)
	}
	if w := weightOf(op); x.Delay.Len() > 1 && (w == nil || x.Delay.Len() != w.Len()) {
		return fmt.Errorf("metadata %q: %d delays of shape %v", metadataGroup, x.Delay.Len(), x.Delay.Shape)
	}
	return nil
}

func weightOf(op nir.Op) *nir.Tensor {
	switch n := op.(type) {
	case *nir.Affine:
		return &n.Weight
	case *nir.Linear:
		return &n.Weight
	case *nir.Conv:
		return &n.Weight
	}
	return nil
}

// competition is how the neurons compete, nil if they do not.
func (x *extension) competition() *network.Competition {
	if x.Competition == "" {
		return nil
	}
	return competition(x.Competition, x.CompetitionReset.Len() > 0 && x.CompetitionReset.At(0) != 0)
}

// competition is that of the neurons of a layer, or of its channels, by name.
func competition(group string, reset bool) *network.Competition {
	c := &network.Competition{Reset: reset}
	if group == "channels" {
		c.Group = network.Channels
	}
	return c
}

// withCompetition is a node's metadata with how its neurons compete.
func withCompetition(m nir.Metadata, c network.Competition) nir.Metadata {
	var group nir.Metadata
	rest := slices.DeleteFunc(slices.Clone(m), func(e nir.Meta) bool {
		if e.Key == metadataGroup {
			group, _ = e.Value.(nir.Metadata)
		}
		return e.Key == metadataGroup
	})
	group = slices.DeleteFunc(slices.Clone(group), func(e nir.Meta) bool { return e.Key == "competition" || e.Key == "competition_reset" })
	of := "layer"
	if c.Group == network.Channels {
		of = "channels"
	}
	group = append(group, nir.Meta{Key: "competition", Value: nir.Text{Values: []string{of}}})
	if c.Reset {
		group = append(group, nir.Meta{Key: "competition_reset", Value: nir.Scalar(1)})
	}
	return append(rest, nir.Meta{Key: metadataGroup, Value: group})
}

// extendNeuron adds refractory period, adaptation and competition to a layer in
// steps.
func (p Profile) extendNeuron(c *network.Clocked, x extension, op nir.Op, scale []float64) error {
	if x.Refractory.Len() > 0 {
		c.Refractory = nil
	}
	for i := range x.Refractory.Len() {
		steps := math.Round(x.Refractory.At(i) / p.DT)
		if steps < 0 || steps > math.MaxInt32 {
			return fmt.Errorf("a refractory period of %v s", x.Refractory.At(i))
		}
		c.Refractory = append(c.Refractory, int32(steps))
	}
	c.Compete = x.competition()
	if x.AdaptationTau.Len() == 0 {
		return nil
	}
	a := &network.Adaptation{OnThreshold: x.AdaptationOf == "threshold"}
	leak := leakOf(op)
	if err := alike(x.AdaptationTau, x.AdaptationCoupling, x.AdaptationJump, leak); err != nil {
		return fmt.Errorf("metadata %q: %w", metadataGroup, err)
	}
	for i := range max(x.AdaptationTau.Len(), x.AdaptationCoupling.Len(), x.AdaptationJump.Len(), leak.Len(), len(scale)) {
		tau := at(x.AdaptationTau, i)
		decay, gain := p.leak(tau)
		if err := stable(decay, tau, p.DT); err != nil {
			return fmt.Errorf("adaptation: %w", err)
		}
		unit := 1.0 // of the membrane
		if scale != nil {
			unit = scale[min(i, len(scale)-1)]
		}
		couple, jump := gain*at(x.AdaptationCoupling, i), at(x.AdaptationJump, i)
		if a.OnThreshold {
			jump *= unit
		} else {
			couple /= unit
		}
		a.Decay, a.Couple = append(a.Decay, float32(decay)), append(a.Couple, float32(couple))
		a.Jump, a.Rest = append(a.Jump, float32(jump)), append(a.Rest, float32(at(leak, i)*unit))
	}
	c.Adapt = a
	return nil
}

// leakOf is what a neuron's membrane leaks to.
func leakOf(op nir.Op) nir.Tensor {
	switch n := op.(type) {
	case *nir.LIF:
		return n.VLeak
	case *nir.CubaLIF:
		return n.VLeak
	}
	return nir.Scalar(0)
}

// extendSynapses adds delays and depression to a connection.
func (l *lowering) extendSynapses(c *network.Connection, x extension, op nir.Op) error {
	if x.DepressionUse.Len() == 1 {
		c.Depress = &network.Depression{Use: x.DepressionUse.At(0), Recovery: l.sensor(x.DepressionRecovery.At(0))}
	}
	if x.Delay.Len() == 0 {
		return nil
	}
	steps := make([]float32, weights(c.Kernel))
	unit, longest := l.p.DT, float64(1<<16)
	if l.p.Method == eventMethod { // µs of sensor time
		unit, longest = l.p.DT/float64(l.out.Step.Microseconds()), 1<<24
	}
	for i := range steps {
		d := math.Round(at(x.Delay, i) / unit)
		if !(d >= 0 && d <= longest) {
			return fmt.Errorf("a delay of %v s is outside 0..%v s", at(x.Delay, i), float64(unit*longest))
		}
		steps[i] = float32(d)
	}
	// A kernel of delays has them where the kernel of weights has its weights.
	if w := weightOf(op); w != nil && batched(op) {
		t := nir.Float32(w.Shape, steps)
		k, err := matrix(&t)
		if err != nil {
			return err
		}
		steps = kernelValues(k)
	}
	for _, d := range steps {
		c.Delays = append(c.Delays, int32(d))
	}
	return nil
}

func weights(k network.Kernel) int { return len(kernelValues(k)) }

// kernelValues are the weights of a kernel, nil where it stores none.
func kernelValues(k network.Kernel) []float32 {
	switch k := k.(type) {
	case network.Dense:
		return k.Weight
	case network.Sparse:
		return k.Weight
	case network.Conv2d:
		return k.Weight
	case network.Diagonal:
		return k.Weight
	}
	return nil
}
