package cluster

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// trimmer removes what a partition needs no more: packets behind the oldest
// state, checkpoints and states before the last, objects that no checkpoint
// names. Whatever it is late with costs room and nothing else; what it removes
// was replaced by a commit that has passed.
type trimmer struct {
	running sync.WaitGroup // one goroutine at a time, which ends with the partition
	busy    chan struct{}
	last    time.Time
	some    bool // there was a commit since
	swept   bool
	old     []string // objects
}

const (
	trimTime = 30 * time.Second
	// orphanAge is how much older than the checkpoint that was claimed an object must
	// be to count as left behind, by the servers' clocks, which differ.
	orphanAge = time.Minute
)

// due is when the next removal is, if something may have become needless.
func (t *trimmer) due(every time.Duration) (at time.Time, ok bool) { return t.last.Add(every), t.some }

// after follows a commit.
func (t *trimmer) after(now time.Time, objects []string) {
	t.old, t.some = append(t.old, objects...), true
	if t.busy == nil {
		t.busy, t.last = make(chan struct{}, 1), now
	}
}

// begin removes in a goroutine of its own, unless one does so already.
func (t *trimmer) begin(ctx context.Context, p *partition) {
	t.last = p.now()
	select {
	case t.busy <- struct{}{}:
	default:
		return
	}
	t.some = false
	w := waste{objects: t.old, sweep: !t.swept, before: p.since.Add(-orphanAge), needs: map[string]uint64{}}
	t.old, t.swept = nil, true
	for _, l := range p.order {
		// The last packet of a stream stays: it tells a feeder where to resume.
		needs := min(l.track.needs(), l.track.Seq)
		if have, ok := w.needs[l.track.Key]; !ok || needs < have {
			w.needs[l.track.Key] = needs
		}
		if l.track.State.Object != "" {
			w.named = append(w.named, l.track.State.Object)
		}
		if l.track.State.SHA256 != "" && l.track.State.Object == "" {
			w.states = append(w.states, p.cfg.stateSubject(p.n, l.track.Pipeline, l.track.Key))
		}
	}
	t.running.Go(func() {
		defer func() { <-t.busy }()
		ctx, cancel := context.WithTimeout(ctx, trimTime)
		defer cancel()
		w.remove(ctx, p)
	})
}

func (t *trimmer) wait() { t.running.Wait() }

// waste is what can go.
type waste struct {
	needs   map[string]uint64 // first packet that is needed, by key
	states  []string          // subjects
	objects []string
	sweep   bool // look for objects that nobody names
	before  time.Time
	named   []string
}

func (w *waste) remove(ctx context.Context, p *partition) {
	failed := func(err error) {
		if err != nil && ctx.Err() == nil {
			p.log.Debug("what is not needed any more stays for now", "error", err)
		}
	}
	for key, needs := range w.needs {
		if needs > 1 {
			failed(p.input.Purge(ctx, jetstream.WithPurgeSubject(p.cfg.inputSubject(key)), jetstream.WithPurgeSequence(needs)))
		}
	}
	for _, subject := range append(w.states, p.cfg.checkpointSubject(p.n)) {
		failed(p.output.Purge(ctx, jetstream.WithPurgeSubject(subject), jetstream.WithPurgeKeep(1)))
	}
	if w.sweep {
		w.objects = append(w.objects, w.orphans(ctx, p)...)
	}
	for _, name := range w.objects {
		failed(p.objects.Delete(ctx, name))
	}
}

// orphans are objects of the partition that were put long before it was claimed
// and that its checkpoint does not name.
func (w *waste) orphans(ctx context.Context, p *partition) (names []string) {
	list, err := p.objects.List(ctx)
	if err != nil {
		return nil // there are none, or the next owner finds them
	}
	for _, o := range list {
		if strings.HasPrefix(o.Name, strconv.Itoa(p.n)+".") && o.ModTime.Before(w.before) && !slices.Contains(w.named, o.Name) {
			names = append(names, o.Name)
		}
	}
	return names
}
