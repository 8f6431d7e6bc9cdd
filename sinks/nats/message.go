package nats

import (
	"context"
	"strconv"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/propagation"

	"ganglion/pipeline"
)

// Headers of a message. The W3C trace context (traceparent, tracestate) comes
// with them when the write belongs to a span.
const (
	// MsgIDHeader identifies a detection for good, as
	// <stream>/<run>/<seq>. JetStream stores only the first message of
	// an identity within its duplicate window.
	MsgIDHeader = nats.MsgIdHdr
	// schemaHeader is the [pipeline.SchemaVersion] of the payload.
	schemaHeader = "Ganglion-Schema-Version"
	// streamHeader is the name of the stream, which is the pipeline's.
	streamHeader = "Ganglion-Stream"
	// kindHeader is the [pipeline.Kind].
	kindHeader = "Ganglion-Kind"
	// runHeader is the run of the detection, see [pipeline.Detection].Run.
	runHeader = "Ganglion-Run"
	// timeHeader is the detection's Unix time, µs; absent where nobody knows.
	timeHeader = "Ganglion-Time-Unix-Us"
)

var traceKeys = propagation.TraceContext{}.Fields()

// messages builds messages in memory that is used again and again.
type messages struct {
	subjects *subjects
	pool     []*nats.Msg
	id       []byte
	trace    propagation.MapCarrier
}

func newMessages(s *subjects, n int) *messages {
	m := &messages{subjects: s, pool: make([]*nats.Msg, n), trace: propagation.MapCarrier{}}
	m.renew()
	return m
}

// renew leaves the messages that were built to whoever may still hold them:
// after a failure the client may try to send them once more by itself.
func (m *messages) renew() {
	for i := range m.pool {
		m.pool[i] = &nats.Msg{Header: nats.Header{
			MsgIDHeader: {""}, schemaHeader: {""}, streamHeader: {""}, kindHeader: {""}, runHeader: {""},
		}}
	}
}

// build returns one message per detection, at most as many as the pool has and
// as fit into so many bytes, but one. They are valid until the next build.
func (m *messages) build(ctx context.Context, d []pipeline.Detection, room int64) ([]*nats.Msg, error) {
	clear(m.trace)
	propagation.TraceContext{}.Inject(ctx, m.trace)
	for i := range d {
		subject, err := m.subjects.of(d[i].Kind)
		if err != nil {
			return m.pool[:i], err
		}
		m.fill(m.pool[i], &d[i])
		m.pool[i].Subject = subject
		if room -= int64(m.pool[i].Size()); room < 0 && i > 0 {
			return m.pool[:i], nil
		}
	}
	return m.pool[:len(d)], nil
}

func (m *messages) fill(msg *nats.Msg, d *pipeline.Detection) {
	m.id = append(m.id[:0], d.Stream...)
	m.id = append(append(append(m.id, '/'), d.Run...), '/')
	m.id = strconv.AppendUint(m.id, d.Seq, 10)
	msg.Header[MsgIDHeader][0] = string(m.id)
	msg.Header[schemaHeader][0] = strconv.Itoa(int(d.SchemaVersion))
	msg.Header[streamHeader][0] = d.Stream
	msg.Header[kindHeader][0] = string(d.Kind)
	msg.Header[runHeader][0] = d.Run
	if d.TimeUnixUS != pipeline.NoTime {
		msg.Header[timeHeader] = []string{strconv.FormatInt(d.TimeUnixUS, 10)}
	} else {
		delete(msg.Header, timeHeader)
	}
	for _, key := range traceKeys {
		if value := m.trace[key]; value != "" {
			msg.Header[key] = []string{value}
		} else {
			delete(msg.Header, key)
		}
	}
	msg.Data = d.AppendJSON(msg.Data[:0])
}
