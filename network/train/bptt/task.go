package bptt

import "ganglion/pipeline"

// Task is what a network learns: examples and how well it does on them.
//
// [Trainer.Epoch] calls Sample and then Loss for each example of an epoch once,
// from several goroutines at once but for one example from one. Both must
// depend on their arguments alone: augmentation draws its numbers from (seed,
// epoch, example), so that training is the same for any number of cores. In
// the last batch of an epoch some examples come a second time.
type Task interface {
	// Len is the number of examples. It may change between epochs.
	Len() int
	// Sample fills s, which is empty, with example i as epoch e sees it: spikes
	// in [0, Steps·Step). Times are floored to steps; graded values are not
	// known here.
	Sample(epoch, i int, s *pipeline.Spikes) error
	// Loss is the loss of example i, with logits, [Steps, Classes], as the
	// readout gave them. It writes the derivative of the loss by the logits to
	// grad, which is all 0. right reports whether the network decided well.
	Loss(epoch, i int, logits, grad []float32) (loss float64, right bool)
}

// Outcome is how an example went in an epoch, while the network learned.
type Outcome struct {
	Loss  float64
	Right bool
}
