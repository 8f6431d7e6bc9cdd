// Package spotting trains a network to hear a word in running speech.
//
// # The life of a window
//
//	clips of the word, other speech, noise: powers of mel bands, frame by frame
//	─ Composer ─▶ a window of some seconds ─ front end ─▶ spikes ─ Task ─▶ bptt.Trainer
//
// Clips cut around a word teach a network to tell clips apart, not to find the
// word in a stream. So a window is a piece of a stream: half of those with the
// word have other speech before it, the front end has heard something before
// the window begins, the word is anywhere in it, and half of all windows do not
// hold the word. Some of those hold a part of it.
//
// The loss is taken where it matters: at the end of the word, and at the steps
// without the word that look most like it. After each round the network listens
// to all of the speech without the word as one stream, and the places where it
// was surest of the word are in the windows of the next round.
//
// # Determinism
//
// Every choice is drawn by a counter from (seed, epoch, example), so a model is
// the same for any number of cores.
//
// # Caveats
//
// Sounds are mixed by adding the powers of their bands, as if their phases were
// independent. Loudness, pace, pitch and tilt vary; voices are those of the
// clips.
package spotting
