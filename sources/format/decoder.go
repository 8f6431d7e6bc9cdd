package format

import "io"

// Decoder turns bytes into events. It keeps its own state between calls, such
// as the running time, and sees every byte of the stream once.
type Decoder interface {
	// Decode appends what the front of src holds to b, until src has no
	// further complete record or b is full, and returns how many bytes it
	// used. src[0] stands at stream offset at; last says that nothing follows
	// src. A record of more events than b takes is used when its last event is
	// appended; until then every call finds it at the front of src. Using no
	// bytes and appending nothing means that the next record is longer than
	// src: more will be read, or, if last, the rest is counted as truncated.
	// Damage is skipped and reported to the stream's report; an error is for
	// what cannot be skipped and ends the reading.
	Decode(b *Block, src []byte, at int64, last bool) (used int, err error)
}

// ender is a decoder that knows how much there should be.
type ender interface {
	// End is called once, behind the last byte, to count what is missing. An
	// error ends the reading with it: nothing of the recording could be read.
	End(at int64) error
}

// BlockReader reads a recording whose bytes are not read front to back.
type BlockReader interface {
	// ReadBlock appends the next events and side data to b, which is empty,
	// until it is full, and returns how far the reading has come, in bytes of
	// the recording. When it appends nothing without an error it is called once
	// more. It returns io.EOF, and appends nothing, when there is nothing more. Damage and errors are as in [Decoder]; the side data is
	// valid until the next call.
	ReadBlock(b *Block) (offset int64, err error)
}

// TimeSeeker is a [BlockReader] that can pass over what is early.
type TimeSeeker interface {
	// SkipTo moves forward to a place before which everything is earlier than
	// t, µs; it may stay where it is.
	SkipTo(t int64) error
}

// Snapshot is what the bytes before a place leave behind in a decoder: all
// that it needs to resume there. What the values mean is the decoder's affair.
type Snapshot [5]int64

// Resumable is a decoder that can resume at any place where Decode returned. A
// snapshot of unknown origin gives wrong events at worst.
type Resumable interface {
	Decoder
	Snapshot() Snapshot
	Resume(s Snapshot)
}

// Splitter is a decoder whose recordings can be decoded in pieces.
type Splitter interface {
	Resumable
	// Clone returns a decoder of the same recording for another goroutine.
	Clone(s *Stream) Splitter
	// Split returns the last place in src that begins a record, or 0 when
	// there is none near the end.
	Split(src []byte) int
	// Guess returns the state behind src, as far as a glance tells.
	Guess(before Snapshot, src []byte) Snapshot
	// Shift reports whether a piece that was decoded from a state needs but a
	// shift in time to be as if decoded from another one, and by how much.
	Shift(from, to Snapshot) (by int64, ok bool)
}

// TimeTable is a decoder whose recording has a table of times.
type TimeTable interface {
	Decoder
	// LookUp returns the offset of the first record that holds something at or
	// after time t, µs; src holds the whole recording, of size bytes.
	LookUp(src io.ReaderAt, size, t int64) (offset int64, ok bool)
	// Leap tells the decoder that its next bytes are those at another record.
	Leap()
}
