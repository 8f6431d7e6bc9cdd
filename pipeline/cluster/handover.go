package cluster

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// How a partition goes from a worker that lives to the next one, while somebody
// serves it all the time:
//
//	owner: keeps every state, offers the partition in its key, and serves on
//	next:  restores the states and follows the input as far as the owner commits
//	next:  takes the key, and commits: from then on no commit of the owner passes
//
// What the next one has detected meanwhile is stored already and handed on by nobody.
// Where the owner has nobody to wait for, or waits in vain, it commits without a name
// and gives the key up.

// lookEvery is how often a worker looks whether the next owner has taken what it offers,
// unless a commit tells it sooner.
const lookEvery = 50 * time.Millisecond

// expected reports whether another worker is to have the partition, and whether one has
// it already.
func (p *partition) expected() (wanted, has bool) {
	places := p.members.places()
	if places == nil {
		return false, false
	}
	at := places[p.n]
	return at.wanted != "" && at.wanted != p.id, at.owner != "" && at.owner != p.id
}

// handOver does what is due of handing the partition over, and reports whether that
// is done.
func (p *partition) handOver(ctx context.Context, h *holding) (over bool, err error) {
	if p.leaving.IsZero() {
		return false, nil
	}
	wanted, has := p.expected()
	switch {
	case p.settling:
	case has && !p.offered.IsZero():
		return true, nil
	case !p.settled():
		return false, nil
	case p.offered.IsZero() && wanted:
		once, cancel := context.WithTimeout(ctx, p.commits.timeout)
		defer cancel()
		l := lease{Worker: p.id, Rollout: p.cfg.Rollout, Offered: true}
		revision, err := p.members.set(once, p.n, l, h.revision)
		if err != nil {
			return false, err
		}
		p.offered, h.revision = p.now(), revision
		p.turned()
		return false, nil
	case !p.offered.IsZero() && p.now().Sub(p.offered) < p.offerTime && wanted:
		return false, nil
	default:
		p.settling = true
		if err := p.commit(ctx); err != nil {
			return false, err
		}
	}
	p.give(ctx, p.n, h.revision) // the next owner waits for nothing that is cleaned up here
	return true, nil
}

// prepare restores what the owner of an offered partition has committed, and follows
// the input as far as that has come. It reports whether the partition is to be taken,
// prepared or not.
func (p *partition) prepare(ctx context.Context, h *holding) bool {
	if err := p.load(ctx); err != nil {
		p.log.Debug("the partition is not prepared", "error", err)
		return ctx.Err() == nil
	}
	if r := p.record; r.Deaths > 0 || r.Trying != nil || r.Rollout != p.cfg.Rollout || r.Input == 0 {
		return true
	}
	p.restore(p.record)
	p.read(ctx)
	if !p.caught { // a pipeline sees the input for the first time
		p.rest()
		return true
	}
	for done := p.begin() - 1; ; {
		if p.ahead == nil && done < p.record.Position {
			select {
			case a := <-p.in.out:
				p.ahead = a
			case <-p.in.remade:
				p.rest()
				return true
			case <-h.free:
				p.from = "" // it has died, or waits no more
				return true
			case <-h.drain:
				p.rest()
				return false
			case <-ctx.Done():
				p.rest()
				return false
			}
		}
		if a := p.ahead; a != nil && a.seq <= p.record.Position {
			if err := p.take(ctx, a); err != nil || len(p.order) != len(p.record.Lanes) {
				p.rest()
				return ctx.Err() == nil
			}
			done, p.ahead = a.seq, nil
			p.in.free <- a
			continue
		}
		if err := p.warm(ctx); err != nil {
			p.rest()
			return ctx.Err() == nil
		}
		at, before := p.record.Position, p.record
		if err := p.load(ctx); err != nil || !p.follow(p.record) {
			p.record = before
			p.rest()
			return ctx.Err() == nil
		}
		if p.record.Position == at {
			return true
		}
	}
}

// mostWarm is how many streams of a partition are restored before their next packet
// comes.
const mostWarm = 64

// warm restores the streams that packets came from last.
func (p *partition) warm(ctx context.Context) error {
	latest := slices.Clone(p.order)
	slices.SortFunc(latest, func(a, b *lane) int { return cmp.Compare(b.track.Seq, a.track.Seq) })
	for _, l := range latest[:min(mostWarm, len(latest))] {
		if l.run != nil || l.pipeline == nil || l.track.Ended || l.track.Aside != "" || l.track.State.SHA256 == "" {
			continue
		}
		if err := p.state(ctx, l); err != nil {
			return err
		}
		if err := l.build(); err != nil {
			return err
		}
	}
	return nil
}

// follow takes in a later checkpoint of what was prepared, where that leads on to it:
// no stream has another state or run since.
func (p *partition) follow(r *record) bool {
	lanes := map[laneKey]*lane{}
	for _, t := range r.Lanes {
		l := p.lanes[laneKey{t.Pipeline, t.Key}]
		if l == nil { // it begins with a packet that is not taken yet
			continue
		}
		is := &l.track
		if is.State != t.State || is.FeedRun != t.FeedRun || is.Begins != t.Begins || is.Ended != t.Ended || is.Aside != t.Aside ||
			is.Config != t.Config {
			return false
		}
		lanes[laneKey{t.Pipeline, t.Key}] = l
	}
	if len(lanes) != len(p.lanes) {
		return false
	}
	p.record = r
	for _, t := range r.Lanes {
		if l := lanes[laneKey{t.Pipeline, t.Key}]; l != nil {
			l.track, l.again = *t, t.Seq
		} else {
			p.known(t)
		}
	}
	return true
}
