package nats

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"ganglion/pipeline"
	"ganglion/sinks/nats/natstest"
)

// missing returns how many of the detections 0..n-1 are not among the
// messages.
func missing(got []natstest.Message, n int) int {
	seen := map[uint64]bool{}
	for _, m := range got {
		seen[m.Detection.Seq] = true
	}
	for i := range n {
		if seen[uint64(i)] {
			n--
		}
	}
	return n
}

func TestConnectionsThatAreCutLoseNothing(t *testing.T) {
	url := embeddedServer(t)
	sub := natstest.Subscribe(t, url, "ganglion.left.*")
	p := startProxy(t, url, 20_000)
	c := config(p.url())
	c.InFlight = 16
	s := open(t, c)
	const n = 500
	for part := range slices.Chunk(detections(0, n), 40) {
		write(t, s, part)
	}
	if lost := missing(sub.Received(), n); lost > 0 {
		t.Errorf("%d of %d detections are lost although every write succeeded", lost, n)
	}
	p.checkCuts(t)
}

// The same without the confirmation: the client's own buffering across
// reconnects loses what was on its way when a connection was cut.
func TestTheCutTestSeesWhatAClientAloneLoses(t *testing.T) {
	url := embeddedServer(t)
	sub := natstest.Subscribe(t, url, "ganglion.left.*")
	p := startProxy(t, url, 20_000)
	nc, err := nats.Connect(p.url(), nats.MaxReconnects(-1), nats.ReconnectWait(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	subjects, err := newSubjects(NewDefaultConfig().Subject, "left")
	if err != nil {
		t.Fatal(err)
	}
	m := newMessages(subjects, 40)
	const n = 500
	for part := range slices.Chunk(detections(0, n), 40) {
		msgs, err := m.build(context.Background(), part, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for _, msg := range msgs {
			if err := nc.PublishMsg(msg); err != nil {
				t.Fatal(err)
			}
		}
		_ = nc.FlushTimeout(time.Second) // lets the cuts come, takes no notice
	}
	for nc.Flush() != nil {
	}
	if missing(sub.Received(), n) == 0 {
		t.Error("nothing is lost without confirmation: the test proves nothing")
	}
}

func TestAnOutageThatOutlastsTheTimeoutIsCounted(t *testing.T) {
	url := embeddedServer(t)
	sub := natstest.Subscribe(t, url, "ganglion.left.*")
	p := startProxy(t, url, 0)
	c := config(p.url())
	c.Deadline = 300 * time.Millisecond
	s := open(t, c)
	write(t, s, detections(0, 10))
	p.shut(true)
	var partial *pipeline.PartialWriteError
	err := s.Write(context.Background(), detections(10, 20))
	if !errors.As(err, &partial) || partial.Written != 0 || !strings.Contains(err.Error(), "not confirmed within 300ms") {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), "@") || !strings.Contains(err.Error(), p.url()) {
		t.Errorf("the error does not tell the server: %v", err)
	}
	p.shut(false)
	s.cfg.Deadline = time.Minute
	write(t, s, detections(30, 10))
	if lost := missing(sub.Received(), 40); lost != 20 {
		t.Errorf("%d detections are missing, 20 were reported", lost)
	}
}

func TestAWriteEndsWithItsContext(t *testing.T) {
	url := embeddedServer(t)
	p := startProxy(t, url, 0)
	s := open(t, config(p.url()))
	p.shut(true)
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("told to stop"))
	if err := s.Write(ctx, detections(0, 1)); err == nil || !strings.Contains(err.Error(), "told to stop") {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatIsKilledAndComesBackLosesNothing(t *testing.T) {
	server := natstest.StartServer(t)
	sub := natstest.Subscribe(t, server.URL, "ganglion.left.*")
	p := startProxy(t, server.URL, 0)
	s := open(t, config(p.url()))
	const n = 300
	written := make(chan int, n)
	done := make(chan error, 1)
	go func() {
		defer close(written)
		for i, d := range detections(0, n) {
			if err := s.Write(context.Background(), []pipeline.Detection{d}); err != nil {
				done <- err
				return
			}
			written <- i
		}
		done <- nil
	}()
	for i := range written {
		if i == n/3 || i == 2*n/3 {
			p.shut(true)                  // the sink is ahead of i, and would have more confirmed meanwhile
			before := len(sub.Received()) // of what is confirmed nothing is left in the server
			if before <= i {
				t.Errorf("%d detections arrived, %d are confirmed", before, i+1)
			}
			server.Restart()
			sub.Received() // it is back, before the sink is
			p.shut(false)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if lost := missing(sub.Received(), n); lost > 0 {
		t.Errorf("%d of %d detections are lost", lost, n)
	}
}

// What does not fit beside others is left for the next round, and what fits into no
// room at all is sent alone: it would wait for ever otherwise.
func TestAMessageIsNeverTooLargeToBeTheFirst(t *testing.T) {
	t.Parallel()
	subjects, err := newSubjects(NewDefaultConfig().Subject, "s")
	if err != nil {
		t.Fatal(err)
	}
	m := newMessages(subjects, 4)
	ds := []pipeline.Detection{{Kind: pipeline.Keyword}, {Kind: pipeline.Keyword}, {Kind: pipeline.Keyword}}
	one, err := m.build(t.Context(), ds[:1], 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(one[0].Size())
	for room, want := range map[int64]int{0: 1, size - 1: 1, size: 1, 2*size - 1: 1, 2 * size: 2, 3 * size: 3, 9 * size: 3} {
		if msgs, err := m.build(t.Context(), ds, room); err != nil || len(msgs) != want {
			t.Errorf("%d messages in %d bytes, want %d: %v", len(msgs), room, want, err)
		}
	}
}
