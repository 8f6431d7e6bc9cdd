package recording

import (
	"context"
	"io"
	"os"
)

// feed stands between a file that may make its reader wait and the reader. It
// gives up waiting when the context that was bound last ends.
type feed interface {
	io.ReadCloser
	bind(ctx context.Context)
}

// open opens the recording and returns its size in bytes, 0 when it is not
// known.
func (s *Source) open(ctx context.Context) (size int64, err error) {
	o := Options{Width: s.cfg.Width, Height: s.cfg.Height, Columns: s.cfg.Columns, Stream: s.cfg.Stream, Chip: s.cfg.Chip,
		Strict: s.cfg.Strict, Ascending: true, Live: s.cfg.Follow}
	if s.cfg.Format != autoFormat {
		o.Format = s.cfg.Format
	}
	f, name := s.stdin, "standard input"
	if s.cfg.Path != "-" {
		name = s.cfg.Path
		opened, err := openFile(name)
		if err != nil {
			return 0, err
		}
		var ok bool
		if f, ok = opened.(*os.File); !ok {
			s.reader, err = newReader(opened, name, o)
			return 0, err
		}
	}
	st, err := f.Stat()
	var src io.ReadCloser = kept{f}
	switch regular := err == nil && st.Mode().IsRegular(); {
	case !regular:
		s.feed = newPump(ctx, kept{f})
	case s.cfg.Follow:
		s.feed = newTail(ctx, kept{f})
	default:
		size = st.Size()
		o.Parallel = s.pace.Max() && s.cfg.Start == 0 && size >= parallelWorth
	}
	if s.feed != nil {
		s.feed.bind(ctx)
		src = s.feed
	}
	s.reader, err = newReader(src, name, o)
	return size, err
}

// kept is a file that is not closed if it is standard input, which belongs to
// the process.
type kept struct{ *os.File }

func (k kept) Close() error {
	if k.File == os.Stdin {
		return nil
	}
	return k.File.Close()
}
