package cluster

import (
	"context"
	"slices"
)

// settle keeps every state, while the streams are served still, and then commits
// that nobody owns the partition. What came in between the next owner computes once
// more from the states, which takes less time than keeping them again.
func (p *partition) settle(ctx context.Context, in *input) error {
	p.leaving = p.now()
	for more := true; more; more = slices.ContainsFunc(p.order, p.unsettled) {
		if err := p.commit(ctx, everyState); err != nil {
			return err
		}
		if err := p.catchUp(ctx, in); err != nil {
			return err
		}
	}
	p.settling = true
	return p.commit(ctx, noStates)
}

// unsettled reports whether the state of a lane is to be kept before the partition
// is handed over.
func (p *partition) unsettled(l *lane) bool { return l.dirty() && l.saved.Before(p.leaving) }

// catchUp processes the packets that wait. Where parts are written it does nothing:
// what a part holds must lie before the state.
func (p *partition) catchUp(ctx context.Context, in *input) error {
	for range prefetch {
		if p.cfg.Parts != "" {
			return nil
		}
		select {
		case a := <-in.out:
			if err := p.take(ctx, a); err != nil {
				return err
			}
			in.free <- a
		default:
			return nil
		}
	}
	return nil
}
