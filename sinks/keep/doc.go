// Package keep stores what was heard or seen around each detection, as files to
// learn from: the sound as WAV and the spikes that the encoder made of it as Arrow;
// or the events of a camera as a recording and the detection as JSON.
//
//	keep: {dir: "kept/{name}", before: 1500ms, after: 500ms}
//
// It is not a sink of its own: a sink sees detections alone. The section keep of a
// pipeline makes its runner cut clips (package pipeline/clip), and a [Keeper]
// writes them.
//
// # The files
//
// A detection of "computer" at 4.87 s gives
//
//	computer-4870000.wav     samples from t_start_us - before to t_end_us + after,
//	                         all channels that the encoder heard, at its rate
//	computer-4870000.arrow   the spikes in the same time: a row each
//
// The WAV has 16 bits where those hold every sample exactly, as they do for
// sound that came with 16 bits and was neither resampled nor mixed; else floats
// of 32 bits. Either way it is what the encoder heard, to the last bit.
//
// The Arrow file has the columns of a recording of events (t in µs of the
// stream, x, y, on; see docs/formats.md): neuron id of a layer whose last axis
// has w neurons is at x = id mod w, y = id / w, and on is true. So x is the
// frequency band, and y counts ears and cells. The schema's metadata has the
// detection (kind, label, score, t_us, t_start_us, t_end_us, seq, stream, model,
// config_hash), what the clip is (from_us, to_us, sample_rate, channels, frames,
// first_frame, missing_frames) and the layer's shape.
//
// A line_cross of the line "door" at 4.87 s gives
//
//	line_cross-door-4870000.raw    the events from t_us - before to t_us + after
//	line_cross-door-4870000.json   {"from_us":, "to_us":, "events":, "detection":}
//
// In file names letters, digits, _ and - of a label stand as they are, and
// every other byte as % and two hexadecimal digits. A detection without a label
// is named by its kind, one of motion by its kind and label. A second one with the same name in a batch gets -2.
//
// # Guarantee
//
// A file is written beside its place, synced and renamed, the WAV or the recording last: what has
// a name is whole. The same stream gives the same bytes, for any windows, and
// also when a run was killed and resumed. A file of the same name is replaced.
//
// A clip that cannot be written, for lack of room say, is counted and logged,
// and detection continues. When the folder holds [Config].MaxFiles files nothing
// more is kept, nor is anything deleted; the clips count as dropped until there
// is room again.
//
// # Limits
//
// Whoever runs a live stream again gets its times from 0 again, so that names
// can come again. Give each run, and each pipeline, a folder of its own.
package keep
