// Package soundscape makes sound for two ears whose directions are known: the
// ground truth of what hears where a sound comes from.
//
// # The life of a sample
//
//	clicks or noise on a grid ─ ramps ─▶ one source ─ delay of each ear ─▶ interpolated samples ─ ears' own noise ─▶ stereo
//
// A scene plays a sound of 300 ms from each of eleven directions, from -75 to 75
// degrees in an order that the seed shuffles, with pauses of 200 ms.
//
// # The head
//
// The ears lie on a sphere of radius r = 8.75 cm. A far source at azimuth θ, 0
// ahead and positive to the right, reaches the right ear earlier by
//
//	ITD = r/c·(θ + sin θ),  |θ| <= 90 degrees, c = 343 m/s
//
// (Woodworth 1938; Kuhn 1977 for its limits). Each ear gets half of it. The
// level is the same at both ears: direction is in the time alone.
//
// # Caveats
//
// Delays are exact to the interpolation, a windowed sinc of 32 samples, which is
// good up to about 0.8 of half the sample rate. There are no echoes.
package soundscape
