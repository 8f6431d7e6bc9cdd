package natstest

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

// RunServer runs a server in this process, with options of the test, on a free
// loopback port.
func RunServer(t testing.TB, o *server.Options) (url string) {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s.ClientURL()
}
