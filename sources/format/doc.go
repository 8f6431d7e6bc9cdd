// Package format is the contract of a recording format, and what formats
// share: blocks of events, input, damage, text headers. The formats themselves
// are in the packages below, one a family; the table of all is in package
// recording, which recognises a recording, seeks in it and plays it.
//
// # The life of an event
//
// A [Format] recognises recordings by a [Probe] of their first bytes. A
// [Reader] opens one: the format reads the header and returns a [Decoder],
// whose Decode then turns the bytes of an [Input] into a [Block] again and
// again: [pipeline.Event] records and, beside them, [Side] data (triggers, IMU
// samples, frames, vendor words), in file order. A [Writer] takes blocks back
// to bytes by way of an [Encoder].
//
// # Adding a format
//
// A format is a function that returns a [Format], in its family's folder or one
// of its own. It imports this package and never package recording. It has a line
// in the table (recording/table.go), in its family's test kit, with a fuzz
// target, in docs/formats.md, and, when it is only read, a sample in package
// formattest. go test ./internal/lint -update renews docs/testing.md and, for a new
// folder, the list of imports and the tree of docs/architecture.md.
//
//   - Sniff makes a [Claim]: how sure it is, and by what evidence. A magic
//     number is [Certain]; content that other formats could have as well is
//     [Likely] at most, and only when what it decodes to is plausible over the
//     whole probe. Two formats with the same claim are both named in a refusal.
//   - Open is for bytes that are read front to back, OpenAt for a recording that
//     is read at any place (an archive, HDF5, a database): it gets an
//     [io.ReaderAt] and returns a [BlockReader]. What comes from a pipe is then
//     read into memory first.
//   - The sensor's size goes to [Stream.Size], the header's fields to
//     Info.Header, in their order. Info.Unix reports that times count from 1970.
//   - A recording with several streams (cameras, topics) calls [Stream.Choose]
//     with all of them. It marks the one that is delivered, by the reader's
//     choice or the format's; what is met of the others is counted in
//     [StreamInfo].Unread and is not damage.
//   - Damage is skipped, and counted by kind with byte offset and time
//     (Stream.Damage, [Stream.Outside]); it never ends the reading. A kind is a
//     lower-case word; those that several formats know are constants here.
//   - Times are 64-bit sensor time, µs, with the format's wraps undone and
//     nothing shifted. Times that go backwards and addresses outside the sensor
//     are delivered as they are.
//   - Memory is bounded whatever the bytes are, and reading allocates nothing
//     once the block has grown to the stream's needs.
//
// Beyond that a decoder may be an ender (it knows how much there should be),
// [Resumable] (an index of the file makes seeking quick), a [Splitter] (it is
// decoded on all cores) or a [TimeTable]; a [BlockReader] a [TimeSeeker] and an
// [io.Closer].
//
// Package formattest holds every format to this: its Suite, Fuzz and
// benchmarks are one line each in the format's tests.
package format
