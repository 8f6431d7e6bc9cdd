package embedded

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"ganglion/internal/outfile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func options(listen string) Options {
	return Options{Listen: listen, Log: slog.New(slog.DiscardHandler)}
}

func acquire(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Acquire(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func release(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Release(context.Background()); err != nil {
		t.Error(err)
	}
}

func accepts(s *Server) bool {
	nc, err := nats.Connect(s.URL())
	if err == nil {
		nc.Close()
	}
	return err == nil
}

func TestUsersOfOneAddressShareOneServerUntilTheLastLeaves(t *testing.T) {
	a := acquire(t, options("127.0.0.1:0"))
	b := acquire(t, options("127.0.0.1:0"))
	other := acquire(t, options("localhost:0"))
	if a != b || a.URL() != b.URL() {
		t.Error("one address has two servers")
	}
	if a == other || a.URL() == other.URL() {
		t.Error("two addresses share a server")
	}
	release(t, other)
	release(t, a)
	if !accepts(b) {
		t.Error("the server left with its first user")
	}
	release(t, b)
	if accepts(b) {
		t.Error("the server outlived its last user")
	}
	again := acquire(t, options("127.0.0.1:0"))
	if !accepts(again) {
		t.Error("the server cannot be started again")
	}
	release(t, again)
}

func TestJetStreamRunsForThoseWhoAskAndLeavesNoTemporaryFolder(t *testing.T) {
	a := acquire(t, options("127.0.0.1:0"))
	if a.srv.(running).srv.JetStreamEnabled() {
		t.Error("JetStream runs for nobody")
	}
	o := options("127.0.0.1:0")
	o.JetStream = true
	b, c := acquire(t, o), acquire(t, o)
	if !a.srv.(running).srv.JetStreamEnabled() {
		t.Error("JetStream does not run")
	}
	temp := b.temporary.Dir
	if _, err := os.Stat(temp); err != nil {
		t.Error(err)
	}
	o.StoreDir = t.TempDir()
	if _, err := Acquire(o); err == nil || !strings.Contains(err.Error(), "already stores in") {
		t.Errorf("a second folder: got %v", err)
	}
	for _, s := range []*Server{a, b, c} {
		release(t, s)
	}
	if _, err := os.Stat(temp); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is left: %v", err)
	}
}

func TestAnAddressThatCannotBeHadIsAnError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for listen, want := range map[string]string{
		l.Addr().String(): "address already in use",
		"127.0.0.1":       "missing port",
		"127.0.0.1:nats":  "is not a number",
	} {
		if s, err := Acquire(options(listen)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), listen) {
			t.Errorf("%s: got server %v, error %v, want %q", listen, s, err, want)
		}
	}
}

func TestTheLastReleaseWaitsForASlowSubscriber(t *testing.T) {
	s := acquire(t, options("127.0.0.1:0"))
	sub, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if _, err := io.WriteString(sub, "CONNECT {\"verbose\":false}\r\nSUB x 1\r\nPING\r\n"); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(sub)
	for line := ""; line != "PONG\r\n"; {
		if line, err = in.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, s, 12, make([]byte, 1<<20)) // more than the socket takes unread
	if !s.srv.pending() {
		t.Fatal("nothing waits for the subscriber")
	}
	received := make(chan int64)
	go func() {
		n, _ := io.Copy(io.Discard, in)
		received <- n
	}()
	release(t, s)
	if got := <-received; got < 12<<20 {
		t.Errorf("%d bytes arrived, want more than %d", got, 12<<20)
	}
}

func TestTheLastReleaseGivesASubscriberUpWithItsContext(t *testing.T) {
	s := acquire(t, options("127.0.0.1:0"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Release(ctx); err != nil {
		t.Error(err)
	}
}

func publish(t *testing.T, s *Server, n int, payload []byte) {
	t.Helper()
	nc, err := nats.Connect(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for range n {
		if err := nc.Publish("x", payload); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFolderBelongsToOneServer(t *testing.T) {
	dir := t.TempDir()
	h, err := outfile.NewHold(filepath.Join(dir, "ganglion.lock")) // as another process does
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Listen: "127.0.0.1:0", JetStream: true, StoreDir: dir, Log: slog.New(slog.DiscardHandler)}
	if s, err := Acquire(o); err == nil || !strings.Contains(err.Error(), "is held by") {
		t.Errorf("a second server runs on %s: %v", s.URL(), err)
	}
	if err := h.Release(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the folder is free again after each
		s, err := Acquire(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Release(context.Background()); err != nil {
			t.Error(err)
		}
	}
}
