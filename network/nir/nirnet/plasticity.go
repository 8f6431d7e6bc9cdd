package nirnet

import (
	"fmt"
	"slices"
	"time"

	"ganglion/network"
	"ganglion/network/nir"
)

// Plasticity lets the weights of a linear node learn, see [network.STDP].
type Plasticity struct {
	Synapses string        `key:"synapses" doc:"The Affine, Linear, Conv1d or Conv2d node whose weights learn." required:"true"`
	APlus    float64       `key:"a_plus" doc:"What a presynaptic spike leaves behind; pre before post changes a weight by it."`
	AMinus   float64       `key:"a_minus" doc:"What a postsynaptic spike leaves behind, as a rule negative."`
	TauPlus  time.Duration `key:"tau_plus" doc:"How long a presynaptic spike counts, sensor time." min:"1us" max:"1h"`
	TauMinus time.Duration `key:"tau_minus" doc:"How long a postsynaptic spike counts, sensor time." min:"1us" max:"1h"`
	Pairing  string        `key:"pairing" doc:"Which pairs of spikes count; all unless told." enum:",all,nearest"`
	Min      float64       `key:"min" doc:"Lower bound of the weights."`
	Max      float64       `key:"max" doc:"Upper bound of the weights."`
	Soft     bool          `key:"soft" doc:"Scale changes by what is left to the bound."`
}

// Homeostasis raises the threshold of neurons that fire, see
// [network.Homeostasis].
type Homeostasis struct {
	Neurons   string        `key:"neurons" doc:"The node." required:"true"`
	Rise      float64       `key:"rise" doc:"What a spike adds to the threshold." min:"0"`
	Tau       time.Duration `key:"tau" doc:"How long it lasts, sensor time." min:"1us" max:"8760h"`
	ByChannel bool          `key:"by_channel" doc:"All neurons of a channel share one threshold."`
}

// Competition lets neurons inhibit each other, see [network.Competition].
type Competition struct {
	Neurons string `key:"neurons" doc:"The node." required:"true"`
	Group   string `key:"group" doc:"Who competes: the whole layer, unless told, or the channels of each position." enum:",layer,channels"`
	Reset   bool   `key:"reset" doc:"A spike resets the whole group."`
}

// synapses is where the weights of a linear node ended up: a connection of a
// layer.
type synapses struct{ layer, input int }

// learn makes connections and layers of the spec plastic as the config says.
func (l *Lowered) learn(c Config) error {
	for i, p := range c.Plasticity {
		if err := l.plastic(p); err != nil {
			return fmt.Errorf("plasticity.%d: %w", i, err)
		}
	}
	for i, h := range c.Homeostasis {
		n, at, err := l.clocked(h.Neurons)
		if err != nil {
			return fmt.Errorf("homeostasis.%d: %w", i, err)
		}
		n.Homeostasis = &network.Homeostasis{Rise: h.Rise, Tau: h.Tau, ByChannel: h.ByChannel}
		l.Spec.Layers[at].Neuron = n
	}
	for i, k := range c.Competition {
		n, at, err := l.clocked(k.Neurons)
		if err != nil {
			return fmt.Errorf("competition.%d: %w", i, err)
		}
		n.Compete = competition(k.Group, k.Reset)
		l.Spec.Layers[at].Neuron = n
	}
	return nil
}

func (l *Lowered) plastic(p Plasticity) error {
	places, ok := l.places[p.Synapses]
	if !ok {
		var names []string
		for name := range l.places {
			names = append(names, name)
		}
		slices.Sort(names)
		return fmt.Errorf("no node %q with synapses; there are %q", p.Synapses, names)
	}
	op := l.node(p.Synapses).Op
	switch w := weightOf(op); {
	case w == nil:
		return fmt.Errorf("node %q (%s) has no weights that could learn", p.Synapses, op.Type())
	case len(places) > 1:
		return fmt.Errorf("node %q has %d sources or targets, which would learn apart", p.Synapses, len(places))
	case batched(op):
		return fmt.Errorf("node %q: weights of shape %v are batched and cannot learn", p.Synapses, w.Shape)
	}
	rule := network.STDP{
		APlus: p.APlus, AMinus: p.AMinus, TauPlus: p.TauPlus, TauMinus: p.TauMinus, Min: p.Min, Max: p.Max, Soft: p.Soft,
	}
	if p.Pairing == "nearest" {
		rule.Pairing = network.Nearest
	}
	l.Spec.Layers[places[0].layer].Inputs[places[0].input].Plastic = &rule
	return nil
}

// batched reports whether a matrix has leading dimensions.
func batched(op nir.Op) bool {
	_, conv := op.(*nir.Conv)
	return !conv && len(weightOf(op).Shape) != 2
}

// clocked finds the layer of a node.
func (l *Lowered) clocked(name string) (network.Clocked, int, error) {
	at := slices.IndexFunc(l.Spec.Layers, func(ls network.LayerSpec) bool { return ls.Name == name })
	if at < 0 {
		return network.Clocked{}, 0, fmt.Errorf("no node %q with neurons; there are %q", name, l.Spiking)
	}
	n, ok := l.Spec.Layers[at].Neuron.(network.Clocked)
	if !ok {
		return n, 0, fmt.Errorf("node %q: %w", name, errSteps)
	}
	return n, at, nil
}

// node is a node of the flat graph.
func (l *Lowered) node(name string) *nir.Node {
	i := slices.IndexFunc(l.graph.Nodes, func(n nir.Node) bool { return n.Name == name })
	return &l.graph.Nodes[i]
}
