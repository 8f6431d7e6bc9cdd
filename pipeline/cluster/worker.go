package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"ganglion/internal/sleep"
	"ganglion/pipeline/checkpoint"
)

// Options are the surroundings of a worker.
type Options struct {
	Conn *nats.Conn
	Log  *slog.Logger
	Now  func() time.Time
	Host string // for people who ask for the status

	Parts PartWriter // needed where Config.Parts names a folder

	Health func() error // what is wrong with the connection; nil: nobody asks
	Tracer trace.Tracer // nil traces nothing
}

// Worker serves the partitions that fall to it.
type Worker struct {
	cfg       Config
	pipelines []*Pipeline
	log       *slog.Logger
	now       func() time.Time
	host      string
	js        jetstream.JetStream
	input     jetstream.Stream
	output    jetstream.Stream
	objects   jetstream.ObjectStore
	commits   committer
	parts     PartWriter

	trimEvery time.Duration
	patience  time.Duration // with a state that is not on the servers
	offerTime time.Duration // for which the next owner of a partition is waited for

	// turns bounds how many partitions are handed over at once: their states want
	// processors, and a partition whose turn has not come is served meanwhile.
	turns chan struct{}

	tracer   trace.Tracer
	accounts map[*Pipeline]*Account
	wrong    *troubles // of the worker as a whole

	members *members
	id      string // of this incarnation
	lawless bool   // for the test of the fence: the worker takes every partition, whoever has it

	over chan error // is told once why this worker must end
	mu   sync.Mutex // guards held
	held map[int]*holding
}

// holding is a partition that the worker serves, or prepares to.
type holding struct {
	from     string        // the worker that offered it; empty: nobody did
	free     chan struct{} // closed when that one does not have it any more
	freed    bool
	drain    chan struct{}
	draining bool
	cancel   context.CancelCauseFunc
	done     chan struct{}
	revision uint64 // of the partition's key, once it is taken
}

// NewWorker finds the streams of the cluster, which must be there ([Plan]).
func NewWorker(ctx context.Context, o Options, pipelines []*Pipeline) (*Worker, error) {
	if len(pipelines) == 0 {
		return nil, errors.New("cluster: no pipeline")
	}
	w := &Worker{cfg: pipelines[0].Config, pipelines: pipelines, log: o.Log, now: o.Now, host: o.Host, held: map[int]*holding{},
		parts: o.Parts, trimEvery: 10 * time.Second, patience: 10 * time.Second, offerTime: 5 * time.Second, over: make(chan error, 1),
		tracer: o.Tracer, accounts: map[*Pipeline]*Account{},
		wrong: newTroubles(o.Health), turns: make(chan struct{}, runtime.GOMAXPROCS(0))}
	for _, p := range pipelines {
		a := newAccount(p.Name, "output", o.Conn, o.Now, w.wrong)
		a.s.ConfigHash, a.held = p.ConfigHash, func() int { return len(w.holdings()) }
		w.accounts[p] = a
		shared, first := fmt.Sprintf("%+v", p.Config.Shared()), fmt.Sprintf("%+v", w.cfg.Shared())
		if shared != first {
			return nil, fmt.Errorf("cluster: pipelines %q and %q differ in more than streams", p.Name, pipelines[0].Name)
		}
	}
	var err error
	if w.js, err = jetstream.New(o.Conn); err != nil {
		return nil, err
	}
	if w.input, err = w.js.Stream(ctx, w.cfg.inputStream()); err != nil {
		return nil, fmt.Errorf("stream %q: %w", w.cfg.inputStream(), err)
	}
	if w.output, err = w.js.Stream(ctx, w.cfg.outputStream()); err != nil {
		return nil, fmt.Errorf("stream %q: %w", w.cfg.outputStream(), err)
	}
	if w.objects, err = w.js.ObjectStore(ctx, w.cfg.snapshotBucket()); err != nil {
		return nil, fmt.Errorf("object store %q: %w", w.cfg.snapshotBucket(), err)
	}
	if err := mark(w.cfg, w.output); err != nil {
		return nil, err
	}
	kv, err := w.js.KeyValue(ctx, w.cfg.leaseBucket())
	if err != nil {
		return nil, fmt.Errorf("bucket %q: %w", w.cfg.leaseBucket(), err)
	}
	w.members = newMembers(w.js, kv, w.cfg)
	w.commits = committer{nc: o.Conn, timeout: max(w.cfg.Lease, 2*time.Second)}
	return w, nil
}

