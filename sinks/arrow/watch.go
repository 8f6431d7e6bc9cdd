package arrow

import (
	"context"
	"errors"
	"fmt"
	"os"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

// Check implements [pipeline.Watched].
func (s *Sink) Check(context.Context) error {
	if s.seg == nil {
		return nil
	}
	f, ok := s.seg.f.(*os.File)
	if !ok {
		return nil
	}
	state := outfile.Look(f, s.files.current, s.seg.size)
	lost := 0
	var err error
	switch state {
	case outfile.Intact:
		return nil
	case outfile.Cut:
		lost, err = s.afterCut(f)
	default:
		if state == outfile.Removed {
			for _, n := range s.seg.rows {
				lost += n
			}
		}
		err = s.again()
	}
	s.files.log.Warn("the output "+state.String()+" while it was written; a new one begins", "path", s.files.current, "lost_rows", lost)
	if lost > 0 {
		return &pipeline.LostError{Lost: lost, Err: errors.Join(fmt.Errorf("%s: %w", s.files.current, outfile.ErrGone), err)}
	}
	return err
}

func (s *Sink) afterCut(f *os.File) (int, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	lost, err := s.seg.shrink(st.Size())
	s.segRows -= lost
	return lost, err
}

// again leaves the segment to whoever has moved it, complete, and begins
// another.
func (s *Sink) again() error {
	err := s.seg.finish()
	s.seg, s.segRows = nil, s.enc.rows+s.pending.rows
	if s.segRows > 0 {
		s.segFirst = s.next()
		s.segStart = s.segFirst.T
	}
	return errors.Join(err, s.begin())
}

// Precheck implements [pipeline.Prechecked].
func (s *Sink) Precheck() error { return outfile.Check(s.files.path) }
