package recording

import (
	"runtime"
	"sync"

	"ganglion/pipeline"
)

// A recording of EVT2 or EVT3 is decoded on several cores in pieces. The
// protocol:
//
//   - The goroutine that calls Read cuts the bytes into pieces, each up to a
//     word that begins a record whatever came before it, and guesses from the
//     last words of a piece in which state it leaves the decoder.
//   - Workers decode pieces from the guessed states into blocks of their own.
//   - Read takes the pieces in order. If a piece began in the state in which
//     the one before it really ended, its events are those of a decoder that
//     reads from front to back; if not, it is decoded once more from there.
//     So a wrong guess costs time and nothing else.
//
// Blocks are exchanged with the caller, not copied. The end of the recording,
// and everything behind a place where no cut is found, is decoded serially.
type parallel struct {
	in     *input
	dec    splitter
	damage *pipeline.DamageReport

	pieces   []*piece // ring
	first, n int      // oldest piece of it, and how many are under way
	now      *piece   // is being delivered, or nil
	work     chan *piece
	workers  sync.WaitGroup

	state snapshot // behind the pieces delivered
	guess snapshot // behind the pieces cut
	off   int64    // bytes delivered
	over  bool     // no further piece
	piece int      // greatest length of a piece, bytes
}

const (
	// pieceSize is the length of a piece, bytes: long enough to make handing
	// it over cheap, short enough to bound what its events take (2.8 MiB).
	pieceSize = 32 << 10
	// parallelWorth is the least length of a file, bytes, for which starting
	// workers pays.
	parallelWorth = 2 << 20
	// mostWorkers bounds the memory of all pieces.
	mostWorkers = 8
)

// splitter is a decoder whose recordings can be decoded in pieces.
type splitter interface {
	resumable
	// clone returns a decoder of the same recording for another goroutine.
	clone(s *stream) splitter
	// split returns the last place in src that begins a record, or 0 when
	// there is none near the end.
	split(src []byte) int
	// guess returns the state behind src, as far as a glance tells.
	guess(before snapshot, src []byte) snapshot
	// shift says whether a piece that was decoded from a state needs but a
	// shift in time to be as if decoded from another one, and by how much.
	shift(from, to snapshot) (by int64, ok bool)
}

// piece is a part of a recording and what it holds.
type piece struct {
	src         []byte
	at          int64
	entry, exit snapshot
	s           stream
	dec         splitter
	size        int // events of a block
	blocks      []*Block
	ends        []int64 // stream offset behind each block
	n, next     int     // blocks filled, and delivered
	ready       chan struct{}
}

// newParallel starts the workers; stop ends them.
func newParallel(s *stream, dec splitter) *parallel {
	workers := min(runtime.GOMAXPROCS(0), mostWorkers)
	p := &parallel{in: s.in, dec: dec, damage: &s.damage, state: dec.snapshot(), guess: dec.snapshot(), off: s.in.off, piece: pieceSize}
	p.pieces = make([]*piece, 2*workers)
	p.work = make(chan *piece, len(p.pieces))
	for i := range p.pieces {
		pc := &piece{s: stream{info: s.info}, ready: make(chan struct{}, 1)}
		pc.dec = dec.clone(&pc.s)
		p.pieces[i] = pc
	}
	for range workers {
		p.workers.Go(func() { // ended by stop
			for pc := range p.work {
				pc.decode()
				pc.ready <- struct{}{}
			}
		})
	}
	return p
}

func (p *parallel) stop() {
	close(p.work)
	p.workers.Wait()
}

// read exchanges the block for the next one. It returns false when the rest is
// to be decoded serially: the decoder then stands where the input does.
func (p *parallel) read(b *Block) bool {
	size := cap(b.Events)
	for {
		if p.now != nil && p.now.next < p.now.n {
			i := p.now.next
			*b, *p.now.blocks[i] = *p.now.blocks[i], *b
			p.off = p.now.ends[i]
			p.now.next++
			return true
		}
		if p.now != nil {
			p.state, p.off = p.now.exit, p.now.at+int64(len(p.now.src))
			p.first, p.n, p.now = (p.first+1)%len(p.pieces), p.n-1, nil
		}
		p.cut(size)
		if p.n == 0 {
			p.dec.resume(p.state)
			return false
		}
		p.take()
	}
}

// cut hands out pieces as far as there is room.
func (p *parallel) cut(size int) {
	for p.n < len(p.pieces) && !p.over {
		src, last, err := p.in.window(p.piece + 1)
		if p.over = err != nil || last; p.over {
			return
		}
		n := p.dec.split(src[:p.piece])
		if p.over = n == 0; p.over {
			return
		}
		pc := p.pieces[(p.first+p.n)%len(p.pieces)]
		pc.src, pc.at, pc.size, pc.entry = append(pc.src[:0], src[:n]...), p.in.off, size, p.guess
		p.guess = p.dec.guess(p.guess, pc.src)
		p.in.advance(n)
		p.n++
		p.work <- pc // has room for every piece there is
	}
}

// take waits for the oldest piece and puts right what was guessed wrong.
func (p *parallel) take() {
	pc := p.pieces[p.first]
	<-pc.ready
	if pc.entry != p.state && !pc.move(p.state) {
		pc.entry = p.state
		pc.decode()
	}
	for _, d := range pc.s.damage.List() {
		p.damage.Add(d.Kind, d.Offset, d.FirstUS, 1)
		if d.Count > 1 {
			p.damage.Add(d.Kind, d.Offset, d.LastUS, d.Count-1)
		}
	}
	p.now = pc
}

// decode fills the piece's blocks, from its entry state on.
func (pc *piece) decode() {
	pc.dec.resume(pc.entry)
	pc.s.damage = pipeline.DamageReport{}
	pc.n, pc.next = 0, 0
	for used := 0; used < len(pc.src); {
		if pc.n == len(pc.blocks) {
			pc.blocks, pc.ends = append(pc.blocks, NewBlock(pc.size)), append(pc.ends, 0)
		}
		b := pc.blocks[pc.n]
		b.reset()
		// A piece ends with a whole record, so nothing that follows matters.
		n, err := pc.dec.decode(b, pc.src[used:], pc.at+int64(used), true)
		if n == 0 || err != nil {
			break
		}
		used += n
		if pc.ends[pc.n] = pc.at + int64(used); len(b.Events)+len(b.Side) > 0 {
			pc.n++
		}
	}
	pc.exit = pc.dec.snapshot()
}

// move makes the piece as if it had been decoded from another state, where a
// shift in time is enough.
func (pc *piece) move(to snapshot) bool {
	by, ok := pc.dec.shift(pc.entry, to)
	if !ok || len(pc.s.damage.List()) > 0 {
		return false
	}
	for _, b := range pc.blocks[:pc.n] {
		for i := range b.Events {
			b.Events[i].T += by
		}
		for i := range b.Side {
			b.Side[i].T += by
		}
	}
	pc.exit[0] += by
	pc.exit[1] += by
	return true
}
