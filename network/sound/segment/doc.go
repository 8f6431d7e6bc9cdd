// Package segment finds stretches of activity in a layer: the vowels of a
// cochlea, a sound in silence, a sensor that is stirred.
//
// # The life of a spike
//
// A leaky counter estimates the layer's rate,
//
//	r(t) = Σ exp(-(t-ti)/tau)/tau   over all spikes ti <= t,
//
// exactly, at every spike. A segment begins at the spike that lifts r to the
// rate on. It ends where r has fallen below the rate off, which may lie between
// two spikes, and has stayed there for the time hangover. Segments shorter than
// shortest are left out.
//
// A detection of the kind segment is made once its end is sure. It holds the
// start and the end; its T is the end and the hangover, what a live stream
// waits for. Its score is 1 - on/peak, where peak is the highest r.
//
// # Caveats
//
// The end of the stream ends an open segment where r would have fallen below
// off, a few tau behind the last spike. The rate is that of the whole layer, so
// on and off depend on its size.
package segment
