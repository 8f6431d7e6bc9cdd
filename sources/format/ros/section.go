package ros

import "io"

// section reads a part of a file, as io.SectionReader does, and can be set to
// another part without allocating.
type section struct {
	src     io.ReaderAt
	at, end int64
}

// set moves to the part from a place to another.
func (s *section) set(at, end int64) *section {
	s.at, s.end = at, max(at, end)
	return s
}

func (s *section) Read(b []byte) (int, error) {
	if s.at >= s.end {
		return 0, io.EOF
	}
	n, err := s.src.ReadAt(b[:min(int64(len(b)), s.end-s.at)], s.at)
	s.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// endOr is err, or io.EOF.
func endOr(err error) error {
	if err != nil {
		return err
	}
	return io.EOF
}
