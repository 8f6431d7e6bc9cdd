package bptt_test

import (
	"context"
	"fmt"

	"ganglion/network/train/bptt"
	"ganglion/pipeline"
)

// order is a task: which of two neurons fires first?
type order struct{}

func (order) Len() int { return 32 }

func (order) Sample(_, i int, s *pipeline.Spikes) error {
	s.Append(20_000, uint32(i%2))
	s.Append(60_000, uint32(1-i%2))
	return nil
}

func (order) Loss(_, i int, logits, grad []float32) (float64, bool) {
	return bptt.MeanLogit.Loss(logits, grad, 2, i%2, 0)
}

func Example() {
	c := bptt.NewDefaultConfig()
	c.Inputs, c.Classes, c.Steps, c.Hidden = 2, 2, 12, []int{16}
	c.Batch, c.Part, c.Epochs, c.Rate = 16, 16, 40, .02
	trainer, err := bptt.New(c)
	if err != nil {
		panic(err)
	}
	right := 0
	for trainer.Epochs() < c.Epochs {
		outcomes, err := trainer.Epoch(context.Background(), order{}, nil)
		if err != nil {
			panic(err)
		}
		right = 0
		for _, o := range outcomes {
			if o.Right {
				right++
			}
		}
	}
	n := trainer.Network()
	fmt.Println(right, "of 32 right;", n.Parameters(), "parameters,", len(n.Graph().Nodes), "nodes")
	// Output: 32 of 32 right; 372 parameters, 9 nodes
}
