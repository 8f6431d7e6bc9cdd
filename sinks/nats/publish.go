package nats

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// publisher delivers messages and returns how many of the first ones the
// server has confirmed. It returns early only with an error.
type publisher interface {
	publish(ctx context.Context, msgs []*nats.Msg) (confirmed int, err error)
	close()
}

// link is the connection with a way to wait until it stands.
type link struct {
	nc     *nats.Conn
	status chan nats.Status
}

func newLink(nc *nats.Conn) *link {
	return &link{nc: nc, status: nc.StatusChanged(nats.CONNECTED, nats.CLOSED)}
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
	lastError  func() error
}

func newCore(l *link) *core {
	return &core{l, coreEnv{
		wait: l.wait, publish: l.nc.PublishMsg, flush: l.nc.FlushWithContext,
		reconnects: func() uint64 { return l.nc.Stats().Reconnects }, lastError: l.nc.LastError,
	}}
}

func (c *core) publish(ctx context.Context, msgs []*nats.Msg) (int, error) {
	for {
		err := c.attempt(ctx, msgs)
		switch {
		case err == nil:
			return len(msgs), nil
		case !transient(err):
			return 0, err
		}
		if pauseErr := pause(ctx, retryPause); pauseErr != nil {
			return 0, errors.Join(pauseErr, err)
		}
	}
}

var errReconnected = errors.New("connection was replaced before the server confirmed")

// attempt publishes all messages and waits for the PONG. A connection that was
// replaced in between may have swallowed some, and its PONG proves nothing.
func (c *core) attempt(ctx context.Context, msgs []*nats.Msg) error {
	if err := c.env.wait(ctx); err != nil {
		return err
	}
	before := c.env.reconnects()
	for _, m := range msgs {
		if err := c.env.publish(m); err != nil {
			return err
		}
	}
	if err := c.env.flush(ctx); err != nil {
		return err
	}
	if c.env.reconnects() != before {
		return errReconnected
	}
	// A refusal for lack of permission precedes the PONG.
	if err := c.env.lastError(); errors.Is(err, nats.ErrPermissionViolation) {
		return err
	}
	return nil
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

// pause waits, or returns why the context ended.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
