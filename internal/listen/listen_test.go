package listen_test

import (
	"net"
	"testing"

	"ganglion/internal/listen"
)

func TestAnAddressWithoutAHostIsLoopback(t *testing.T) {
	t.Parallel()
	for configured, want := range map[string]string{
		":4222": "127.0.0.1:4222", "0.0.0.0:4222": "0.0.0.0:4222", "[::]:1": "[::]:1", "localhost:0": "localhost:0",
		"10.0.0.7:65535": "10.0.0.7:65535", "[::1]:1": "[::1]:1", "": "", "4222": "", "127.0.0.1": "", "127.0.0.1:": "",
		"127.0.0.1:nats": "", "127.0.0.1:65536": "", "::1:4222": "", "127.0.0.1:-1": "",
	} {
		got, err := listen.Address(configured)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q and %v, want %q", configured, got, err, want)
		}
	}
}

func TestWhatOtherMachinesReachIsBeyond(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"127.0.0.1:1": false, "127.8.0.1:1": false, "[::1]:1": false, "localhost:1": false, ":1": false, "[::ffff:127.0.0.1]:1": false,
		"0.0.0.0:1": true, "[::]:1": true, "10.0.0.7:1": true, "[fe80::1%eth0]:1": true, "camera:1": true, "localhost.example:1": true,
	} {
		if got := listen.Beyond(address); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}

// TestGoBindsEveryInterfaceWithoutAHost is why [listen.Address] exists.
func TestGoBindsEveryInterfaceWithoutAHost(t *testing.T) {
	t.Parallel()
	for configured, beyond := range map[string]bool{":0": false, "0.0.0.0:0": true} {
		address, err := listen.Address(configured)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.ListenPacket("udp", address)
		if err != nil {
			t.Fatal(err)
		}
		if got := listen.Beyond(conn.LocalAddr().String()); got != beyond {
			t.Errorf("%s is bound at %s", configured, conn.LocalAddr())
		}
		conn.Close()
	}
}
