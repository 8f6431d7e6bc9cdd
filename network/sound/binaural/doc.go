// Package binaural hears where a sound comes from, by the difference between
// the times at which it reaches the two ears: delay lines, coincidence detectors
// and a readout (Jeffress 1948).
//
// # The life of a spike
//
//	spikes of both ears ─ delay lines ─▶ coincidence: LIF cells [taps, cells, bands] ─ azimuth ─▶ direction
//
// The input is a layer [cells, 2, bands], left ear first, as the encoders cochlea
// (gammatone, channels: all) and silicon give it. At tap j, which stands for the
// time difference d(j) from -reach to reach in steps of step, a spike of the right
// ear is late by (reach+d)/2 and one of the left by (reach-d)/2. A coincidence
// cell takes the spikes of one cell and band from both ears,
//
//	tau dV/dt = -V,  V += weight at a spike,  V > 1: spike and V = 0,
//
// and with a weight between 1/2 and 1 it fires only where both come within
// tau·ln(weight/(1-weight)) of each other. The cells run on the event-driven
// engine of package network with exact times.
//
// The readout adds up the coincidences of a period by tap, over all cells and
// bands. Its score is the peak's share. Where the periods of a band's tone repeat within ±reach, a band alone is
// of several minds; the true difference is where the bands agree. The peak,
// smoothed over three taps and refined by a parabola, is the interaural time
// difference; the azimuth follows from the model of a spherical head,
//
//	ITD = r/c·(θ + sin θ)  (Woodworth 1938).
//
// # Caveats
//
// Front and back are alike in time, and so are all heights: azimuth is that of
// the frontal half plane. Spikes that wait in the delay lines when the stream
// ends, 2·reach of it at most, are not heard.
package binaural
