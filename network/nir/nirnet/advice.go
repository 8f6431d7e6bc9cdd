package nirnet

import (
	"fmt"
	"math"

	"ganglion/network/nir"
)

// Advice is what a file tells of how it wants to be run.
type Advice struct {
	Profile  string   `json:"profile"`
	DT       float64  `json:"dt_s"`
	Why      string   `json:"why,omitempty"`
	Warnings []string `json:"warnings,omitempty"` // what cannot work, or looks wrong, under that profile and dt
}

// Advise looks at a model under the profile of a name (see choose). dt, s,
// takes the place of the profile's where it is not 0.
func Advise(m *nir.Model, name string, dt float64) (*Advice, error) {
	p, why, err := choose(name, m)
	if err != nil {
		return nil, err
	}
	if dt > 0 {
		p.DT = dt
	}
	g, err := m.Graph.Flat()
	if err != nil {
		return nil, err
	}
	return &Advice{Profile: p.Name, DT: p.DT, Why: why, Warnings: p.warnings(g)}, nil
}

// slow is how many steps a time constant may last before a network is unlikely
// to do anything.
const slow = 1e4

// warnings finds neurons that cannot work at the profile's dt.
func (p Profile) warnings(g *nir.Graph) (all []string) {
	for _, n := range g.Nodes {
		shortest, longest := constants(n.Op)
		switch steps := longest / p.DT; {
		case longest == 0:
		case steps >= slow:
			all = append(all, fmt.Sprintf("node %q (%s): a time constant of %v s is %.3g steps of %v s, so its membrane hardly moves; %s",
				n.Name, n.Op.Type(), longest, steps, p.DT, remedy(longest)))
		case shortest < p.DT*(1-1e-6):
			all = append(all, fmt.Sprintf("node %q (%s): a time constant of %v s is shorter than a step of %v s; choose a smaller dt",
				n.Name, n.Op.Type(), shortest, p.DT))
		}
	}
	return all
}

func remedy(tau float64) string {
	if tau >= 1 {
		return "such time constants count steps (Sinabs, Spyx): take a dt of 1 s"
	}
	return "choose a larger dt"
}

// constants are the time constants of a neuron, 0 for none; infinite ones do
// not count.
func constants(op nir.Op) (shortest, longest float64) {
	var all []nir.Tensor
	switch n := op.(type) {
	case *nir.LI:
		all = []nir.Tensor{n.Tau}
	case *nir.LIF:
		all = []nir.Tensor{n.Tau}
	case *nir.CubaLI:
		all = []nir.Tensor{n.TauSyn, n.TauMem}
	case *nir.CubaLIF:
		all = []nir.Tensor{n.TauSyn, n.TauMem}
	}
	shortest = math.Inf(1)
	for _, t := range all {
		for i := range t.Len() {
			if v := t.At(i); !math.IsInf(v, 0) {
				shortest, longest = min(shortest, v), max(longest, v)
			}
		}
	}
	return shortest, longest
}
