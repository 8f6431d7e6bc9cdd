package cluster

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"ganglion/pipeline/runner"
)

const (
	largeState  = 256 << 10 // bytes; a larger one goes to the object store first
	statesBytes = 2 << 20   // of one commit, or one state
	statesMost  = 200       // of one commit, which has room for so many and their parts
)

// kept is the state of a stream on its way into a commit: taken between two
// packets, and packed and stored while the stream is served.
type kept struct {
	lane    *lane
	run     *runner.HandRun
	from    int // in partition.states
	ref     stateRef
	rows    int // whole rows of the lane when it was taken
	message *nats.Msg
}

// keeping is what becomes of some states in a goroutine of its own.
type keeping struct {
	states []*kept
	err    error
}

// due is when the next state is to be kept, if one is.
func (p *partition) due() (at time.Time, ok bool) {
	if p.keeping != nil || !p.offered.IsZero() {
		return at, false
	}
	for _, l := range p.order {
		if t := l.saved.Add(p.cfg.Snapshot); l.dirty() && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok
}

// unsettled reports whether the state of a lane is to be kept before the partition
// is handed over.
func (p *partition) unsettled(l *lane) bool { return l.dirty() && l.saved.Before(p.leaving) }

// settled reports whether this worker leaves and every state is kept. What came in
// since they were taken the next owner computes once more.
func (p *partition) settled() bool {
	return !p.leaving.IsZero() && p.keeping == nil && !slices.ContainsFunc(p.order, p.unsettled)
}

// keep takes the states that are due, as many as fit a commit, and packs and stores
// them in a goroutine, which tells p.keeping and for which p.packing waits.
func (p *partition) keep(ctx context.Context) error {
	if p.keeping != nil || !p.offered.IsZero() { // whoever comes builds on the last ones
		return nil
	}
	now, k := p.now(), new(keeping)
	p.states = p.states[:0]
	for _, l := range p.order {
		if len(p.states) >= statesBytes || len(k.states) == statesMost {
			break
		}
		if !p.unsettled(l) && (!l.dirty() || now.Sub(l.saved) < p.cfg.Snapshot) {
			continue
		}
		s := &kept{lane: l, run: l.run, from: len(p.states), ref: stateRef{Seq: l.track.Seq, Packet: l.track.Packet}, rows: l.whole}
		var err error
		if p.states, err = l.run.AppendSnapshot(p.states); err != nil {
			return err
		}
		k.states, l.saved = append(k.states, s), now
	}
	if len(k.states) == 0 {
		return nil
	}
	done := make(chan *keeping, 1)
	p.keeping = done
	p.packing.Go(func() {
		to := len(p.states)
		for _, s := range slices.Backward(k.states) {
			if k.err = p.pack(ctx, s, p.states[s.from:to]); k.err != nil {
				break
			}
			to = s.from
		}
		done <- k
	})
	return nil
}

// pack makes a message of a state, or puts a large one into the object store.
func (p *partition) pack(ctx context.Context, s *kept, state []byte) error {
	p.packed = p.packer.EncodeAll(state, p.packed[:0])
	s.ref.SHA256, s.ref.Bytes = sum(state), len(p.packed)
	t := &s.lane.track // of which this goroutine reads what never changes
	if s.ref.Bytes <= largeState {
		s.message = message(p.cfg.stateSubject(p.n, t.Pipeline, t.Key), bytes.Clone(p.packed))
		return nil
	}
	s.ref.Object = fmt.Sprintf("%d.%s.%s.%d.%s", p.n, t.Pipeline, t.Key, s.ref.Seq, s.ref.SHA256[:16])
	ctx, cancel := context.WithTimeout(ctx, p.commits.timeout)
	defer cancel()
	if _, err := p.objects.PutBytes(ctx, s.ref.Object, p.packed); err != nil {
		return fmt.Errorf("%w: state %s: %w", errUnknown, s.ref.Object, err)
	}
	return nil
}

// store commits states that were kept, and the hand-over with the last of them where
// nobody is to come.
func (p *partition) store(ctx context.Context, k *keeping) error {
	p.keeping = nil
	if k.err != nil {
		return k.err
	}
	wanted, _ := p.expected()
	p.settling = p.settled() && !wanted
	return p.commit(ctx, k.states...)
}

// adopt makes a state the one that the lane's track names, and returns what is to be
// committed with it and the object that is not needed any more then. A run that has
// ended meanwhile needs none.
func (p *partition) adopt(ctx context.Context, s *kept) (messages []*nats.Msg, old string, err error) {
	l := s.lane
	if l.run != s.run {
		return nil, s.ref.Object, nil
	}
	old, l.track.State = l.track.State.Object, s.ref
	if s.message != nil {
		messages = append(messages, s.message)
	}
	m, err := p.part(ctx, l, s.rows, s.ref.Seq)
	if m != nil {
		messages = append(messages, m)
	}
	return messages, old, err
}
