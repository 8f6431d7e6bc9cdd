package format

import "io"

// Format is one recording format: how it is recognised, read and written. A
// program's formats stand in one table, in package recording.
type Format struct {
	Name       string   // lower case, as in configs and `inspect`
	Summary    string   // one line, no full stop
	Extensions []string // usual file name endings, with the dot

	// Sniff reports how sure it is that a recording of the format begins as p
	// does, and by what evidence.
	Sniff func(p Probe) Claim

	// Open reads the header from s.In, fills s.Info and returns the decoder of
	// what follows. A format has this or OpenAt, or both: then Open returns
	// [ErrNotFrontToBack] for what OpenAt is to open.
	Open func(s *Stream) (Decoder, error)

	// OpenAt does the same for a format whose bytes are not read front to
	// back, such as an archive or a database, and leaves s.In alone. src holds
	// size bytes: the file, or the bytes of a pipe, read into memory.
	OpenAt func(s *Stream, src io.ReaderAt, size int64) (BlockReader, error)

	// Create returns the encoder of a new recording that s.Info describes; nil
	// when the format is only read.
	Create func(s *Sink) (Encoder, error)
}

// Writable reports whether recordings of the format can be written.
func (f Format) Writable() bool { return f.Create != nil }

// ProbeLength is how many bytes of a recording decide about its format.
const ProbeLength = 4096

// Probe is what a recording is recognised by.
type Probe struct {
	Head  []byte // its first bytes, at most [ProbeLength]
	Whole bool   // Head is all of it
	Size  int64  // bytes; 0 when it is not known
	// Name is the file's, for what its content alone does not tell.
	Name string
}

// Claim is how sure a format is of a recording, and why. The zero value means
// that the recording is not of the format.
type Claim struct {
	Weight Weight
	Why    string // the evidence, in words, for messages
}

// Weight orders claims.
type Weight int

const (
	No       Weight = iota
	Possible        // nothing contradicts it; the file's name decides
	Likely          // the content fits, though other formats could look so
	Certain         // the content names the format
)

// BeginsWith is the claim of a format whose recordings begin with a magic number.
func BeginsWith(p Probe, magic string) Claim {
	if len(p.Head) >= len(magic) && string(p.Head[:len(magic)]) == magic {
		return Claim{Weight: Certain, Why: "its magic number"}
	}
	return Claim{}
}

// Records is what speaks for and against a recording of plain records without
// a magic number: whether what they decode to is plausible.
type Records struct {
	n, back, same, ticks int
	first, last          int64
	x, y                 uint16
	width, height        uint16
	begun                bool
}

// Add takes a record: its time, µs, and address.
func (r *Records) Add(t int64, x, y uint16) {
	if !r.begun {
		r.begun, r.first, r.last = true, t, t
		r.n = 1
		r.x, r.y, r.width, r.height = x, y, x, y
		return
	}
	r.n++
	switch {
	case t < r.last:
		r.back++
	case t == r.last && x == r.x && y == r.y:
		r.same++
	case t > r.last:
		r.ticks++
	}
	r.last, r.x, r.y = t, x, y
	r.width, r.height = max(r.width, x), max(r.height, y)
}

// Weight is the claim of a format whose sensor is at most width x height: the
// times ascend but for one in a hundred, records do not repeat, and the rate is
// one that a sensor can have: at most 200 million events/s, at least one in a
// hundred seconds. Few records leave it to the name.
func (r *Records) Weight(width, height int) Weight {
	const few, slowest, fastest = 16, 100_000_000, 200
	span := r.last - r.first
	switch {
	case r.n == 0 || r.back*100 > r.n || r.same*20 > r.n || int(r.width) >= width || int(r.height) >= height:
		return No
	case r.n < few:
		return Possible
	case r.ticks == 0 || span/int64(r.n) > slowest || span < int64(r.n)/fastest || r.width == 0 && r.height == 0:
		return No
	}
	return Likely
}
