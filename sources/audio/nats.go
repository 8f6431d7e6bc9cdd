package audio

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ganglion/pipeline/natsconn"
)

// subject is raw sound on NATS: the content of the messages on a subject, one
// after another. An empty message ends the stream. With ?stream=NAME in the
// address the messages are those that JetStream has kept, from the first on,
// and what follows them.
//
//	nats://[USER:PASSWORD@|TOKEN@]HOST:PORT/SUBJECT[?stream=NAME]
//	tls://...
//
// A lost connection is made again for ever. What a core subject carried
// meanwhile is gone and leaves no silence, since nobody knows how much it was;
// it counts as one reconnected. JetStream resumes where it was.
type subject struct {
	*feed
	conn *nats.Conn
	kept bool // in a stream, so that it can wait
	stop func()
}

const (
	natsScheme    = "nats://"
	natsTLSScheme = "tls://"
	natsTimeout   = 5 * time.Second
)

func isNATS(path string) bool {
	return strings.HasPrefix(path, natsScheme) || strings.HasPrefix(path, natsTLSScheme)
}

// natsAddress takes an address apart.
func natsAddress(path string) (server, subject, stream string, err error) {
	u, err := url.Parse(path)
	if err != nil {
		return "", "", "", fmt.Errorf("path: %w", err)
	}
	subject, stream = strings.Trim(u.Path, "/"), u.Query().Get("stream")
	if u.Host == "" || subject == "" || strings.ContainsAny(subject, "/ \t") {
		return "", "", "", fmt.Errorf("path: want nats://HOST:PORT/SUBJECT, not %s", u.Redacted())
	}
	u.Path, u.RawQuery = "", ""
	return u.String(), subject, stream, nil
}

func openSubject(c *Config, env surroundings) (*subject, error) {
	server, name, stream, err := natsAddress(c.Path)
	if err != nil {
		return nil, err
	}
	s := &subject{feed: newFeed(c, env)}
	s.conn, err = natsconn.Connect(env.ctx, natsconn.Server{URL: server, Name: "audio", Access: c.NATS, Timeout: natsTimeout, Log: env.log},
		nats.ReconnectHandler(func(*nats.Conn) { s.again() }))
	if err != nil {
		return nil, err
	}
	if stream == "" {
		err = s.subscribe(name)
	} else {
		err = s.consume(env.ctx, stream, name)
	}
	if err != nil {
		s.conn.Close()
		return nil, err
	}
	return s, nil
}

// take takes a message in. What JetStream keeps waits for its reader.
func (s *subject) take(data []byte) {
	switch {
	case len(data) == 0:
		s.end(io.EOF)
	case s.kept:
		s.put(data)
	default:
		_, _ = s.Write(data) // fails after the end alone
	}
}

func (s *subject) live() bool { return !s.kept }

func (s *subject) subscribe(name string) error {
	sub, err := s.conn.Subscribe(name, func(m *nats.Msg) { s.take(m.Data) })
	if err != nil {
		return err
	}
	s.stop = func() { _ = sub.Unsubscribe() } // the connection closes next
	return s.conn.FlushTimeout(natsTimeout)
}

// consume reads a kept stream in its order.
func (s *subject) consume(ctx context.Context, stream, name string) error {
	js, err := jetstream.New(s.conn)
	if err != nil {
		return err
	}
	consumer, err := js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{FilterSubjects: []string{name}})
	if err != nil {
		return fmt.Errorf("stream %s: %w", stream, err)
	}
	s.kept = true
	running, err := consumer.Consume(func(m jetstream.Msg) { s.take(m.Data()) })
	if err != nil {
		return fmt.Errorf("stream %s: %w", stream, err)
	}
	s.stop = func() {
		running.Stop()
		<-running.Closed()
	}
	return nil
}

// Close ends the subscription and the connection.
func (s *subject) Close() error {
	s.end(io.ErrClosedPipe)
	if s.stop != nil {
		s.stop()
	}
	s.conn.Close()
	return nil
}
