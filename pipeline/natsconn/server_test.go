package natsconn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"go.uber.org/goleak"

	"ganglion/sinks/nats/natstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a server on the loopback address until the test ends.
func start(t *testing.T, o server.Options) *server.Server {
	t.Helper()
	o.Host, o.NoLog, o.NoSigs = "127.0.0.1", true, true
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	return s
}

func to(url string, a Access) Server {
	return Server{URL: url, Name: "left", Access: a, Timeout: 5 * time.Second, Log: slog.New(slog.DiscardHandler)}
}

// speaks sends a message through a connection and back.
func speaks(t *testing.T, nc *nats.Conn) {
	t.Helper()
	sub, err := nc.SubscribeSync("a")
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Publish("a", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if m, err := sub.NextMsg(5 * time.Second); err != nil || string(m.Data) != "hello" {
		t.Errorf("%v, %v", m, err)
	}
}

func TestOnlyWhoMayConnects(t *testing.T) {
	t.Parallel()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := key.Seed()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "seed")
	if err := os.WriteFile(file, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := (Access{NKey: file}).PublicKey(); err != nil || got != public {
		t.Errorf("the public key of a seed is %q, %v", got, err)
	}
	if got, err := (Access{}).PublicKey(); err != nil || got != "" {
		t.Errorf("without a key the public one is %q, %v", got, err)
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("SU no seed\n\x00\xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file + "x", other} {
		if _, err := (Access{NKey: path}).PublicKey(); err == nil {
			t.Errorf("%s is taken for a seed", path)
		}
	}
	for name, c := range map[string]struct {
		options server.Options
		access  Access
		want    string // in the error; "" for none
	}{
		"nobody asks":    {server.Options{}, Access{}, ""},
		"user":           {server.Options{Username: "tom", Password: "geheim"}, Access{User: "tom", Password: "geheim"}, ""},
		"wrong password": {server.Options{Username: "tom", Password: "geheim"}, Access{User: "tom", Password: "falsch"}, "Authorization"},
		"token":          {server.Options{Authorization: "geheim"}, Access{Token: "geheim"}, ""},
		"no token":       {server.Options{Authorization: "geheim"}, Access{}, "Authorization"},
		"key":            {server.Options{Nkeys: []*server.NkeyUser{{Nkey: public}}}, Access{NKey: file}, ""},
		"no key file":    {server.Options{}, Access{NKey: file + "x"}, "nkey: "},
		"no credentials": {server.Options{}, Access{Credentials: file + "x"}, "credentials: "},
		"no CA":          {server.Options{}, Access{TLS: TLS{CA: file + "x"}}, "tls: "},
		"not a CA":       {server.Options{}, Access{TLS: TLS{CA: file}}, "holds no certificate"},
		"no certificate": {server.Options{}, Access{TLS: TLS{Cert: file, Key: file}}, "tls: "},
	} {
		t.Run(name, func(t *testing.T) {
			url := start(t, c.options).ClientURL()
			if name == "nobody asks" {
				nc, err := Loopback(url, "left", c.access, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				defer nc.Close()
				speaks(t, nc)
			}
			nc, err := Connect(t.Context(), to(url, c.access))
			if err == nil {
				defer nc.Close()
				speaks(t, nc)
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "falsch")) {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestSettingsThatExcludeEachOtherAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		access Access
		want   string
	}{
		{Access{}, ""},
		{Access{User: "a", Password: "b"}, ""},
		{Access{User: "a"}, ""},
		{Access{Password: "b"}, "a password without a user"},
		{Access{User: "a", Token: "b"}, "more than one"},
		{Access{Credentials: "a", NKey: "b"}, "more than one"},
		{Access{TLS: TLS{Cert: "a"}}, "both cert and key"},
		{Access{TLS: TLS{Key: "a"}}, "both cert and key"},
		{Access{TLS: TLS{Cert: "a", Key: "b"}}, ""},
	} {
		if err := c.access.Validate(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.access, err, c.want)
		}
	}
	if err := (Access{NKey: "/nowhere"}).Check(); err == nil || !strings.Contains(err.Error(), "nkey") {
		t.Errorf("a key that is missing: %v", err)
	}
	if err := (Access{}).Check(); err != nil {
		t.Error(err)
	}
}

func TestNoServerIsAnErrorWithItsCause(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	for name, c := range map[string]struct {
		address net.Addr
		timeout time.Duration
		end     time.Duration // of the context
		want    string
	}{
		"nobody listens":         {gone.Addr(), time.Minute, 0, "connection refused"},
		"nobody answers":         {silent.Addr(), 50 * time.Millisecond, 0, "i/o timeout"},
		"an end before anything": {silent.Addr(), time.Minute, time.Nanosecond, "told to stop"},
		"an end while it waits":  {silent.Addr(), time.Minute, 100 * time.Millisecond, "told to stop"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if c.end > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeoutCause(ctx, c.end, errors.New("told to stop"))
				defer cancel()
			}
			s := to("nats://tom:geheim@"+c.address.String(), Access{})
			s.Timeout = c.timeout
			nc, err := Connect(ctx, s)
			if err == nil {
				nc.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "connect to nats://127.0.0.1:") ||
				strings.Contains(err.Error(), "geheim") {
				t.Errorf("error %v, want %q and the address", err, c.want)
			}
		})
	}
	if _, err := Loopback("nats://"+gone.Addr().String(), "left", Access{}, slog.New(slog.DiscardHandler)); err == nil ||
		!strings.Contains(err.Error(), "embedded server") {
		t.Errorf("no server in the process: %v", err)
	}
}

// TestALostConnectionIsMadeAgain stops the server and starts it at the same
// place; the context of Connect has ended by then and does not matter.
func TestALostConnectionIsMadeAgain(t *testing.T) {
	t.Parallel()
	first := start(t, server.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	again := make(chan struct{}, 1)
	nc, err := Connect(ctx, to(first.ClientURL(), Access{}), nats.ReconnectHandler(func(*nats.Conn) { again <- struct{}{} }))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	cancel()
	probe := NewProbe(nc)
	defer probe.Close()
	if err := probe.Health(); err != nil {
		t.Errorf("the connection stands: %v", err)
	}
	port := first.Addr().(*net.TCPAddr).Port
	first.Shutdown()
	first.WaitForShutdown()
	for until := time.Now().Add(10 * time.Second); probe.Health() == nil && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	if err := probe.Health(); err == nil || !strings.Contains(err.Error(), "is not connected") {
		t.Errorf("the server is gone: %v", err)
	}
	start(t, server.Options{Port: port})
	select {
	case <-again:
	case <-time.After(20 * time.Second):
		t.Fatal("the connection is not made again")
	}
	speaks(t, nc)
	for until := time.Now().Add(10 * time.Second); probe.Health() != nil && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	if err := probe.Health(); err != nil {
		t.Errorf("the connection stands again: %v", err)
	}
}

func TestURLsAreReadAndRedacted(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"host": "nats://host", " host:4222 ": "nats://host:4222", "nats://tom:geheim@host": "nats://host", "tls://geheim@host:1": "tls://host:1",
		"ws://host": "ws://host", "wss://host": "wss://host", "http://host": "malformed URL", "nats://": "malformed URL",
		"nats://a:b:c@%zz": "malformed URL", "a,tom:geheim@b": "nats://a,nats://b",
	} {
		if got := Redacted(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string]string{"http://host": `scheme "http"`, "nats://": "no host", "nats://%zz": "not a URL"} {
		if _, err := ParseURL(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", s, err, want)
		}
	}
}

func TestTLSTrustsWhomItIsToldTo(t *testing.T) {
	t.Parallel()
	authority := natstest.NewAuthority(t)
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	served := authority.Issue(t, "server")
	pair, err := tls.X509KeyPair(served.CertPEM, served.KeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(authority.CertPEM)
	s := start(t, server.Options{TLSConfig: &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients,
	}})
	known, stranger := authority.Issue(t, "client"), natstest.NewAuthority(t).Issue(t, "stranger")
	ca := file("ca", authority.CertPEM)
	trusted := TLS{CA: ca, Cert: file("cert", known.CertPEM), Key: file("key", known.KeyPEM)}
	for name, c := range map[string]struct {
		tls TLS
		ok  bool
	}{
		"both know each other": {trusted, true},
		"no certificate":       {TLS{CA: ca}, false},
		"a stranger":           {TLS{CA: ca, Cert: file("other", stranger.CertPEM), Key: file("otherkey", stranger.KeyPEM)}, false},
		"an unknown server":    {TLS{Cert: trusted.Cert, Key: trusted.Key}, false},
	} {
		nc, err := Connect(t.Context(), to(strings.Replace(s.ClientURL(), "nats://", "tls://", 1), Access{TLS: c.tls}))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			speaks(t, nc)
			nc.Close()
		}
	}
}
