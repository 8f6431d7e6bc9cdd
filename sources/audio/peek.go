package audio

import (
	"context"
	"errors"
	"os"
	"strings"

	"ganglion/pipeline"
)

// Peek implements [pipeline.Peeked]: it reads the header of a file. What a
// microphone, a socket or a pipe brings is only known once it is opened.
func (s *Source) Peek(ctx context.Context) (info pipeline.StreamInfo, ok bool, err error) {
	if s.cfg.Path == stdin || strings.Contains(s.cfg.Path, "://") || isNATS(s.cfg.Path) || strings.HasPrefix(s.cfg.Path, pulseScheme) {
		return pipeline.StreamInfo{}, false, nil
	}
	if st, err := os.Stat(s.cfg.Path); errors.Is(err, os.ErrNotExist) || err == nil && !st.Mode().IsRegular() && !st.IsDir() {
		return pipeline.StreamInfo{}, false, nil
	}
	look := &Source{cfg: s.cfg, log: s.log, mix: s.mix, pace: s.pace, block: make([]float32, sourceBlock)}
	info, err = look.Open(ctx)
	return info, err == nil, errors.Join(err, look.Close())
}
