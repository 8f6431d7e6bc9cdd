package nats

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ganglion/pipeline"
	"ganglion/sinks/nats/natstest"
)

// thinLink stands between a sink and its server and lets so many bytes pass
// towards the server per second, as a radio link does.
func thinLink(t *testing.T, url string, rate int) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://"))
			if err != nil {
				in.Close()
				continue
			}
			mu.Lock()
			open = append(open, in, out)
			mu.Unlock()
			wg.Go(func() { _, _ = io.Copy(in, out); in.Close() })
			wg.Go(func() { trickle(out, in, rate); out.Close() })
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range open {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return "nats://" + l.Addr().String()
}

// trickle copies so many bytes per second, in twentieths of one.
func trickle(out io.Writer, in io.Reader, rate int) {
	tick := time.NewTicker(time.Second / 20)
	defer tick.Stop()
	b := make([]byte, rate/20)
	for range tick.C {
		n, err := in.Read(b)
		if err != nil {
			return
		}
		if _, err := out.Write(b[:n]); err != nil {
			return
		}
	}
}

// TestAThinLinkSlowsDownAndLosesNothing sends for several deadlines over a link
// that carries one write of the runner in many of them.
func TestAThinLinkSlowsDownAndLosesNothing(t *testing.T) {
	for name, stored := range map[string]bool{"core": false, "JetStream": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const n, rate = 120, 8 << 10
			server := natstest.StartServer(t, "-js", "-sd", t.TempDir())
			sub := natstest.Subscribe(t, server.URL, "ganglion.left.*")
			c := config(thinLink(t, server.URL, rate))
			c.Deadline = 4 * time.Second
			if stored {
				c.JetStream.Stream = "D"
			}
			s := open(t, c)
			began := time.Now()
			write(t, s, detections(0, n))
			if took := time.Since(began); took < c.Deadline {
				t.Errorf("the link was not slow: %v", took)
			}
			if lost := missing(sub.Received(), n); lost > 0 || len(sub.Received()) != n {
				t.Errorf("%d of %d detections are missing, %d messages came", lost, n, len(sub.Received()))
			}
			if s.Duplicates() > 0 || s.Link().Reconnects > 0 {
				t.Errorf("%d duplicates, %+v", s.Duplicates(), s.Link())
			}
			if stored {
				checkStored(t, server.URL, n)
			}
		})
	}
}

func checkStored(t *testing.T, url string, n uint64) {
	t.Helper()
	s := open(t, config(url))
	js, err := jetstream.New(s.nc)
	if err != nil {
		t.Fatal(err)
	}
	found, err := js.Stream(context.Background(), "D")
	if err != nil {
		t.Fatal(err)
	}
	if got := found.CachedInfo().State.Msgs; got != n {
		t.Errorf("the stream holds %d of %d", got, n)
	}
}

// TestWithoutThePaceAThinLinkLoses is the control: all at once passes its
// deadline on the same link.
func TestWithoutThePaceAThinLinkLoses(t *testing.T) {
	server := natstest.StartServer(t)
	c := config(thinLink(t, server.URL, 8<<10))
	c.Deadline = 4 * time.Second
	s := open(t, c)
	s.pace.room = int64(c.InFlightBytes)
	var partial *pipeline.PartialWriteError
	if err := s.Write(context.Background(), detections(0, 120)); !errors.As(err, &partial) || partial.Written == 120 {
		t.Errorf("nothing was lost: %v", err)
	}
}

func TestNeverDropOutlastsTheDeadline(t *testing.T) {
	server := natstest.StartServer(t)
	sub := natstest.Subscribe(t, server.URL, "ganglion.left.*")
	p := startProxy(t, server.URL, 0)
	c := config(p.url())
	c.Deadline, c.NeverDrop = 50*time.Millisecond, true
	s := open(t, c)
	write(t, s, detections(0, 10))
	p.shut(true)
	again := time.AfterFunc(500*time.Millisecond, func() { p.shut(false) })
	defer again.Stop()
	write(t, s, detections(10, 20))
	if lost := missing(sub.Received(), 30); lost > 0 {
		t.Errorf("%d detections are missing", lost)
	}
}
