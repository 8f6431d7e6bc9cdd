package nats

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"ganglion/internal/sleep"
)

// publisher delivers messages. It returns how many the server has confirmed, and
// the indices of those that it will never take; it returns early only with an error.
type publisher interface {
	publish(ctx context.Context, msgs []*nats.Msg) (confirmed int, refused []int, err error)
	close()
}

// link is the connection with a way to wait until it stands.
type link struct {
	nc       *nats.Conn
	status   chan nats.Status
	refusals *refusals
}

func newLink(nc *nats.Conn, r *refusals) *link {
	return &link{nc: nc, refusals: r, status: nc.StatusChanged(nats.CONNECTED, nats.CLOSED)}
}

// wait returns once the connection stands, or why the context ended. The events
// only wake it up, so it does no harm that some are old.
func (l *link) wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for !l.nc.IsConnected() {
		if l.nc.IsClosed() {
			return nats.ErrConnectionClosed
		}
		select {
		case <-l.status:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// core publishes without JetStream. The server confirms by answering a PING
// that follows the messages on the same connection: it handles both in order.
type core struct {
	*link
	env coreEnv
}

// coreEnv is the connection as core sees it, so that the protocol is tested
// alone.
type coreEnv struct {
	wait       func(context.Context) error // until the connection stands
	publish    func(*nats.Msg) error
	flush      func(context.Context) error // sends a PING and waits for its PONG
	reconnects func() uint64
	begin      func()                  // forgets what was refused
	refused    func([]*nats.Msg) []int // those that the server refused since then, for lack of permission
}

func newCore(l *link) *core {
	return &core{l, coreEnv{
		wait: l.wait, publish: l.nc.PublishMsg, flush: l.flush,
		reconnects: func() uint64 { return l.nc.Stats().Reconnects },
		begin:      l.refusals.begin,
		refused: func(msgs []*nats.Msg) (which []int) {
			by := l.refusals.settled(l.nc)
			for i, m := range msgs {
				if by[m.Subject] > 0 {
					which = append(which, i)
				}
			}
			return which
		},
	}}
}

func (c *core) publish(ctx context.Context, msgs []*nats.Msg) (int, []int, error) {
	for {
		refused, err := c.attempt(ctx, msgs)
		switch {
		case err == nil:
			return len(msgs) - len(refused), refused, nil
		case !transient(err):
			for i := range msgs {
				refused = append(refused, i)
			}
			return 0, refused, err
		}
		if pauseErr := sleep.For(ctx, retryPause); pauseErr != nil {
			return 0, nil, errors.Join(pauseErr, err)
		}
	}
}

var errReconnected = errors.New("connection was replaced before the server confirmed")

// attempt publishes all messages, waits for the PONG and returns which were
// refused. A connection that was replaced in between may have swallowed some,
// and its PONG proves nothing.
func (c *core) attempt(ctx context.Context, msgs []*nats.Msg) (refused []int, err error) {
	if err := c.env.wait(ctx); err != nil {
		return nil, err
	}
	c.env.begin()
	before := c.env.reconnects()
	for _, m := range msgs {
		if err := c.env.publish(m); err != nil {
			return nil, err
		}
	}
	if err := c.env.flush(ctx); err != nil {
		return nil, err
	}
	if c.env.reconnects() != before {
		return nil, errReconnected
	}
	return c.env.refused(msgs), nil
}

// flushPause is how long one PING may take before the next follows it.
const flushPause = 30 * time.Second

// flush returns once the server has taken everything that was published, however
// slow the way there is.
func (l *link) flush(ctx context.Context) error {
	before := l.nc.Stats().Reconnects
	for {
		once, cancel := context.WithTimeout(ctx, flushPause)
		err := l.nc.FlushWithContext(once)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case l.nc.Stats().Reconnects != before:
			return errReconnected
		case !errors.Is(err, context.DeadlineExceeded):
			return err
		}
	}
}

func (c *core) close() { c.nc.RemoveStatusListener(c.status) }

// transient reports whether the same messages may pass at another try.
func transient(err error) bool {
	for _, final := range []error{
		nats.ErrMaxPayload, nats.ErrBadSubject, nats.ErrPermissionViolation, nats.ErrHeadersNotSupported, nats.ErrBadHeaderMsg,
	} {
		if errors.Is(err, final) {
			return false
		}
	}
	return true
}

// retryPause is the time between two tries of the same messages.
const retryPause = 20 * time.Millisecond
