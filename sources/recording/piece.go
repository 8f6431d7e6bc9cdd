package recording

import (
	"ganglion/pipeline"
	"ganglion/sources/format"
)

// piece is a part of a recording and what it holds, see [parallel].
type piece struct {
	memory      []byte // that src or the input's next bytes lie in
	src         []byte
	at          int64
	entry, exit format.Snapshot
	s           format.Stream
	dec         format.Splitter
	size        int // events of a block
	blocks      []*format.Block
	ends        []int64 // stream offset behind each block
	n, next     int     // blocks filled, and delivered
	events      int
	ready       chan struct{}
}

// decode fills the piece's blocks, from its entry state on.
func (pc *piece) decode() {
	pc.dec.Resume(pc.entry)
	pc.s.Damage = pipeline.DamageReport{}
	pc.n, pc.next, pc.events = 0, 0, 0
	for used := 0; used < len(pc.src); {
		if pc.n == len(pc.blocks) {
			pc.blocks, pc.ends = append(pc.blocks, format.NewBlock(pc.size)), append(pc.ends, 0)
		}
		b := pc.blocks[pc.n]
		b.Reset()
		// A piece ends with a whole record, so nothing that follows matters.
		n, err := pc.dec.Decode(b, pc.src[used:], pc.at+int64(used), true)
		if n == 0 || err != nil {
			break
		}
		used += n
		pc.events += len(b.Events)
		if pc.ends[pc.n] = pc.at + int64(used); len(b.Events)+len(b.Side) > 0 {
			pc.n++
		}
	}
	pc.exit = pc.dec.Snapshot()
}

// move makes the piece as if it had been decoded from another state, where a
// shift in time is enough.
func (pc *piece) move(to format.Snapshot) bool {
	by, ok := pc.dec.Shift(pc.entry, to)
	if !ok || len(pc.s.Damage.List()) > 0 {
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
