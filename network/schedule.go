package network

import (
	"slices"

	"ganglion/internal/digraph"
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
	edges := make([][]int, len(spec.Layers))
	nodes := make([]int, len(spec.Layers))
	self := make([]bool, len(spec.Layers))
	for i, ls := range spec.Layers {
		nodes[i] = i
		for _, in := range ls.Inputs {
			switch from := index[in.From] - 1; {
			case from == i:
				self[i] = true
			case from >= 0:
				edges[from] = append(edges[from], i)
				if in.Recurrent { // arrives a step later, also where no loop is closed
					edges[i] = append(edges[i], from)
				}
			}
		}
	}
	component := make([]int, len(spec.Layers))
	components := digraph.Components(nodes, func(from int) []int { return edges[from] })
	level := make([]int, len(components))
	var levels []([]stage)
	for k, layers := range components {
		s := stage{layers: layers, loop: len(layers) > 1}
		for _, l := range layers {
			component[l] = k
			s.loop = s.loop || self[l]
		}
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
