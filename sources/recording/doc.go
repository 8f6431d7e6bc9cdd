// Package recording reads and writes event-camera recordings, and plays them
// as a source of the pipeline.
//
// # The life of a recording
//
// [Open] recognises a file's format by its first bytes and reads the header.
// [Reader.Read] then fills a [format.Block] again and again. A [Source] cuts the
// events to windows of sensor time for the runner. [Create] makes the writer
// that takes blocks back to bytes:
//
//	r, err := recording.Open("in.raw", recording.Options{})
//	...
//	w, err := recording.Create("out.raw", "evt2", r.Info)
//	...
//	b := format.NewBlock(4096)
//	for err = r.Read(b); err == nil; err = r.Read(b) {
//		if err := w.WriteBlock(b); err != nil {
//			return err
//		}
//	}
//
// The formats are in the packages below sources/format, which says what they
// promise and every place that a new one has a line in.
//
// # Times and damage
//
// Times are 64-bit sensor time with the format's wraps undone and nothing
// shifted. What is damaged is skipped, counted by kind with byte offset and
// time, and never ends the reading; [Reader.Damage] and the source's Damage
// tell. Reader and [Inspect] leave the file's times and addresses as they are,
// even where they go backwards or lie outside the sensor. The source puts
// both right.
//
// # Beginning late, and waiting for more
//
// [Reader.SkipTo] leaves out what is earlier than a time, without reading it
// where the format has a table (AEDAT 4) or an index of the file is at hand
// (EVT, DAT, N-MNIST, .npy). The source keeps one as FILE.ganglion-index beside a
// recording that it plays with a start, if it may write there. The first late
// start decodes and drops, and so does any other format. The events are those
// of a full reading; damage in what is left out is not met.
//
// A source with follow waits at the end of a file for more. Its last window
// is delivered once a later event has come. A pipe is read by a goroutine
// of the source's own, so that waiting for it ends with the context; only
// opening a named pipe waits for its writer, whatever the context.
//
// # Memory
//
// A reader takes 64 KiB and the block. The buffer grows only for a record that
// is longer, as far as its bytes really arrive. Decoding in parallel (see
// [Options]) takes two pieces of at most 64 KiB for each core, and the events
// of all but one: about 1 MiB a piece.
package recording
