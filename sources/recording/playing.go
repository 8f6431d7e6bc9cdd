package recording

import (
	"context"
	"io"
	"os"
	"strings"

	"ganglion/internal/digest"
)

// playing is a recording that a source has opened.
type playing struct {
	reader *Reader
	feed   feed  // between the file and the reader; nil for a whole file
	size   int64 // bytes, 0 when it is not known
}

// openPlaying opens a recording, from stdin where the path says so. What is played as
// fast as it can be is decoded on all cores.
func openPlaying(ctx context.Context, c *Config, stdin *os.File, fast bool) (p playing, err error) {
	o := Options{Width: c.Width, Height: c.Height, Columns: c.Columns, Stream: c.Stream, Chip: c.Chip,
		Strict: c.Strict, Ascending: true, Live: c.Follow}
	if c.Format != autoFormat {
		o.Format = c.Format
	}
	f, name := stdin, "standard input"
	if c.Path != "-" {
		name = c.Path
		opened, err := openFile(name)
		if err != nil {
			return p, err
		}
		var ok bool
		if f, ok = opened.(*os.File); !ok {
			p.reader, err = newReader(opened, name, o)
			return p, err
		}
	}
	st, err := f.Stat()
	var src io.ReadCloser = kept{f}
	switch regular := err == nil && st.Mode().IsRegular(); {
	case !regular:
		p.feed = newPump(ctx, kept{f})
	case c.Follow:
		p.feed = newTail(ctx, kept{f})
	default:
		p.size = st.Size()
		o.Parallel = fast && c.Start == 0 && p.size >= parallelWorth
	}
	if p.feed != nil {
		p.feed.bind(ctx)
		src = p.feed
	}
	p.reader, err = newReader(src, name, o)
	return p, err
}

// content identifies a recording that is a whole file of size bytes; nobody
// knows what will come through a pipe, or be written to a file that grows.
func content(c *Config, size int64) (string, error) {
	if size == 0 || c.Follow {
		return "", nil
	}
	f, err := os.Open(c.Path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return digest.Of(f, size)
}

// dated is the Unix time of sensor time 0, µs, of formats whose times are Unix
// time: AEDAT 4 alone states that. Dates in other headers are local time of
// some zone, in seconds, and are left alone.
func dated(c *Config, format string) (unixUS int64, ok bool) {
	return 0, strings.HasPrefix(format, "aedat4") && !c.FromZero
}
