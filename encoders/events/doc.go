// Package events encodes the address events of an event camera as spikes: one
// input neuron for each pixel and polarity, one spike for each event.
//
// # The life of an event
//
// In this order an event passes
//
//  1. the mask of hot pixels (addresses of the sensor),
//  2. the chain of filters (package filter; it may change the sensor's size),
//  3. the region of interest (addresses behind the filters),
//  4. spatial down-sampling (the region's corner is its origin),
//  5. the choice of polarity, which gives the channel,
//
// and becomes the spike of neuron channel*H*W + y*W + x of a layer of shape
// [channels, H, W]. Everything that gives no spike on the way is counted:
// events in = spikes + filtered, exactly.
//
// # Time
//
// A spike carries its event's time. A network that works in steps floors it
// itself (its key step).
//
// # Order
//
// Cameras emit many events with one time, in readout order. The spikes of one
// time are sorted by id where they are not already; with down-sampling or
// merged polarities an id can stand twice. Events whose times step back within
// a window are put in order; the common, ascending case pays nothing for that.
package events
