// Package audio reads sound as a stream: WAV, FLAC and MP3 files, raw PCM on
// standard input, from UDP or NATS, and what a sound server records; and
// any sampled values, as raw floats or as text.
//
// # The life of a sample
//
//	bytes ─ decoder ─▶ interleaved float32 ─ mixer ─▶ chosen channels ─ Resampler ─▶ wanted rate ─ Source ─▶ batches
//
// A decoder turns bytes into samples in [-1, 1]: an integer sample of n bits is
// divided by 2^(n-1), so -1 is reached and +1 is not. The samples of a stream
// do not depend on how it is read: file, pipe and paced play give the same
// ones in the same windows.
//
// # Time
//
// Frame f of a stream of rate r frames/s is at f/r seconds. The resampler has a
// linear phase and its delay is taken out, so times stay true to the sample; it
// looks 62 samples of the lower rate ahead (8 ms at 8 kHz), which is what live
// sound waits for it. Lost FLAC frames are replaced by silence of their length
// as far as their numbers tell it, so that what follows keeps its time.
//
// # Damage
//
// Broken input never fails a stream once its header is read. Kinds of damage:
//
//	truncated            the input ends within the sound that the header announces
//	partial_frame        the sound ends within a frame of its channels
//	inconsistent_header  WAV: block alignment does not fit channels and width (the width wins);
//	                     FLAC: STREAMINFO states other channels than the frames (the frames win)
//	second_data          WAV: sound in more than one data chunk; all of it plays
//	opposite_phase       stereo frames whose mean is near silence, because left and right are opposite
//	not_a_number         a float sample is NaN or infinite; it plays as silence
//	over_range           a float sample beyond ±1, clipped
//	lost_sync            FLAC or MP3 bytes that are not a sound frame, skipped to the next one
//	lost_samples         samples of silence put in for lost FLAC frames
//	frame_layout         a FLAC frame with other channels than the stream; skipped
//	missing_streaminfo   a FLAC stream without its description; taken from the first frame
//	wrong_md5            the whole of a FLAC stream differs from its checksum
//	bad_line             a line of text that is not a number for each channel; the one before is repeated
//	ragged_datagram      a datagram that ends within a frame
//	ragged_message       likewise a message, or a recorder's buffer
//	dropped_sound        live frames that came while the source's queue was full; silence takes their place
//	reconnected          the connection to NATS was lost and made again
//
// # Caveats
//
// Compressed sound allocates: one set of buffers per FLAC or MP3 frame. The
// steady state of all else allocates nothing. MP3 comes as two channels always.
// What its encoder put before and behind the sound is left out where the file
// says how much that is, as LAME's and ffmpeg's do; else it stays. A-law and
// mu-law follow ITU-T G.711. Ogg, AIFF, AU, CAF, Wave64, ADPCM and FLAC of 32 bits
// are refused by name.
package audio