// Accounts are those of the worker's pipelines, for whoever shows them.
func (w *Worker) Accounts() (list []*Account) {
	for _, p := range w.pipelines {
		list = append(list, w.accounts[p])
	}
	return list
}

// errDead means that this worker's lease has ended: others may have its
// partitions.
var errDead = errors.New("the lease of this worker has ended")

// errStuck means that a packet takes longer than Config.Stuck. Nothing can end
// what works on it but the end of the process, which its caller owes: the lease
// then ends by itself, and others count this worker among those that died there.
var errStuck = errors.New("a packet takes too long")

// Run takes partitions and serves them until the context ends; then it commits
// everything and hands the partitions over. A worker whose lease ends, because
// it was paused or cut off, forgets everything and begins again under another
// name. It returns errStuck while a goroutine still hangs, and errConfiguration where
// others serve with another configuration, or did.
func (w *Worker) Run(ctx context.Context) error {
	for {
		err := w.live(ctx)
		if errors.Is(err, errStuck) || errors.Is(err, errConfiguration) {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		w.log.Warn("this worker begins again", "error", err)
		w.wrong.note("pipeline", err)
		if sleep.For(ctx, 100*time.Millisecond) != nil {
			return nil
		}
	}
}

// live is one incarnation.
func (w *Worker) live(ctx context.Context) error {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	w.id = fmt.Sprintf("%s-%d-%s", token(w.host), os.Getpid(), hex.EncodeToString(random[:]))
	me := alive{Rollout: w.cfg.Rollout, Since: w.now().UTC(), Host: w.host, Starting: true, Pipelines: w.digests()}
	b := &beat{m: w.members, id: w.id, alive: me, now: w.now}
	once, cancel := context.WithTimeout(ctx, w.commits.timeout)
	w.members.hearAs(w.id)
	err := b.begin(once)
	cancel()
	if err != nil {
		return err
	}
	w.wrong.note("pipeline", nil)
	w.log.Info("this worker takes part", "worker", w.id, "cluster", w.cfg.Name)
	// Three contexts: lives ends with the lease, beating after everything has
	// been handed over.
	lives, die := context.WithCancelCause(context.WithoutCancel(ctx))
	defer die(nil)
	beating, rest := context.WithCancel(context.WithoutCancel(ctx))
	defer rest()
	vetted := make(chan struct{})
	changed := make(chan struct{}, 1)
	wake := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	var g errgroup.Group // the watch, the heart and the placement; they end below
	g.Go(func() error { w.watch(beating, wake); return nil })
	g.Go(func() error {
		if err := w.beat(beating, vetted, ctx.Done(), b); err != nil {
			die(err)
			wake()
		}
		return nil
	})
	err = w.place(ctx, lives, me, vetted, changed, wake)
	rest()
	_ = g.Wait()
	if err == nil || errors.Is(err, errConfiguration) { // in order
		w.log.Info("this worker has handed over what it had", "worker", w.id)
		once, cancel := context.WithTimeout(lives, w.commits.timeout)
		defer cancel()
		_ = b.end(once) // else it ends by itself
	}
	return err
}

// digests tell others what this worker's pipelines detect.
func (w *Worker) digests() map[string]string {
	by := map[string]string{}
	for _, p := range w.pipelines {
		by[p.Name] = digest(append(checkpoint.Identity{{Key: "config", Text: p.ConfigHash}}, p.Identity...))
	}
	return by
}

// watch keeps the view of the members up to date.
func (w *Worker) watch(ctx context.Context, changed func()) {
	for ctx.Err() == nil {
		if err := w.members.watch(ctx, changed); err != nil && ctx.Err() == nil {
			w.log.Warn("the watch over the leases begins again", "error", err)
			_ = sleep.For(ctx, 100*time.Millisecond)
		}
	}
}

// beat renews the lease until the context ends, or returns errDead. It says when
// the worker may take partitions, for its configuration is that of the others, and
// when it leaves: others then take each of its partitions as soon as it is handed
// over.
func (w *Worker) beat(ctx context.Context, vetted, leaving <-chan struct{}, b *beat) error {
	every := w.cfg.Lease / renewals
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-vetted:
			vetted, b.alive.Starting = nil, false
		case <-leaving:
			leaving, b.alive.Leaving = nil, true
		case <-tick.C:
		}
		once, cancel := context.WithTimeout(ctx, every)
		err := b.renew(once)
		cancel()
		switch {
		case err == nil || ctx.Err() != nil:
		case lost(err), w.now().Sub(b.renewed) > w.cfg.Lease:
			return fmt.Errorf("%w: %w", errDead, err)
		}
	}
}

