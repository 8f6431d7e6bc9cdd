package systemd

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// manager is the socket of a service manager.
func manager(t *testing.T, watchdog string) (*net.UnixConn, func(string) string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	env := map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": watchdog, "WATCHDOG_PID": "42"}
	return c, func(key string) string { return env[key] }
}

// next is the next message, or nothing after a while.
func next(t *testing.T, c *net.UnixConn, wait time.Duration) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 256)
	n, err := c.Read(b)
	if err != nil {
		return ""
	}
	return string(b[:n])
}

func TestTheManagerHearsHowTheProcessDoes(t *testing.T) {
	t.Parallel()
	c, env := manager(t, "200000")
	n, err := Open(env, 42)
	if err != nil || n.Watchdog != 200*time.Millisecond {
		t.Fatalf("%+v: %v", n, err)
	}
	defer n.Close()
	ctx, stop := context.WithCancel(t.Context())
	hang, released := make(chan struct{}), make(chan struct{})
	looks := 0
	var g errgroup.Group
	g.Go(func() error {
		return n.Serve(ctx, nil, func() bool {
			if looks++; looks == 12 {
				close(hang)
				<-released
			}
			return looks > 3
		})
	})
	var heard []string
	for len(heard) < 5 {
		heard = append(heard, next(t, c, 5*time.Second))
	}
	if heard[0] != saysAlive {
		t.Errorf("a process that is not ready yet said %q first", heard)
	}
	ready := 0
	for _, m := range heard {
		if m == saysReady {
			ready++
		}
	}
	if ready != 1 {
		t.Errorf("heard %q, want %s once", heard, saysReady)
	}
	<-hang
	for next(t, c, 50*time.Millisecond) != "" { // what was on its way
	}
	if m := next(t, c, 400*time.Millisecond); m != "" {
		t.Errorf("a process that hangs says %q", m)
	}
	close(released)
	stop()
	for m := ""; m != saysStopping; {
		if m = next(t, c, 5*time.Second); m == "" {
			t.Fatal("it ended without " + saysStopping)
		}
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

func TestAWatchdogOfAnotherProcessIsNotServed(t *testing.T) {
	t.Parallel()
	_, env := manager(t, "200000")
	n, err := Open(env, 43)
	if err != nil || n.Watchdog != 0 {
		t.Errorf("%+v: %v", n, err)
	}
	n.Close()
	n, err = Open(func(string) string { return "" }, 1)
	if n != nil || err != nil || n.send(saysReady) != nil || n.Serve(t.Context(), nil, nil) != nil || n.Close() != nil {
		t.Errorf("without a manager: %+v: %v", n, err)
	}
	if _, err := Open(func(string) string { return "/nowhere/notify" }, 1); err == nil {
		t.Error("a socket that is not there is no error")
	}
}
