// Package classifier trains convolutional spiking networks to tell camera
// recordings apart, by surrogate gradients.
//
// # The life of a recording
//
//	recording ─ events ─ Ranges (place, mirror, time, drops, noise) ─▶ spikes [2, H, W] ─ bptt ─▶ Model ─ NIR
//
// A task reads each recording again in every epoch, cuts a window out of it and
// varies what it sees by numbers drawn from (seed, epoch, recording), so that
// memory does not grow with the data and the same is learned on any number of
// cores. [Recipe.Train] trains; the network decides by the mean of its outputs
// over the steps, which is what `eval nir`, `infer` and the readout `class` take.
//
// # Caveats
//
// A network learns windows of one length. Longer recordings are judged by all
// their steps, which the leaky readout forgets as it goes.
package classifier
