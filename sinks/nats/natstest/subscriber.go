package natstest

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"ganglion/pipeline"
)

// patience bounds every wait of a test; a test that waits so long has failed.
const patience = 30 * time.Second

// Subscriber keeps the detections that arrive on a subject.
type Subscriber struct {
	t  testing.TB
	nc *nats.Conn

	mu       sync.Mutex
	received []Message
	changed  chan struct{} // closed and replaced with every message
}

// Message is a detection as it arrived.
type Message struct {
	Subject   string
	Header    nats.Header
	Detection pipeline.Detection
}

// Subscribe connects, with further options if need be, and returns once the
// server knows of the subscription. The test's end closes it.
func Subscribe(t testing.TB, url, subject string, options ...nats.Option) *Subscriber {
	t.Helper()
	s := &Subscriber{t: t, changed: make(chan struct{})}
	var err error
	options = append([]nats.Option{nats.MaxReconnects(-1), nats.ReconnectWait(10 * time.Millisecond)}, options...)
	if s.nc, err = nats.Connect(url, options...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.nc.Close)
	sub, err := s.nc.Subscribe(subject, s.receive)
	if err != nil {
		t.Fatal(err)
	}
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		t.Fatal(err)
	}
	if err := s.nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Subscriber) receive(m *nats.Msg) {
	got := Message{Subject: m.Subject, Header: m.Header}
	if err := json.Unmarshal(m.Data, &got.Detection); err != nil {
		s.t.Errorf("message on %s: %v", m.Subject, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = append(s.received, got)
	close(s.changed)
	s.changed = make(chan struct{})
}

// Wait returns the messages once there are n, in the order of arrival. It
// fails the test when they do not come, and says how many did.
func (s *Subscriber) Wait(n int) []Message {
	s.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		got, changed := s.snapshot()
		if len(got) >= n {
			return got
		}
		select {
		case <-changed:
		case <-deadline.C:
			s.t.Fatalf("%d of %d detections arrived", len(got), n)
		}
	}
}

// Received returns the messages that have arrived. What was published before
// is among them when the publisher had it confirmed.
func (s *Subscriber) Received() []Message {
	s.t.Helper()
	if err := s.nc.Flush(); err != nil { // the PONG follows what was published before
		s.t.Fatal(err)
	}
	barrier := make(chan struct{})
	if err := s.nc.Barrier(func() { close(barrier) }); err != nil { // and the callbacks follow the PONG
		s.t.Fatal(err)
	}
	<-barrier
	got, _ := s.snapshot()
	return got
}

func (s *Subscriber) snapshot() ([]Message, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received), s.changed
}
