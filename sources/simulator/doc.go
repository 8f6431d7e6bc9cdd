// Package simulator makes event recordings with exact ground truth: a small
// scene of moving shapes, seen through the model of an event camera.
//
// # The life of an event
//
// A [Scene] says what moves; [Config] says how large the sensor is, how noisy,
// and which seed varies start, path, size and contrast. Two thousand times a
// second (500 with a moving background, which then moves by a quarter of a
// pixel) the shapes are placed, and only the pixels along their moving edges
// are drawn again (anti-aliased, intensity I in 0..255). Each such pixel takes
// its log intensity ln(I+1) through a low-pass whose bandwidth grows with I,
// and emits an event whenever the filtered value has moved by the pixel's own
// threshold since its last event; the event's time is interpolated within the
// step. A pixel whose filter has settled sleeps and costs nothing. Noise is
// added from next-event clocks. The events of a step are sorted by time, row,
// column and polarity.
//
// The model follows ESIM (Rebecq et al. 2018) and v2e (Hu et al. 2021);
// sensor.go and noise.go name each number.
//
// # Truth
//
// Every event carries its cause: an object's id, or one of the constants
// beside [Background]. Every 10 ms each object in sight has a
// [pipeline.Truth]: the box of its visible part, its velocity, the visible
// share of its area and how many events it made itself in the last 20 ms.
//
// # Determinism
//
// Every random number is a hash of (seed, purpose, pixel or actor, count), so
// a pixel's noise depends neither on the scene nor on the other pixels, and
// the recording does not depend on how it is cut into windows.
//
// # Scale
//
// Scenes are written for a sensor of 128x128: sizes and speeds are pixels
// there, and grow with the shorter side of a larger sensor, as the same view
// through a finer camera would.
//
// # Caveats
//
// Noise is added to the signal and does not reset a pixel's reference. Shot
// noise does not depend on the intensity. There is no read-out bus, so no
// saturation and no time jitter. The cause of an event is judged by a mask 2
// px wider than the object, so an edge of the background that the object
// uncovers counts as the object's.
package simulator
