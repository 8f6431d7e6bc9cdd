package jsonl

import (
	"context"
	"errors"
	"io"
)

var errStalled = errors.New("an earlier write never ended; the reader has stopped reading")

// relay writes to a pipe or terminal from a goroutine of its own, so that a
// reader who stopped reading cannot hold the caller. One write is on its way at
// a time; the caller leaves p alone until write returns nil.
type relay struct {
	in      chan []byte
	out     chan result
	release func() error // closes what was opened, nil for standard output
	stalled bool
}

type result struct {
	n   int
	err error
}

// newRelay starts the writing goroutine, which ends when in is closed.
func newRelay(w io.Writer, release func() error) *relay {
	r := &relay{in: make(chan []byte), out: make(chan result, 1), release: release}
	go func() {
		for p := range r.in {
			n, err := w.Write(p)
			r.out <- result{n, err}
		}
		close(r.out)
	}()
	return r
}

func (r *relay) write(ctx context.Context, p []byte) (int, error) {
	if r.stalled {
		return 0, errStalled
	}
	r.in <- p
	select {
	case res := <-r.out:
		return res.n, res.err
	case <-ctx.Done():
		r.stalled = true
		return 0, context.Cause(ctx)
	}
}

// close ends the goroutine. One that is stuck in a write ends with it: when
// the reader reads on or goes away.
func (r *relay) close(context.Context) error {
	close(r.in)
	if r.stalled {
		if r.release != nil {
			return r.release()
		}
		return nil
	}
	<-r.out
	if r.release != nil {
		return r.release()
	}
	return nil
}