// place takes and gives partitions as the living ask for it, until the context
// ends or the lease does, once it has closed vetted. It returns once nothing is
// served any more.
func (w *Worker) place(ctx, lives context.Context, me alive, vetted chan<- struct{}, changed <-chan struct{}, wake func()) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return w.giveAll()
		case <-lives.Done():
			return w.drop(context.Cause(lives))
		case err := <-w.over:
			if errors.Is(err, errStuck) {
				return err
			}
			return errors.Join(err, w.giveAll())
		case <-changed:
		case <-tick.C:
		}
		places := w.members.places()
		if vetted != nil {
			done, err := w.members.vet(w.id, me)
			if err != nil {
				return err
			}
			if done {
				close(vetted)
				vetted = nil
			}
		}
		for n, at := range places {
			if w.lawless {
				at = place{wanted: w.id, revision: at.revision}
			}
			w.mu.Lock()
			h := w.held[n]
			w.mu.Unlock()
			switch {
			case h == nil && at.wanted == w.id && (at.owner == "" || at.owner == w.id || at.offered):
				w.hold(lives, n, at, wake)
			case h == nil && at.owner == w.id: // it could not be handed over before
				w.give(lives, n, at.revision)
			case h != nil && h.from != "" && at.owner == "" && !h.freed:
				h.freed = true
				close(h.free)
			case h != nil && at.owner != "" && at.owner != w.id && at.owner != h.from:
				h.cancel(errFenced) // taken while this worker was thought dead, or because it was offered
			case h != nil && at.wanted != "" && at.wanted != w.id && !h.draining:
				h.draining = true
				close(h.drain)
			}
		}
	}
}

// giveAll hands every partition over, or ends with the lease.
func (w *Worker) giveAll() error {
	for _, h := range w.holdings() {
		if !h.draining {
			h.draining = true
			close(h.drain)
		}
	}
	return w.gone()
}

// drop ends all work at once: nothing of it is committed.
func (w *Worker) drop(why error) error {
	for _, h := range w.holdings() {
		h.cancel(why)
	}
	return errors.Join(w.gone(), why)
}

// gone returns when nothing is served any more, or errStuck.
func (w *Worker) gone() error {
	for _, h := range w.holdings() {
		select {
		case <-h.done:
		case err := <-w.over:
			if errors.Is(err, errStuck) {
				return err
			}
		}
	}
	return nil
}

// end lets the worker end with an error; the first one counts.
func (w *Worker) end(why error) {
	select {
	case w.over <- why:
	default:
	}
}

func (w *Worker) holdings() (list []*holding) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.held {
		list = append(list, h)
	}
	return list
}

// token makes a host's name fit for a key.
func token(host string) string {
	b := []byte(host)
	for i, c := range b {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			b[i] = '-'
		}
	}
	if len(b) == 0 {
		return "worker"
	}
	return string(b[:min(len(b), 40)])
}
