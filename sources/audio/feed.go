package audio

import (
	"context"
	"io"
	"sync"
)

// feed is sound that a library delivers in pieces from a goroutine of its own,
// such as messages or a recorder's buffers, made into a stream to read. It
// holds some pieces; when it is full a piece is dropped and silence of its
// length takes its place, so that what follows keeps its time.
type feed struct {
	in     *input // for the report
	frame  int    // bytes; every piece is cut to whole frames
	silent byte   // what silence is made of
	ctx    context.Context

	ready chan piece // waiting
	spare chan []byte
	now   piece // being read

	done chan struct{} // closed when the stream has ended

	mu          sync.Mutex // guards what follows
	gap         int64      // bytes dropped since the last piece in ready
	cut         uint64     // pieces that ended within a frame
	reconnected uint64     // cuts of the connection
	err         error      // what ended the stream
}

// piece is some sound, after so many bytes of silence.
type piece struct {
	gap  int64
	data []byte
	at   int
}

// feedPieces is how many pieces may wait.
const feedPieces = 256

func newFeed(frame int, silent byte) *feed {
	return &feed{
		frame: frame, silent: silent, ctx: context.Background(),
		ready: make(chan piece, feedPieces), spare: make(chan []byte, feedPieces), done: make(chan struct{}),
	}
}

// Write takes a piece and never waits. It copies p.
func (f *feed) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	whole := f.whole(p)
	if f.err != nil || len(whole) == 0 {
		return len(p), f.err
	}
	next := piece{gap: f.gap, data: append(f.room(), whole...)}
	select {
	case f.ready <- next:
		f.gap = 0
	default:
		f.gap += int64(len(whole))
	}
	return len(p), nil
}

// put takes a piece and waits until there is room for it, or the stream ends.
func (f *feed) put(p []byte) {
	f.mu.Lock()
	whole := f.whole(p)
	f.mu.Unlock()
	if len(whole) == 0 {
		return
	}
	select {
	case f.ready <- piece{data: append(f.room(), whole...)}:
	case <-f.done:
	}
}

// whole is the whole frames of a piece; f.mu is held.
func (f *feed) whole(p []byte) []byte {
	whole := p[:len(p)/f.frame*f.frame]
	if len(whole) != len(p) {
		f.cut++
	}
	return whole
}

// room is memory that is used again, or nil.
func (f *feed) room() []byte {
	select {
	case b := <-f.spare:
		return b[:0]
	default:
		return nil
	}
}

// again notes that the connection was lost and made again.
func (f *feed) again() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reconnected++
}

// end ends the stream behind the pieces that wait.
func (f *feed) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
		close(f.done)
	}
}

// Read returns what there is of a piece, or waits for the next.
func (f *feed) Read(p []byte) (int, error) {
	f.count()
	if f.now.gap == 0 && f.now.at == len(f.now.data) {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	if f.now.gap > 0 {
		n := int(min(f.now.gap, int64(len(p))))
		for i := range p[:n] {
			p[i] = f.silent
		}
		f.now.gap -= int64(n)
		return n, nil
	}
	n := copy(p, f.now.data[f.now.at:])
	f.now.at += n
	return n, nil
}

// next waits for a piece.
func (f *feed) next() error {
	if f.now.data != nil {
		select {
		case f.spare <- f.now.data:
		default:
		}
		f.now = piece{}
	}
	select {
	case f.now = <-f.ready:
	default:
		select {
		case f.now = <-f.ready:
		case <-f.ctx.Done():
			return f.ctx.Err()
		case <-f.done:
			select {
			case f.now = <-f.ready:
			default:
				return f.err
			}
		}
	}
	if f.now.gap > 0 {
		f.in.damaged("dropped_sound", f.in.off, uint64(f.now.gap)/uint64(f.frame))
	}
	return nil
}

// count reports what the delivering goroutine has met.
func (f *feed) count() {
	f.mu.Lock()
	cut, reconnected := f.cut, f.reconnected
	f.cut, f.reconnected = 0, 0
	f.mu.Unlock()
	if cut > 0 {
		f.in.damaged("ragged_message", f.in.off, cut)
	}
	if reconnected > 0 {
		f.in.damaged("reconnected", f.in.off, reconnected)
	}
}

func (f *feed) bind(ctx context.Context) { f.ctx = ctx }
func (f *feed) live() bool               { return true }
func (f *feed) size() int64              { return 0 }
func (f *feed) report(in *input)         { f.in = in }

var _ io.ReadWriter = (*feed)(nil)
