// Package analog encodes any sampled stream of analogue values as spikes: the
// channels of a sensor that the audio source reads.
//
// # The life of a sample
//
//	samples ─ mean (or last) of a period ─▶ a value for each channel ─ low..high to 0..1 ─▶ code ─▶ spikes
//
// A sensor is sound of another rate: a log of eight floats a hundred times a
// second is raw sound of encoding f32le, 8 channels and 100 Hz, and any program
// can write it to standard input. What lies outside of low..high is clamped; a
// value that is not a number counts as 0 in the source.
//
// # Neurons
//
// The layer has the shape [channels of the code, values]: id = k*values + value.
//
// # Time
//
// A frame is stamped with the time of the period's last sample, and its spikes
// lie in the period after that. Frames lie on multiples of the period from
// frame 0 of the stream. After a gap in the numbers of the samples, the period
// in which it lies is left out.
//
// # Caveats
//
// Means are summed in float64 in the order of the samples.
package analog
