package recording

import (
	"context"
	"errors"
	"os"

	"ganglion/pipeline"
)

// Peek implements [pipeline.Peeked]: it reads the header of a file. What comes
// through a pipe, or is not there yet, is only known once it is opened.
func (s *Source) Peek(ctx context.Context) (info pipeline.StreamInfo, ok bool, err error) {
	st, err := os.Stat(s.cfg.Path)
	if s.cfg.Path == "-" || errors.Is(err, os.ErrNotExist) || err == nil && !st.Mode().IsRegular() && !st.IsDir() {
		return pipeline.StreamInfo{}, false, nil
	}
	look := *s
	look.cfg.Start = 0 // no index is needed
	info, err = look.Open(ctx)
	return info, err == nil, errors.Join(err, look.Close())
}
