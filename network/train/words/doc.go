// Package words makes training examples of sound: clips kept as powers of mel
// bands, varied and mixed there, and encoded as spikes by the cochlea's own
// code path.
//
// # The life of a clip
//
//	PCM ─ Ear.Clip ─▶ powers of bands ─ Scene.Add (stretch, shift, tilt, gain) ─┐
//	          noise ─▶ powers of bands ─ Scene.AddNoise (colour, level) ────────┴▶ sum ─ noise floor, gain, code ─▶ spikes
//
// An [Ear] is the mel front end of a stream of one channel. The Fourier
// transforms are taken once for each clip; what follows the transform is cheap
// and is done again for every epoch. [Scene.Encode] goes through the same
// [cochlea.Adaptation] and [code.Code] as a stream, so a scene that holds one
// clip unchanged gives the spikes of the stream bit for bit.
//
// Rooms ([Scene.Reverberate]), microphones and pass bands ([Scene.Filter]) change
// what a scene holds; [Ear.Music] is noise that is not steady.
//
// All training of words mixes here: isolated words (package digits) and words
// in running speech (package spotting).
//
// # Caveats
//
// Powers of sounds that do not know of each other add up on average only: the
// mixture lacks the beats of the true sum. Frames of a stretched clip are
// interpolated linearly in power. A shift in frequency interpolates between
// bands and loses what leaves their range. A room has no single echoes: its
// answer is the mean of many rooms of the same walls.
package words
