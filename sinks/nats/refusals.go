package nats

import (
	"errors"
	"regexp"
	"sync"
	"time"

	"ganglion/pipeline/natsconn"

	"github.com/nats-io/nats.go"
)

// refusals counts the messages that a server refused for lack of permission.
// The server tells so asynchronously, but before it answers a PING that follows
// the messages, and names the subject.
type refusals struct {
	reports *natsconn.Reports

	mu   sync.Mutex // guards what follows
	by   map[string]int
	last error
	// reason is that of the last refusal.
	reason error
}

var publishTo = regexp.MustCompile(`Publish to "([^"]+)"`)

// note is the client's handler of errors.
func (r *refusals) note(_ *nats.Conn, _ *nats.Subscription, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := publishTo.FindStringSubmatch(err.Error()); m != nil && errors.Is(err, nats.ErrPermissionViolation) {
		if r.by == nil {
			r.by = map[string]int{}
		}
		r.by[m[1]]++
		r.reason = err
	}
	r.last = err
	r.reports.Note(err)
}

// refuse notes why a message was refused for another reason.
func (r *refusals) refuse(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reason = err
}

// why is the last reason for a refusal.
func (r *refusals) why() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reason
}

// begin forgets what was refused before.
func (r *refusals) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.by)
}

// settled waits until everything that came before the client's last error has
// been counted, and returns how many messages of which subject were refused
// since begin.
func (r *refusals) settled(nc *nats.Conn) map[string]int {
	last := nc.LastError()
	for until := time.Now().Add(time.Second); errors.Is(last, nats.ErrPermissionViolation); {
		r.mu.Lock()
		seen := r.last == last
		r.mu.Unlock()
		if seen || time.Now().After(until) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var by map[string]int
	for subject, n := range r.by {
		if by == nil {
			by = map[string]int{}
		}
		by[subject] = n
	}
	return by
}
