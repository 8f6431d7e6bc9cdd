package audio

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"ganglion/pipeline"
)

// feed is sound that comes in pieces from a goroutine of its own, such as
// datagrams, messages or a recorder's buffers, made into a stream to read. What
// has not been read yet waits, up to a limit of time. Beyond it pieces are
// dropped and silence of their length takes their place, so that what follows
// keeps its time; what is dropped is logged while it happens.
type feed struct {
	in     *input // for the report
	frame  int    // bytes; every piece is cut to whole frames
	rate   int    // frames/s
	silent byte   // what silence is made of
	limit  int    // bytes that may wait before the next piece is dropped
	ragged string // the kind of damage of a piece that ends within a frame
	log    *slog.Logger
	now    func() time.Time
	ctx    context.Context

	overrun  func() uint64 // datagrams that the system has dropped so far; nil for other pieces
	overruns uint64        // of them that are reported

	ready, room chan struct{} // capacity 1: the state changed, look again
	done        chan struct{} // closed when the stream has ended

	gap     int64  // silence due to the reader, bytes
	dropped uint64 // frames that silence has taken the place of, as the reader met them

	mu          sync.Mutex // guards what follows
	ring        []byte     // waiting bytes, from head on
	head, held  int
	gaps        []gap // ascending
	read, taken int64 // bytes that left the ring, and that entered it, since the start
	missing     int64 // bytes dropped since the last piece in the ring
	said        time.Time
	cut         uint64 // pieces that ended within a frame
	reconnected uint64 // cuts of the connection
	err         error  // what ended the stream
}

// gap is silence that takes the place of so many bytes in front of byte at.
type gap struct{ at, bytes int64 }

// sayEvery is how often a loss that lasts is logged.
const sayEvery = time.Second

func newFeed(c *Config, env surroundings) *feed {
	frame := c.Raw.frame()
	frames := int64(c.Queue) * int64(c.Raw.Rate) / int64(time.Second)
	return &feed{
		frame: frame, rate: c.Raw.Rate, silent: c.Raw.silence(), limit: int(max(frames, 1)) * frame,
		ragged: "ragged_message", log: env.log, now: env.now, ctx: env.ctx,
		ready: make(chan struct{}, 1), room: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

// surroundings is what a source lends its input. The context is for reads
// until the input is bound to another one.
type surroundings struct {
	ctx context.Context
	log *slog.Logger
	now func() time.Time
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Write takes a piece and never waits. It copies p.
func (f *feed) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	whole := f.whole(p)
	switch {
	case f.err != nil || len(whole) == 0:
		return len(p), f.err
	case f.held >= f.limit:
		f.drop(len(whole))
		return len(p), nil
	}
	f.add(whole)
	return len(p), nil
}

// put takes a piece and waits until there is room for it, or the stream ends.
func (f *feed) put(p []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	whole := f.whole(p)
	for f.err == nil && f.held >= f.limit {
		f.mu.Unlock()
		select {
		case <-f.room:
		case <-f.done:
		}
		f.mu.Lock()
	}
	if f.err == nil && len(whole) > 0 {
		f.add(whole)
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

// drop leaves a piece out, which is silence later; f.mu is held.
func (f *feed) drop(n int) {
	f.missing += int64(n)
	if now := f.now(); now.Sub(f.said) >= sayEvery {
		f.said = now
		f.log.Warn("live sound is read too slowly and is being dropped", "dropped", f.duration(f.missing), "waiting", f.duration(int64(f.held)))
	}
}

func (f *feed) duration(bytes int64) time.Duration {
	return time.Duration(float64(bytes/int64(f.frame)) / float64(f.rate) * float64(time.Second)).Round(time.Millisecond)
}

// add puts a piece into the ring, which grows as far as it must; f.mu is held.
func (f *feed) add(p []byte) {
	f.noteGap()
	if need := f.held + len(p); need > len(f.ring) {
		grown := make([]byte, max(need, 2*len(f.ring)))
		n := copy(grown, f.ring[f.head:min(f.head+f.held, len(f.ring))])
		copy(grown[n:], f.ring[:f.held-n])
		f.ring, f.head = grown, 0
	}
	tail := (f.head + f.held) % len(f.ring)
	n := copy(f.ring[tail:], p)
	copy(f.ring, p[n:])
	f.held += len(p)
	f.taken += int64(len(p))
	signal(f.ready)
}

// noteGap puts silence for what was dropped behind what waits; f.mu is held.
func (f *feed) noteGap() {
	if f.missing > 0 {
		f.gaps = append(f.gaps, gap{f.taken, f.missing})
		f.log.Warn("live sound was dropped, silence takes its place", "dropped", f.duration(f.missing))
	}
	f.missing = 0
}

// again notes that the connection was lost and made again.
func (f *feed) again() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reconnected++
}

// end ends the stream behind what waits.
func (f *feed) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.noteGap()
		f.err = err
		close(f.done)
	}
}

// Read returns what there is, or waits for the next piece.
func (f *feed) Read(p []byte) (int, error) {
	for {
		n, err := f.get(p)
		if n > 0 || err != nil {
			return n, err
		}
		select {
		case <-f.ready:
		case <-f.ctx.Done():
			return 0, f.ctx.Err()
		case <-f.done:
		}
	}
}

// get returns what there is, which may be nothing.
func (f *feed) get(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count()
	if f.gap == 0 && len(f.gaps) > 0 && f.gaps[0].at == f.read {
		f.gap = f.gaps[0].bytes
		f.gaps = f.gaps[:copy(f.gaps, f.gaps[1:])]
		f.dropped += uint64(f.gap) / uint64(f.frame)
		f.in.damaged("dropped_sound", f.in.off, uint64(f.gap)/uint64(f.frame))
	}
	if f.gap > 0 {
		n := int(min(f.gap, int64(len(p))))
		for i := range p[:n] {
			p[i] = f.silent
		}
		f.gap -= int64(n)
		return n, nil
	}
	if f.held == 0 {
		return 0, f.err
	}
	n := min(f.held, len(p), len(f.ring)-f.head)
	if len(f.gaps) > 0 {
		n = int(min(int64(n), f.gaps[0].at-f.read))
	}
	copy(p, f.ring[f.head:f.head+n])
	f.head = (f.head + n) % len(f.ring)
	f.held -= n
	f.read += int64(n)
	signal(f.room)
	return n, nil
}

// count reports what the delivering goroutine has met; f.mu is held.
func (f *feed) count() {
	if f.cut > 0 {
		f.in.damaged(f.ragged, f.in.off, f.cut)
	}
	if f.reconnected > 0 {
		f.in.damaged("reconnected", f.in.off, f.reconnected)
	}
	f.cut, f.reconnected = 0, 0
	if f.overrun == nil {
		return
	}
	if n := f.overrun(); n > f.overruns {
		f.in.damaged(pipeline.SocketOverrun, f.in.off, n-f.overruns)
		f.overruns = n
	}
}

func (f *feed) bind(ctx context.Context) { f.ctx = ctx }
func (f *feed) live() bool               { return true }
func (f *feed) lost() uint64             { return f.dropped }
func (f *feed) size() int64              { return 0 }
func (f *feed) report(in *input)         { f.in = in }

var _ io.ReadWriter = (*feed)(nil)
