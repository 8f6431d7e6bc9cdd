package network

import (
	"slices"

	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"
)

// stage is a part of the network that is run through a whole window before the
// next one starts: layers that do not depend on each other, or a loop of
// layers that feed each other and must go step by step.
type stage struct {
	layers []int // ascending
	loop   bool
}

// schedule orders the layers into stages: loops are the strongly connected
// components of the graph, everything else runs as early as it can.
func schedule(index map[string]int, spec Spec) []stage {
	g := simple.NewDirectedGraph()
	for i := range spec.Layers {
		g.AddNode(simple.Node(i))
	}
	self := make([]bool, len(spec.Layers))
	for i, ls := range spec.Layers {
		for _, in := range ls.Inputs {
			switch from := index[in.From] - 1; {
			case from == i:
				self[i] = true
			case from >= 0:
				g.SetEdge(g.NewEdge(simple.Node(from), simple.Node(i)))
				if in.Recurrent { // arrives a step later, also where no loop is closed
					g.SetEdge(g.NewEdge(simple.Node(i), simple.Node(from)))
				}
			}
		}
	}
	component := make([]int, len(spec.Layers))
	components := topo.TarjanSCC(g) // later components first
	slices.Reverse(components)
	level := make([]int, len(components))
	var levels []([]stage)
	for k, nodes := range components {
		s := stage{loop: len(nodes) > 1}
		for _, n := range nodes {
			component[n.ID()] = k
			s.layers = append(s.layers, int(n.ID()))
			s.loop = s.loop || self[n.ID()]
		}
		slices.Sort(s.layers)
		for _, l := range s.layers {
			for _, in := range spec.Layers[l].Inputs {
				if from := index[in.From] - 1; from >= 0 && component[from] != k {
					level[k] = max(level[k], level[component[from]]+1)
				}
			}
		}
		for len(levels) <= level[k] {
			levels = append(levels, nil)
		}
		levels[level[k]] = append(levels[level[k]], s)
	}
	return flatten(levels)
}

// flatten joins the stages of a level that are not loops into one.
func flatten(levels [][]stage) []stage {
	var stages []stage
	for _, level := range levels {
		var together stage
		for _, s := range level {
			if s.loop {
				stages = append(stages, s)
			} else {
				together.layers = append(together.layers, s.layers...)
			}
		}
		if len(together.layers) > 0 {
			slices.Sort(together.layers)
			stages = append(stages, together)
		}
	}
	return stages
}
