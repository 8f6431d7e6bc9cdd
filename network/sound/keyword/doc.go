// Package keyword hears words: its readout turns the logits of a network into
// detections. Package network/train/spotting trains such networks.
//
// # The life of a logit
//
//	graded layer, a logit a class every step ─ softmax ─▶ posterior ─ mean of the last steps ─▶ smoothed posterior
//	smoothed posterior ─ threshold, cooldown, lock-out, voice gate ─▶ detection
//
// The classes of the layer have labels. A label that begins with "_" is not
// of a word: "_other" stands for all that is not to be heard.
//
// # When a word is detected
//
// A word crosses when its smoothed posterior reaches its threshold: a higher
// threshold gives fewer false accepts and more misses. It crosses again only
// after its posterior has been below the threshold and its cooldown is over, so
// a word said once is detected once. Each word has a cooldown of its own.
//
// With several words, one that crosses waits for the time of the lock-out; of
// all that cross meanwhile the one with the highest smoothed posterior is
// detected and the others are not. With one word nothing waits.
//
// # Times
//
// T of a detection is the end of the step that decided. TStart and TEnd are
// where voice was heard, by the spikes that go into the network: from the last
// pause to the last voice before the crossing, at most Longest. They are an
// estimate, and in running speech TStart is only as good as the pauses are.
//
// # Caveats
//
// The posterior is the network's and no calibrated probability.
package keyword
