package nirnet

import (
	"fmt"
	"slices"
	"time"

	"ganglion/network/nir"
)

// Extend adds to a node what NIR does not have, see [extension]. Times are
// those of the equations, as in the file.
type Extend struct {
	Node               string        `key:"node" doc:"The node." required:"true"`
	Refractory         time.Duration `key:"refractory" doc:"Of a neuron: time after a spike without input." min:"0s" max:"1h"`
	AdaptationTau      time.Duration `key:"adaptation_tau" doc:"Of a neuron: time constant of its adaptation; 0s for none." min:"0s" max:"1h"`
	AdaptationCoupling float64       `key:"adaptation_coupling" doc:"How much the adaptation follows the membrane."`
	AdaptationJump     float64       `key:"adaptation_jump" doc:"What a spike adds to the adaptation."`
	AdaptationOf       string        `key:"adaptation_of" doc:"What adapts; input unless told." enum:",input,threshold"`
	Delay              time.Duration `key:"delay" doc:"Of a linear node: delay of all its synapses." min:"0s" max:"1h"`
	DepressionUse      float64       `key:"depression_use" doc:"Of a linear node: share of its resource that a spike spends; 0 for none." min:"0" max:"1"`
	DepressionRecovery time.Duration `key:"depression_recovery" doc:"Time constant in which the resource comes back." min:"0s" max:"1h"`
}

// extend is a flat graph in which the given nodes have other extensions.
func extend(g *nir.Graph, all []Extend) (*nir.Graph, error) {
	if len(all) == 0 {
		return g, nil
	}
	flat, err := g.Flat()
	if err != nil {
		return nil, err
	}
	for i, x := range all {
		at := slices.IndexFunc(flat.Nodes, func(n nir.Node) bool { return n.Name == x.Node })
		if at < 0 {
			return nil, fmt.Errorf("extend.%d: no node %q", i, x.Node)
		}
		n := &flat.Nodes[at]
		n.Metadata = slices.DeleteFunc(slices.Clone(n.Metadata), func(m nir.Meta) bool { return m.Key == metadataGroup })
		n.Metadata = append(n.Metadata, nir.Meta{Key: metadataGroup, Value: x.metadata()})
	}
	return flat, nil
}

func (x Extend) metadata() (m nir.Metadata) {
	put := func(key string, v float64) {
		if v != 0 {
			m = append(m, nir.Meta{Key: key, Value: nir.Scalar(v)})
		}
	}
	put("refractory", x.Refractory.Seconds())
	put("adaptation_tau", x.AdaptationTau.Seconds())
	if x.AdaptationTau > 0 { // both count, also as 0
		m = append(m, nir.Meta{Key: "adaptation_coupling", Value: nir.Scalar(x.AdaptationCoupling)},
			nir.Meta{Key: "adaptation_jump", Value: nir.Scalar(x.AdaptationJump)})
	}
	if x.AdaptationOf != "" {
		m = append(m, nir.Meta{Key: "adaptation_of", Value: nir.Text{Values: []string{x.AdaptationOf}}})
	}
	put("delay", x.Delay.Seconds())
	put("depression_use", x.DepressionUse)
	put("depression_recovery", x.DepressionRecovery.Seconds())
	return m
}
