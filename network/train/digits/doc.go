// Package digits trains networks to tell isolated words apart, such as spoken
// digits, by surrogate gradients, and tests them.
//
// # The life of a word
//
//	LABEL_SPEAKER_N.wav ─ Word ─▶ clip of band powers ─ Words (place, loudness, tempo, pitch, noise) ─▶ spikes ─ bptt ─▶ Model
//
// examples are labelled clips as a task to learn: each epoch sees every word at
// another place, loudness, tempo and pitch, and in another noise, drawn from
// (seed, epoch, word). They are mixed by package words. A [Model] is the network
// with all that is needed to run it, as its file says.
package digits
