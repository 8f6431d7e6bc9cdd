package audio

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// handle is an open input whose reads end with a context.
type handle interface {
	io.ReadCloser
	bind(ctx context.Context) // reads from now on end with ctx
	size() int64              // bytes, 0 when unknown
	live() bool
	lost() uint64     // frames that were dropped because nobody read them in time
	report(in *input) // where damage is counted from now on
}

func openHandle(c *Config, env surroundings) (handle, error) {
	switch address, ok := strings.CutPrefix(c.Path, udpScheme); {
	case ok:
		return receiveAt(address, c, env)
	case isNATS(c.Path):
		return openSubject(c, env)
	case strings.HasPrefix(c.Path, pulseScheme):
		return openRecorder(c, env)
	}
	if c.Path == stdin {
		f, err := openStdin()
		return &fileHandle{File: f}, err
	}
	f, err := os.Open(c.Path)
	if err != nil {
		return nil, err
	}
	if st, err := f.Stat(); err != nil || st.IsDir() {
		f.Close()
		return nil, fmt.Errorf("is not a file with sound (%v)", st.Mode().Type())
	}
	return &fileHandle{File: f}, nil
}

// deadline lets a context end blocked reads.
type deadline struct {
	ctx  context.Context
	stop func() // returns when ctx ends no more reads
}

// bind arms the deadline again where the context is another one.
func (d *deadline) bind(ctx context.Context, r interface{ SetReadDeadline(time.Time) error }) {
	if d.ctx == ctx {
		return
	}
	d.release()
	d.ctx = ctx
	_ = r.SetReadDeadline(time.Time{}) // files on disk have no deadlines, and never block for long
	passed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(passed)
		_ = r.SetReadDeadline(time.Unix(1, 0))
	})
	d.stop = func() {
		if !stop() {
			<-passed // lest it end reads that are bound to the next context
		}
	}
}

func (d *deadline) release() {
	if d.stop != nil {
		d.stop()
	}
	d.ctx, d.stop = nil, nil
}

type fileHandle struct {
	*os.File
	deadline deadline
}

func (f *fileHandle) bind(ctx context.Context) { f.deadline.bind(ctx, f.File) }
func (f *fileHandle) live() bool               { return false }
func (f *fileHandle) lost() uint64             { return 0 }
func (f *fileHandle) report(*input)            {}

func (f *fileHandle) size() int64 {
	if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
		return st.Size()
	}
	return 0
}

func (f *fileHandle) Close() error {
	f.deadline.release()
	return f.File.Close()
}
