// Package motion detects and tracks moving objects in the stream of an event
// camera: a spiking network ([Component], model "motion") and a readout
// ([ReadoutComponent], type "motion") that turns its spikes into tracks.
//
// # The way of a spike
//
//	input [2,H,W] ─┬─ depressing synapse ─▶ coincidence [2,H,W] ─┬─▶ pooled [1,H/4,W/4]
//	               │                                             └─▶ direction [2,H,W,8]
//	               └─ depressing synapse ─▶ slow [2,H/2,W/2]
//
// A coincidence neuron per pixel and polarity fires when its 3x3 neighbourhood
// is active together, which noise seldom is. Pooled neurons tell which 4x4
// cells are active. Time-difference encoders measure how long an edge took
// from eight points around a pixel to the pixel. Slow neurons add up over 4x4 px
// what comes too slowly for a coincidence.
//
// The readout works in periods of sensor time. In each it fits a slowness to
// the travel times of every coincidence spike (normal flow), links active
// cells into clusters, moves the cluster's spikes along its velocity to the
// end of the period, which gives a box without smear, and feeds the boxes to a
// tracker (ganglion/network/motion/track). Slow spikes serve in the same way where
// there are no coincidences. What hangs together with an object belongs to it,
// whatever its flow; what an empty middle parts becomes two. Where a flash makes
// everything fire, the readout sees nothing.
//
// # Caveats
//
// A moving camera makes everything move, unless the readout is told that it may
// ([CameraConfig]): then the flow of the whole picture is fitted, and objects
// are what does not flow with it. An object
// that stops disappears, since it makes no events. In total silence nothing is
// reported: the end of a track is, when the next event comes or the stream ends.
package motion
