// Package hearing listens with networks that were trained on sound, as their
// files say, and tests what they hear.
//
// # The life of a recording
//
//	PCM ─ Ear (encoder) ─▶ spikes ─ network ─▶ logits ─ readouts, one for each threshold ─▶ detections ─ score ─▶ Table
//
// An [Ear] is what the metadata of a model says about the way to its network: a
// [Listener] plays sound through it as a pipeline would. A [Trial] plays
// recordings with a word and without it, clean or in noise, and a [Table] has the
// false rejects and the false accepts per hour at each threshold.
//
// # Caveats
//
// Where a word lies in a recording is told by its energy (package keyword), so a
// recording must hold the word once and little else that is loud.
package hearing
