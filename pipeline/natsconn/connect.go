package natsconn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// pingInterval bounds how long a connection may be dead without a sign: three
// of them.
const pingInterval = 5 * time.Second

// Server is what to connect to.
type Server struct {
	URL     string // several separated by commas
	Name    string // the pipeline's, for the server's own listing
	Access  Access
	Timeout time.Duration // for each server to answer
	Log     *slog.Logger
}

// Connect opens a connection to an external server, with further options of
// the caller's. Once open it reconnects for ever, with growing pauses; nothing
// is buffered by the client across a cut. The context bounds Connect alone.
// Errors do not tell secrets.
func Connect(ctx context.Context, s Server, more ...nats.Option) (*nats.Conn, error) {
	options, err := s.Access.secure()
	if err != nil {
		return nil, err
	}
	d := &dialer{ctx: ctx, timeout: s.Timeout}
	options = append(options, nats.Timeout(s.Timeout), nats.SetCustomDialer(d), nats.SkipHostLookup())
	options = append(options, common(s.Name, s.Log)...)
	nc, err := nats.Connect(s.URL, append(options, more...)...)
	d.opened()
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		} else if errors.Is(err, nats.ErrNoServers) && d.failure != nil {
			err = d.failure // the client keeps why to itself
		}
		return nil, fmt.Errorf("connect to %s: %w", Redacted(s.URL), err)
	}
	return nc, nil
}

// common are the options of every connection.
func common(name string, log *slog.Logger) []nats.Option {
	reports := NewReports(log)
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
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { reports.Note(err) }),
	}
}

// backoff is the pause before round n of tries, all servers being tried in one
// round: 50 ms doubling to 5 s, less up to half so that many clients spread.
func backoff(n int) time.Duration {
	pause := 50 * time.Millisecond << min(n-1, 7)
	pause = min(pause, 5*time.Second)
	return pause - rand.N(pause/2)
}

// Loopback is a connection of this process to a server within it.
func Loopback(url, name string, a Access, log *slog.Logger) (*nats.Conn, error) {
	options, err := a.secure()
	if err != nil {
		return nil, err
	}
	nc, err := nats.Connect(url, append(options, common(name, log)...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to the embedded server at %s: %w", strings.TrimSpace(url), err)
	}
	return nc, nil
}
