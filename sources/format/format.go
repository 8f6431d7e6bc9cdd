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
	// what follows. A format has either this or OpenAt.
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
