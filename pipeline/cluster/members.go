package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Keys of the bucket of leases. A worker's own key has a time to live and is
// renewed; the key of a partition names its owner and counts as long as the
// owner's own key is there.
const (
	workerKey    = "worker."
	partitionKey = "partition."
)

// alive is the value of a worker's own key.
type alive struct {
	Rollout int       `json:"rollout"`
	Since   time.Time `json:"since"`
	Host    string    `json:"host"`
	Leaving bool      `json:"leaving,omitempty"` // it hands over what it has and takes nothing
	// It takes nothing yet: others must have the same configuration.
	Starting bool `json:"starting,omitempty"`

	Pipelines map[string]string `json:"pipelines,omitempty"` // digests of what decides their detections, by name
}

// lease is the value of a partition's key.
type lease struct {
	Worker  string `json:"worker"` // empty: nobody
	Rollout int    `json:"rollout"`
	// Offered says that the worker hands the partition over, and serves it until
	// somebody takes it: whoever is to have it prepares for that and then does.
	Offered bool `json:"offered,omitempty"`
}

// members is who lives and who owns what, as far as this worker has heard. It is
// never more than a hint: safe is what the commit's expected sequence makes so.
type members struct {
	js  jetstream.JetStream
	kv  jetstream.KeyValue
	cfg Config

	mu      sync.Mutex // guards what follows
	self    string     // the worker that listens; empty: only who asks once
	workers map[string]member
	leases  map[int]owned
	synced  bool // everything that was there at the start has been heard
}

// member is a worker whose key is there, and how often this worker has renewed its
// own since that one did. Renewals of both come through one stream in one order, so
// that neither a pause of this worker nor a clock that is set, here or at a server,
// makes another one dead.
type member struct {
	alive
	silent int
}

// renewals are how many there are in a lease, and dead so many more of one's own
// than of another worker that its lease is over. Its key ends at about that time by
// itself, by the clock of a server.
const (
	renewals = 4
	dead     = renewals + 1
)

// owned is a lease with its revision.
type owned struct {
	lease
	revision uint64
}

func newMembers(js jetstream.JetStream, kv jetstream.KeyValue, cfg Config) *members {
	return &members{js: js, kv: kv, cfg: cfg, workers: map[string]member{}, leases: map[int]owned{}}
}

// hearAs says which worker listens.
func (m *members) hearAs(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.self = id
}

// watch follows the bucket until the context ends or the watch fails, and says
// so with every change.
func (m *members) watch(ctx context.Context, changed func()) error {
	m.mu.Lock()
	m.synced = false
	clear(m.workers)
	clear(m.leases)
	m.mu.Unlock()
	return m.follow(ctx, func(bool) bool { changed(); return true })
}

// once hears everything that is in the bucket now.
func (m *members) once(ctx context.Context) error {
	return m.follow(ctx, func(all bool) bool { return !all })
}

