package recording

import (
	"runtime"
	"slices"
	"sync"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// A recording of EVT2 or EVT3 is decoded on several cores in pieces. The
// protocol:
//
//   - The goroutine that calls Read cuts the bytes into pieces, each up to a
//     word that begins a record whatever came before it, and guesses from the
//     last words of a piece in which state it leaves the decoder.
//   - Workers take the latest piece that nobody has taken, and decode it from
//     the guessed state into blocks of its own.
//   - Read takes the pieces in order. One that nobody has taken it decodes
//     itself, from the state that it knows, right into the caller's block:
//     memory that is in the cache, where a worker's blocks are not. Where a
//     worker is still at the next one, it does a worker's work. So it waits
//     only when there is nothing to do, and a caller who has work of its own
//     leaves all pieces to the workers.
//   - If a worker's piece began in the state in which the one before it really
//     ended, its events are those of a decoder that reads from front to back;
//     if not, Read decodes it once more. So a wrong guess costs time and
//     nothing else.
//
// A worker's blocks are exchanged with the caller, not copied. The end of the
// recording, and everything behind a place where no cut is found, is decoded
// serially. What was tried on the way is told in docs/performance.md.
type parallel struct {
	in     *format.Input
	dec    format.Splitter
	damage *pipeline.DamageReport

	pieces   []*piece // ring
	first, n int      // oldest piece of it, and how many are under way
	now      *piece   // is being delivered from its blocks, or nil
	own      *piece   // is being decoded by Read, or nil
	used     int      // bytes of own

	mu      sync.Mutex // protects open and over
	wake    sync.Cond  // when open has one more, or over is set
	open    []*piece   // that nobody has taken, oldest first
	over    bool       // workers end
	workers sync.WaitGroup

	state  format.Snapshot // behind the pieces delivered
	guess  format.Snapshot // behind the pieces cut
	off    int64           // bytes delivered
	cutAll bool            // no further piece
	most   int             // greatest length of a piece, bytes
	bytes  int             // lengths and events of the pieces decoded so far, halved
	events int             // now and then
}

const (
	// pieceSize is the greatest length of a piece, bytes: nearly all that the
	// input reads at a time, so that its buffer is handed over, not copied.
	pieceSize = format.InputBlock - 2
	// pieceEvents is about how many events a piece holds: enough to make handing
	// it over cheap, few enough to bound their memory, 1 MiB a piece.
	pieceEvents = 64 << 10
	// pieceLeast is the least length of a piece, bytes, that is worth handing
	// it over.
	pieceLeast = 4 << 10
	// parallelWorth is the least length of a file, bytes, for which starting
	// workers pays.
	parallelWorth = 2 << 20
	// mostWorkers bounds the memory of all pieces.
	mostWorkers = 8
)

// newParallel starts the workers, one fewer than there are cores; stop ends
// them.
func newParallel(s *format.Stream, dec format.Splitter) *parallel {
	workers := max(min(runtime.GOMAXPROCS(0), mostWorkers)-1, 1)
	p := &parallel{in: s.In, dec: dec, damage: &s.Damage, state: dec.Snapshot(), guess: dec.Snapshot(), off: s.In.Offset(), most: pieceSize}
	p.wake.L = &p.mu
	p.pieces = make([]*piece, 2*(workers+1))
	for i := range p.pieces {
		pc := &piece{s: format.Stream{Info: s.Info}, ready: make(chan struct{}, 1)}
		pc.dec = dec.Clone(&pc.s)
		p.pieces[i] = pc
	}
	for range workers {
		p.workers.Go(p.work) // ended by stop
	}
	return p
}

func (p *parallel) work() {
	for {
		p.mu.Lock()
		for len(p.open) == 0 && !p.over {
			p.wake.Wait()
		}
		if p.over {
			p.mu.Unlock()
			return
		}
		last := len(p.open) - 1
		pc := p.open[last]
		p.open = p.open[:last]
		p.mu.Unlock()
		pc.decode()
		pc.ready <- struct{}{}
	}
}

func (p *parallel) stop() {
	p.mu.Lock()
	p.over = true
	p.wake.Broadcast()
	p.mu.Unlock()
	p.workers.Wait()
}

// read fills the block with the next piece of the recording, or exchanges it
// for one. It returns false when the rest is to be decoded serially: the
// decoder then stands where the input does.
func (p *parallel) read(b *format.Block) bool {
	size := cap(b.Events)
	for {
		if p.own != nil && p.step(b) || p.now != nil && p.next(b) {
			return true
		}
		p.cut(size)
		if p.n == 0 {
			p.dec.Resume(p.state)
			return false
		}
		p.take()
	}
}

// next exchanges the block for the next one of a worker's piece.
func (p *parallel) next(b *format.Block) bool {
	pc := p.now
	if pc.next == pc.n {
		p.now = nil
		p.finish(pc, pc.exit, pc.events)
		return false
	}
	*b, *pc.blocks[pc.next] = *pc.blocks[pc.next], *b
	p.off = pc.ends[pc.next]
	pc.next++
	return true
}

// step decodes the next block of Read's own piece.
func (p *parallel) step(b *format.Block) bool {
	pc := p.own
	for p.used < len(pc.src) {
		b.Reset()
		n, err := p.dec.Decode(b, pc.src[p.used:], pc.at+int64(p.used), true)
		if n == 0 || err != nil {
			break
		}
		p.used += n
		p.off = pc.at + int64(p.used)
		pc.events += len(b.Events)
		if len(b.Events)+len(b.Side) > 0 {
			return true
		}
	}
	p.own = nil
	p.finish(pc, p.dec.Snapshot(), pc.events)
	return false
}

// finish leaves a piece that is delivered.
func (p *parallel) finish(pc *piece, exit format.Snapshot, events int) {
	p.state, p.off = exit, pc.at+int64(len(pc.src))
	p.first, p.n = (p.first+1)%len(p.pieces), p.n-1
	p.bytes, p.events = p.bytes+len(pc.src), p.events+events
	if p.bytes > 16*format.InputBlock {
		p.bytes, p.events = p.bytes/2, p.events/2
	}
}

// length is how long the next piece should be, bytes, by what the pieces so
// far held.
func (p *parallel) length() int {
	if p.events == 0 {
		return p.most
	}
	return min(max(int(int64(pieceEvents)*int64(p.bytes)/int64(p.events)), pieceLeast), p.most) &^ 3
}

// cut hands out pieces as far as there is room.
func (p *parallel) cut(size int) {
	for p.n < len(p.pieces) && !p.cutAll {
		length := p.length()
		src, last, err := p.in.Window(length + 1)
		if p.cutAll = err != nil || last; p.cutAll {
			return
		}
		n := p.dec.Split(src[:length])
		if p.cutAll = n == 0; p.cutAll {
			return
		}
		pc := p.pieces[(p.first+p.n)%len(p.pieces)]
		pc.at, pc.size, pc.entry, pc.events = p.in.Offset(), size, p.guess, 0
		pc.src = p.in.Cut(n, &pc.memory)
		p.guess = p.dec.Guess(p.guess, pc.src)
		p.n++
		p.mu.Lock()
		p.open = append(p.open, pc)
		p.wake.Signal()
		p.mu.Unlock()
	}
}

// take begins with the oldest piece: with its blocks, if they were decoded from
// the right state, else by decoding it here.
func (p *parallel) take() {
	pc := p.pieces[p.first]
	untaken := p.oldest(pc) == pc
	if !untaken {
		p.await(pc)
	}
	if untaken || pc.entry != p.state && !pc.move(p.state) {
		p.own, p.used, pc.events = pc, 0, 0
		p.dec.Resume(p.state)
		return
	}
	for _, d := range pc.s.Damage.List() {
		p.damage.Add(d.Kind, d.Offset, d.FirstUS, 1)
		if d.Count > 1 {
			p.damage.Add(d.Kind, d.Offset, d.LastUS, d.Count-1)
		}
	}
	p.now = pc
}

// oldest takes the oldest piece that nobody has taken: a certain one, or any
// where it is nil. It returns nil when there is none.
func (p *parallel) oldest(which *piece) *piece {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.open) == 0 || which != nil && p.open[0] != which {
		return nil
	}
	pc := p.open[0]
	p.open = slices.Delete(p.open, 0, 1)
	return pc
}

// await waits until a worker has decoded a piece, and does its work meanwhile.
func (p *parallel) await(pc *piece) {
	for {
		select {
		case <-pc.ready:
			return
		default:
		}
		other := p.oldest(nil)
		if other == nil {
			<-pc.ready
			return
		}
		other.decode()
		other.ready <- struct{}{}
	}
}
