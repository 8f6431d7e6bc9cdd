package nats

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// pingInterval bounds how long a connection may be dead without a sign: three
// of them.
const pingInterval = 5 * time.Second

// connect opens the connection to an external server. Once open it reconnects
// for ever, with growing pauses; nothing is buffered by the client across a
// cut, because a write holds what it has not seen confirmed.
func connect(ctx context.Context, c Config, name string, log *slog.Logger) (*nats.Conn, error) {
	options, err := c.secure()
	if err != nil {
		return nil, err
	}
	d := &dialer{ctx: ctx, timeout: c.ConnectTimeout}
	options = append(options, nats.Timeout(c.ConnectTimeout), nats.SetCustomDialer(d), nats.SkipHostLookup())
	nc, err := nats.Connect(c.URL, append(options, common(name, log)...)...)
	d.opened()
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		} else if errors.Is(err, nats.ErrNoServers) && d.failure != nil {
			err = d.failure // the client keeps why to itself
		}
		return nil, fmt.Errorf("connect to %s: %w", redacted(c.URL), err)
	}
	return nc, nil
}

// common are the options of every connection.
func common(name string, log *slog.Logger) []nats.Option {
	return []nats.Option{
		nats.Name("ganglion " + name),
		nats.MaxReconnects(-1), nats.CustomReconnectDelay(backoff), nats.IgnoreAuthErrorAbort(), nats.ReconnectBufSize(-1),
		nats.PingInterval(pingInterval),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("nats: connection lost, reconnecting", "error", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("nats: reconnected", "url", nc.ConnectedUrlRedacted()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("nats: server reports", "error", err) }),
	}
}

// backoff is the pause before round n of tries, all servers being tried in one
// round: 50 ms doubling to 5 s, less up to half so that many clients spread.
func backoff(n int) time.Duration {
	pause := 50 * time.Millisecond << min(n-1, 7)
	pause = min(pause, 5*time.Second)
	return pause - rand.N(pause/2)
}

// secure are the options for authentication and TLS.
func (c Config) secure() ([]nats.Option, error) {
	var options []nats.Option
	switch {
	case c.Credentials != "":
		if _, err := os.Stat(c.Credentials); err != nil {
			return nil, fmt.Errorf("credentials: %w", err)
		}
		options = append(options, nats.UserCredentials(c.Credentials))
	case c.NKey != "":
		o, err := nats.NkeyOptionFromSeed(c.NKey)
		if err != nil {
			return nil, fmt.Errorf("nkey: %w", err)
		}
		options = append(options, o)
	case c.User != "":
		options = append(options, nats.UserInfo(c.User, string(c.Password)))
	case c.Token != "":
		options = append(options, nats.Token(string(c.Token)))
	}
	if c.TLS == (TLS{}) {
		return options, nil
	}
	t, err := c.TLS.config()
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	return append(options, nats.Secure(t)), nil
}

func (t TLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", t.CA)
		}
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// dialer looks names up itself and ties the first connection to a context: when that ends, so does the
// wait for a silent server. Later connections know only the timeout.
type dialer struct {
	timeout time.Duration

	// Guarded by mu.
	mu      sync.Mutex
	ctx     context.Context // of Open; nil once open
	stop    func() bool     // ends the watch over the connection that Open made
	failure error           // of the last Dial for Open
}

// Dial implements [nats.CustomDialer].
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := net.Dialer{Timeout: d.timeout}
	if d.ctx == nil {
		return n.Dial(network, address)
	}
	conn, err := n.DialContext(d.ctx, network, address)
	if d.failure = err; err != nil {
		return nil, err
	}
	d.unwatch()
	d.stop = context.AfterFunc(d.ctx, func() { conn.Close() })
	return conn, nil
}

// opened ends the hold of Open's context.
func (d *dialer) opened() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unwatch()
	d.ctx = nil
}

func (d *dialer) unwatch() {
	if d.stop != nil {
		d.stop()
	}
}

// loopback is a connection of this process to a server within it.
func loopback(url, name string, log *slog.Logger) (*nats.Conn, error) {
	nc, err := nats.Connect(url, common(name, log)...)
	if err != nil {
		return nil, fmt.Errorf("connect to the embedded server at %s: %w", strings.TrimSpace(url), err)
	}
	return nc, nil
}