// follow hears what is in the bucket and every change of it, as long as more
// wants it: it is told whether this was all that was there at the start.
func (m *members) follow(ctx context.Context, more func(all bool) bool) error {
	w, err := m.kv.WatchAll(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = w.Stop() }()
	for {
		select {
		case e, ok := <-w.Updates():
			if !ok {
				return errors.New("the watch over the leases has ended")
			}
			if m.hear(e); !more(e == nil) {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// hear takes one change in; nil says that all that was there has come.
func (m *members) hear(e jetstream.KeyValueEntry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e == nil {
		m.synced = true
		return
	}
	put := e.Operation() == jetstream.KeyValuePut
	if id, ok := strings.CutPrefix(e.Key(), workerKey); ok {
		var a alive
		if !put || json.Unmarshal(e.Value(), &a) != nil {
			delete(m.workers, id)
			return
		}
		m.workers[id] = member{alive: a}
		if id == m.self {
			for other, w := range m.workers {
				if w.silent++; other != id {
					m.workers[other] = w
				}
			}
		}
	}
	if number, ok := strings.CutPrefix(e.Key(), partitionKey); ok {
		p, err := strconv.Atoi(number)
		if err != nil || p < 0 || p >= m.cfg.Partitions {
			return
		}
		o := owned{revision: e.Revision()}
		if put {
			_ = json.Unmarshal(e.Value(), &o.lease) // nobody's, if it cannot be read
		}
		m.leases[p] = o
	}
}

// lives reports whether a worker lives. m.mu is held.
func (m *members) lives(id string) bool {
	w, ok := m.workers[id]
	return ok && w.silent < dead
}

// place is where a partition is and ought to be.
type place struct {
	owner    string // of those that live
	offered  bool   // by the owner
	wanted   string // empty: nobody may have it
	revision uint64
}

// places lists all partitions; nil as long as not everything has been heard.
func (m *members) places() []place {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.synced {
		return nil
	}
	list := make([]place, m.cfg.Partitions)
	for p := range list {
		o := m.leases[p]
		list[p].revision = o.revision
		if m.lives(o.Worker) {
			list[p].owner, list[p].offered = o.Worker, o.Offered
		}
		var best uint64
		for id, a := range m.workers {
			if a.Leaving || a.Starting || a.Rollout < o.Rollout || !m.lives(id) {
				continue // the third would return to an older model
			}
			if h := hash(id, strconv.Itoa(p)); list[p].wanted == "" || h > best || h == best && id > list[p].wanted {
				list[p].wanted, best = id, h
			}
		}
	}
	return list
}

// vet reports which living worker of the same roll-out has another configuration
// for a pipeline of one that is starting: both must not serve. Of two that start
// together the one with the greater id ends. It is done once everything that was
// there has been heard.
func (m *members) vet(id string, me alive) (done bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for other, a := range m.workers {
		if other == id || a.Rollout != me.Rollout || a.Leaving || a.Starting && id < other {
			continue
		}
		for name, is := range me.Pipelines {
			if has, ok := a.Pipelines[name]; ok && has != is {
				return m.synced, fmt.Errorf("%w: worker %s has another one for pipeline %q: raise cluster.rollout, which is %d, to replace it",
					errConfiguration, other, name, me.Rollout)
			}
		}
	}
	return m.synced, nil
}

// revision is that of a partition's key, as far as it has been heard.
func (m *members) revision(p int) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.leases[p].revision
}

// died reports whether a worker that once was is known not to live any more.
func (m *members) died(worker string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.synced && worker != "" && !m.lives(worker)
}

// set gives a partition whose key is at a revision to another owner, or offers it.
// It fails where somebody was faster.
func (m *members) set(ctx context.Context, p int, l lease, revision uint64) (uint64, error) {
	value, err := json.Marshal(l)
	if err != nil {
		return 0, err
	}
	key := partitionKey + strconv.Itoa(p)
	if revision == 0 {
		return m.kv.Create(ctx, key, value)
	}
	return m.kv.Update(ctx, key, value, revision)
}

// beat is the heart of a worker: its own key.
type beat struct {
	m        *members
	id       string
	alive    alive
	now      func() time.Time
	revision uint64
	renewed  time.Time
	unknown  bool // whether the last renewal was stored
}

// begin makes the key. A key that exists belongs to another worker.
func (b *beat) begin(ctx context.Context) (err error) {
	b.renewed = b.now()
	value, err := json.Marshal(b.alive)
	if err != nil {
		return err
	}
	b.revision, err = b.m.kv.Create(ctx, workerKey+b.id, value, jetstream.KeyTTL(b.m.cfg.Lease))
	if err != nil {
		return fmt.Errorf("lease of worker %s: %w", b.id, err)
	}
	return nil
}

// renew renews the key. KeyValue.Update has no time to live and would make the
// key stay for ever, so the key is published to. A renewal whose answer did not
// come may have been stored: then the key is asked for its revision.
func (b *beat) renew(ctx context.Context) error {
	asked := b.now()
	value, err := json.Marshal(b.alive)
	if err != nil {
		return err
	}
	if b.unknown {
		e, err := b.m.kv.Get(ctx, workerKey+b.id)
		if err == nil {
			b.revision = max(b.revision, e.Revision())
		} else if !errors.Is(err, jetstream.ErrKeyNotFound) {
			return err
		}
	}
	ack, err := b.m.js.Publish(ctx, "$KV."+b.m.cfg.leaseBucket()+"."+workerKey+b.id, value,
		jetstream.WithExpectLastSequencePerSubject(b.revision), jetstream.WithMsgTTL(b.m.cfg.Lease), jetstream.WithRetryAttempts(0))
	if b.unknown = err != nil && !lost(err); err != nil {
		return err
	}
	b.revision, b.renewed = ack.Sequence, asked
	return nil
}

// end gives the key up, so that others know at once. Nobody else has a key of that
// name, whatever its revision is; the mark of its end goes by itself.
func (b *beat) end(ctx context.Context) error {
	return b.m.kv.Purge(ctx, workerKey+b.id, jetstream.PurgeTTL(b.m.cfg.Lease))
}

// lost reports whether an error of renew says that the lease is over: somebody,
// or its end, has changed the key. Every other error may pass.
func lost(err error) bool {
	var api *jetstream.APIError
	if errors.Is(err, errFenced) {
		return true
	}
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant) // of a stream with replicas
}
