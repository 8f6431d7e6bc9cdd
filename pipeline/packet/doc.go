// Package packet is the compact byte form of a piece of a stream: the events or
// the sound of one window, with all that a reader needs to know about the
// stream. A packet stands alone, so that a reader may begin with any.
//
// # The form
//
// Numbers are varints (LEB128), zigzagged where they have a sign; texts stand
// behind their length.
//
//	0  "GP", version 1, or 2 with a gyroscope, flags: 1 columns are compressed, 2 end
//	   of the run, 4 sound, 8 live, 16 dated, 32 gyroscope
//	   run, number of the packet in the run
//	   start of the window (µs), its length
//	   format, content, width and height or rate and channels, size of the input,
//	   Unix time of sensor time 0 where dated
//	   with a gyroscope the number of its samples, and of each when the stream brought
//	   it (µs since the sample before, the first since the start of the window), how
//	   much earlier it was taken (µs), and three rates as their 32 bits
//	   number of events, or number of samples, first frame and form of samples
//	   length of the columns, as they are before compression
//	   the columns, one Zstandard frame where that is shorter
//	-4 CRC-32C of everything before, little-endian
//
// Events are cut into runs: one time, row and polarity, ascending columns. A
// sensor that reads out whole rows (EVT3's vectors) has few long ones, noise one
// for each event. A column each holds, of all runs: the time since the run before;
// the row, as the difference to the run before, and the polarity; the number of
// further events; low and high bytes of the first column; then, of all events that
// are not the first of a run, the pixels that were left out before it.
//
// Samples that are whole numbers of 16 or 24 bits, which those of most
// recordings are, are kept as the differences to a line through the two before
// in the same channel, all low bytes first. Others are kept as their 32 bits.
// What is decoded has the same bits as what was encoded.
//
// # Determinism
//
// The same packet gives the same bytes, for one version of the program.
//
// # Limits
//
// A packet holds at most [maxEvents] events or [maxSamples] samples. Polarity is
// on or off. A decoder allocates in proportion to the packet and never more than
// the limits take, whatever the bytes are.
package packet
