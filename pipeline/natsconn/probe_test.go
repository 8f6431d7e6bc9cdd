package natsconn

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// silent passes bytes on to a server until it is told to swallow them, which
// leaves the connection as it is.
func silent(t *testing.T, to string) (address string, swallow chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	swallow = make(chan struct{})
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		client, err := l.Accept()
		if err != nil {
			return
		}
		defer client.Close()
		there, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		all.Go(func() { defer client.Close(); _, _ = io.Copy(client, there) })
		defer there.Close()
		for b := make([]byte, 4096); ; {
			n, err := client.Read(b)
			if err != nil {
				return
			}
			select {
			case <-swallow:
				continue
			default:
			}
			if _, err := there.Write(b[:n]); err != nil {
				return
			}
		}
	})
	return l.Addr().String(), swallow
}

func TestASilentServerIsKnownWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	if probeEvery+probeWait >= 2*time.Second {
		t.Errorf("it takes %v until a dead link is known", probeEvery+probeWait)
	}
	address, swallow := silent(t, start(t, server.Options{}).Addr().String())
	nc, err := Connect(t.Context(), to("nats://"+address, Access{}))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	probe := NewProbe(nc)
	defer probe.Close()
	if err := probe.Health(); err != nil {
		t.Errorf("the server answers: %v", err)
	}
	close(swallow)
	for until := time.Now().Add(4 * time.Second); probe.Health() == nil && time.Now().Before(until); { // 15 s until the client gives up
		time.Sleep(time.Millisecond)
	}
	if err := probe.Health(); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("the server is silent, health is %v", err)
	}
}
