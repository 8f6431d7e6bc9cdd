package recording

import "io"

// Format is one recording format: how it is recognised, read and written. A
// program's formats stand in one table, in package recording.
type Format struct {
	Name       string   // lower case, as in configs and `inspect`
	Summary    string   // one line, no full stop
	Extensions []string // usual file name endings, with the dot

	// sniff reports how sure it is that a recording of the format begins as p
	// does, and by what evidence.
	sniff func(p probe) claim

	// open reads the header from s.in, fills s.info and returns the decoder of
	// what follows. A format has either this or openAt.
	open func(s *stream) (decoder, error)

	// openAt does the same for a format whose bytes are not read front to
	// back, such as an archive or a database, and leaves s.in alone. src holds
	// size bytes: the file, or the bytes of a pipe, read into memory.
	openAt func(s *stream, src io.ReaderAt, size int64) (blockReader, error)

	// create returns the encoder of a new recording that s.info describes; nil
	// when the format is only read.
	create func(s *sink) (encoder, error)
}

// Writable reports whether recordings of the format can be written.
func (f Format) Writable() bool { return f.create != nil }

// sniffLength is how many bytes of a recording decide about its format.
const sniffLength = 4096

// probe is what a recording is recognised by.
type probe struct {
	head  []byte // its first bytes, at most sniffLength
	whole bool   // head is all of it
	size  int64  // bytes; 0 when it is not known
}

// claim is how sure a format is of a recording, and why. The zero value means
// that the recording is not of the format.
type claim struct {
	weight weight
	why    string // the evidence, in words, for messages
}

// weight orders claims.
type weight int

const (
	no       weight = iota
	possible        // nothing contradicts it; the file's name decides
	likely          // the content fits, though other formats could look so
	certain         // the content names the format
)

// beginsWith is the claim of a format whose recordings begin with a magic number.
func beginsWith(p probe, magic string) claim {
	if len(p.head) >= len(magic) && string(p.head[:len(magic)]) == magic {
		return claim{certain, "its magic number"}
	}
	return claim{}
}
