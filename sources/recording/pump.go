package recording

import (
	"context"
	"time"

	"ganglion/sources/format"
)

// pump reads what may be silent for long, such as a pipe, so that a waiting
// Read returns when its context ends. One goroutine reads into two buffers in
// turn; that is all the memory it takes.
type pump struct {
	f    kept
	ctx  context.Context // of the Read or Open under way, set before each
	free chan []byte
	full chan pumped
	quit chan struct{}
	done chan struct{} // closed when the goroutine has ended

	now  pumped // what is being read from
	rest []byte // of it
}

// pumped is what one read of the file gave.
type pumped struct {
	buf []byte
	n   int
	err error
}

func newPump(ctx context.Context, f kept) *pump {
	p := &pump{
		f: f, ctx: ctx,
		free: make(chan []byte, 2), full: make(chan pumped, 2),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	for range cap(p.free) {
		p.free <- make([]byte, format.InputBlock)
	}
	go p.run() // ended by Close
	return p
}

// run reads until an error, which it passes on, or until quit is closed.
func (p *pump) run() {
	defer close(p.done)
	for {
		select {
		case <-p.quit:
			return
		case buf := <-p.free:
			n, err := p.f.Read(buf)
			p.full <- pumped{buf, n, err} // has room for every buffer there is
			if err != nil {
				return
			}
		}
	}
}

// Read returns what has arrived, or waits for it.
func (p *pump) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		if p.now.err != nil {
			return 0, p.now.err
		}
		if p.now.buf != nil {
			p.free <- p.now.buf
			p.now.buf = nil
		}
		select {
		case p.now = <-p.full:
			p.rest = p.now.buf[:p.now.n]
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
		if len(p.rest) == 0 {
			return 0, p.now.err
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func (p *pump) bind(ctx context.Context) { p.ctx = ctx }

// Close ends the goroutine and closes the file, unless it is standard input,
// which belongs to the process. A read of a file that takes no deadline, such
// as a terminal, cannot be ended from here: its goroutine ends with what
// comes next.
func (p *pump) Close() error {
	close(p.quit)
	if err := p.f.SetReadDeadline(time.Unix(1, 0)); err == nil {
		<-p.done
		if err := p.f.SetReadDeadline(time.Time{}); err != nil {
			return err
		}
	}
	return p.f.Close()
}
