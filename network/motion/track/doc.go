// Package track follows objects over time. Readouts of different kinds share it:
// they find blobs, and the [Tracker] keeps their identities.
//
// # The life of an object
//
// In every period a readout asks the tracker where its tracks are thought to be
// (Predict), gives each the [Blob] it finds there (Correct) or says that there
// is none (Miss), and starts tracks from the blobs that no track explains
// (Start). Merge joins tracks that are parts of one object, and Publish moves
// the tracks through their states (tentative, confirmed, coasting) and appends
// the detections.
//
// A blob counts only if noise alone would hardly have made it; [Noise] knows
// how often a quiet pixel fires, from the sensor itself. A track has an id from
// its confirmation on, which is never used for another object: what comes to
// rest or is hidden for a while has its id again when it moves on.
//
// # Caveats
//
// An object is a box that moves along a line and changes its size slowly. Two
// objects that move alike and touch for long become one.
package track
