package recording

import (
	"context"
	"errors"
	"os"

	"ganglion/pipeline"
)

// Peek implements [pipeline.Peeked]: it reads the header of a file. What comes
// through a pipe is only known once it is opened.
func (s *Source) Peek(ctx context.Context) (info pipeline.StreamInfo, ok bool, err error) {
	if st, err := os.Stat(s.cfg.Path); s.cfg.Path == "-" || err == nil && !st.Mode().IsRegular() && !st.IsDir() {
		return pipeline.StreamInfo{}, false, nil
	}
	look := *s
	look.cfg.Start = 0 // no index is needed
	info, err = look.Open(ctx)
	return info, err == nil, errors.Join(err, look.Close())
}
