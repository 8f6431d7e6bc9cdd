// Package bptt trains convolutional and recurrent networks by surrogate
// gradients and back-propagation through time, and writes them as NIR.
//
// # The life of an example
//
// A [Task] gives an example as spikes. A [Trainer] takes it through the network
// in steps, as part of a batch:
//
//	spikes z ─ W, batch norm ─▶ adaptive LIF neurons, recurrent ─ dropout ─▶ ... ─ W ─▶ leaky readout: logits
//
// and asks the Task for the loss of the logits and its derivative. The
// derivative goes back through all steps; where a spike has none, a surrogate
// stands for it (Neftci, Mostafa and Zenke 2019): that of a fast sigmoid (Zenke
// and Ganguli 2018) or an arctangent (Fang et al. 2021), by the distance of the
// membrane from its threshold. Adam takes a step for every batch. [Trainer.Network]
// folds batch norm into the weights, and [Network.Graph] writes the result.
//
// # The neuron
//
// In step t, with decays α = 1 - dt/τ learned for each neuron:
//
//	x = norm(W z) + U y(t-1) - b a(t-1)
//	u = α v(t-1) + (1-α) x         s = 1 where u > 1
//	v = 0 where s, else u          (or v = u - s)
//	a = ρ a(t-1) + s
//
// It is the adaptive LIF neuron of Bittar and Garner (2022, eq. 5 to 8) without
// the coupling to the membrane below threshold, in a form that NIR has words
// for: an LIF, an LI that follows its spikes, and a Scale from there back to the
// LIF. U has no diagonal. The readout is an LI on each class.
//
// A convolution ([Convolution]) comes before these layers: LIF neurons behind
// square kernels, u and v as above with x = norm(W * z), an α for each channel,
// and a sum over squares of their spikes. Weights are added where spikes are, so
// forward and by the weights backward the cost follows them.
//
// y is s, or with [Config.Delay] what arrives of it through axons, each of which
// takes its own number of steps. The numbers are learned with the weights (Sun
// et al. 2023; Queant et al. 2025, arXiv 2509.24852): a time between two steps
// splits a spike between them, until the times settle on whole steps for the
// rest of the training. In NIR the axons are a Delay.
//
// # Example
//
//	trainer, err := bptt.New(config)
//	for trainer.Epochs() < config.Epochs {
//		outcomes, err := trainer.Epoch(ctx, task, nil) // losses by example: mine the hard ones
//	}
//	graph := trainer.Network().Graph()
//
// # What is held
//
// The result depends on the configuration and the task alone. A batch is cut
// into parts of a fixed size; each part has its own batch norm statistics and
// its own gradient, and gradients are summed in the order of the parts, so the
// number of processors does not show. Vector kernels and loops give the same
// bits, and so do all kinds of processors: no product is fused with a sum, and
// exponentials are those of package portable. A trainer resumed from
// [Trainer.AppendState] never stopped. Tests hold the gradient by every
// parameter against finite differences, the trainer's forward pass against
// [Runner], and the engine on the written file against Runner, spike for spike.
//
// # Caveats
//
// All examples have the same number of steps. The memory of a processor grows
// with the steps times the examples of a part.
package bptt
