package recording

import (
	"os"
	"strings"

	"ganglion/internal/digest"
)

// content identifies a recording that is a whole file of size bytes; nobody
// knows what will come through a pipe, or be written to a file that grows.
func (s *Source) content(size int64) (string, error) {
	if size == 0 || s.cfg.Follow {
		return "", nil
	}
	f, err := os.Open(s.cfg.Path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return digest.Of(f, size)
}

// dated is the Unix time of sensor time 0, µs, of formats whose times are Unix
// time: AEDAT 4 alone states that. Dates in other headers are local time of
// some zone, in seconds, and are left alone.
func (s *Source) dated() (unixUS int64, ok bool) {
	return 0, strings.HasPrefix(s.reader.Info.Format, "aedat4") && !s.cfg.FromZero
}
