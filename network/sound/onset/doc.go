// Package onset finds in the spikes of a cochlea which channels are active, and
// when many of them begin to be: the ear's first two steps towards words.
//
// # The life of a spike
//
//	[cells, ears, bands] ─ sum over the cells ─▶ channel [ears, bands] ─ synapses that tire ─▶ onset [groups]
//
// A channel cell adds up the cells of one ear and band with a time constant of
// some milliseconds. It fires where spikes follow each other quickly, so lone
// spikes of the background are gone. An onset cell pools a range of bands of all
// ears over a short time constant, as the octopus cells of the cochlear nucleus
// do (Golding, Robertson and Oertel 1995): it fires when a share of its channels
// fire together. Its synapses tire (Tsodyks and Markram 1997), so that it hears a
// sound begin and not continue. Both are leaky integrate-and-fire cells,
//
//	tau dV/dt = -V,  V += w at a spike,  V > threshold: spike and V = 0,
//
// on the event-driven engine of package network, with exact times.
//
// The readout segment takes the layer channel for the stretches in which
// something sounds, such as vowels, and the layer onset for their beginnings.
// A silicon cochlea (encoder silicon) and a simulated one (encoder cochlea, front
// gammatone) give the same layer.
package onset
