package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// followPoll is how often a file that is followed is looked at for more. It
// is short beside what a person notices, long beside what a look costs.
const followPoll = 50 * time.Millisecond

// tail reads a regular file that another program is still writing: at its end
// it waits for more, until the context ends.
type tail struct {
	f     kept
	ctx   context.Context // of the Read or Open under way, set before each
	timer *time.Timer
	off   int64
}

func newTail(ctx context.Context, f kept) *tail {
	t := &tail{f: f, ctx: ctx, timer: time.NewTimer(0)}
	<-t.timer.C
	return t
}

// Read returns what is there, at least one byte.
func (t *tail) Read(p []byte) (int, error) {
	for {
		if err := t.ctx.Err(); err != nil {
			return 0, err
		}
		n, err := t.f.Read(p)
		t.off += int64(n)
		if n > 0 || err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		if err := t.kept(); err != nil {
			return 0, err
		}
		t.timer.Reset(followPoll)
		select {
		case <-t.timer.C:
		case <-t.ctx.Done():
			t.timer.Stop()
			return 0, t.ctx.Err()
		}
	}
}

// kept reports a file that became shorter than what was read of it: what
// follows would be another recording.
func (t *tail) kept() error {
	st, err := t.f.Stat()
	if err == nil && st.Size() < t.off {
		err = fmt.Errorf("was cut to %d bytes while it was followed", st.Size())
	}
	return err
}

func (t *tail) bind(ctx context.Context) { t.ctx = ctx }

func (t *tail) Close() error { return t.f.Close() }
