// Package tensor makes dense arrays of events, as learning takes them, and writes
// them as NumPy or Arrow files.
//
// # Definitions
//
// A recording is cut into slices, each of which becomes one entry of the first
// axis, N. All axes after it are in C order; p is 0 for OFF and 1 for ON.
//
// Frames (N, P, H, W), int16: the number of events at each pixel (tonic,
// ToFrame). Slices are windows of time, a number of events, or a number of equal
// parts of the recording. P is 2, or 1 for merged or signed polarities.
//
// Voxels (N, B, H, W), or (N, 2, B, H, W) for split polarities, float32: B bins of
// time in each slice, between which an event is shared by linear interpolation.
// event_utils (events_to_voxel, and E2VID) puts the first event into the first bin
// and the last into the last one: t* = (B-1) (t - t0) / (t1 - t0), weight
// max(0, 1 - |t* - b|). tonic (ToVoxelGrid) has t* = B (t - t0) / (t1 - t0), and what
// falls behind the last bin is left out. Without windows or counts the recording is
// one slice. Bins by count hold an equal number of events each, which are not shared.
//
// Time surfaces (N, P, H, W), float32: exp(-(T - t)/tau) of each pixel's latest
// event t, 0 where there was none; T is the end of the slice (tonic,
// ToTimesurface), or its last event where slices are counts.
//
// Windows are half-open and begin with the first event. A slice counts when the
// recording has reached its end: the rest behind the last one is left out, as by
// both libraries. (tonic keeps a rest that is all there is. event_utils leaves out a
// last slice that ends with the recording; voxels do as it does.)
package tensor
