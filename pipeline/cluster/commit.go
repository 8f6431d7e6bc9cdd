package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

// Limits of one atomic batch. The server takes 1000 messages.
const (
	batchMessages = 1000
	batchBytes    = 4 << 20
)

// errFenced means that another worker has committed the partition since this one
// took it.
var errFenced = errors.New("another worker has taken the partition")

// errUnknown means that nobody knows whether a commit was stored.
var errUnknown = errors.New("the outcome of a commit is unknown")

// refused is a commit that was answered: it is not stored, and the same one may
// pass later.
type refused struct{ code, text string }

func (e *refused) Error() string {
	return fmt.Sprintf("the commit was refused: %s (%s)", e.text, e.code)
}

// committer sends messages to the output stream as a whole: all are stored, and
// then in their order, or none is.
type committer struct {
	nc      *nats.Conn
	timeout time.Duration

	unfenced bool   // for the control of the failover test: nothing is expected of the sequence
	fenced   func() // for the test too: is told of every commit that was refused for it
}

// answer is what a stream answers to a publication.
type answer struct {
	Error *struct {
		Code        int    `json:"err_code"`
		Description string `json:"description"`
	} `json:"error"`
	Seq uint64 `json:"seq"`
}

// commit stores the messages if the subject of the one that is fenced is still at
// sequence expected, and returns the sequence that the last one got. Before it in
// the batch there must be none on the same subject. An error is errFenced, a
// [*refused] or wraps errUnknown.
func (c *committer) commit(ctx context.Context, messages []*nats.Msg, fence int, expected uint64) (uint64, error) {
	last := len(messages) - 1
	if !c.unfenced {
		messages[fence].Header.Set("Nats-Expected-Last-Subject-Sequence", strconv.FormatUint(expected, 10))
	}
	if last > 0 {
		id := nuid.Next()
		for i, m := range messages {
			m.Header.Set("Nats-Batch-Id", id)
			m.Header.Set("Nats-Batch-Sequence", strconv.Itoa(i+1))
			if i == last {
				m.Header.Set("Nats-Batch-Commit", "1")
				break
			}
			if err := c.nc.PublishMsg(m); err != nil {
				return 0, fmt.Errorf("%w: %w", errUnknown, err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	reply, err := c.nc.RequestMsgWithContext(ctx, messages[last])
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errUnknown, err)
	}
	var a answer
	if err := json.Unmarshal(reply.Data, &a); err != nil {
		return 0, fmt.Errorf("%w: answer %q: %w", errUnknown, reply.Data, err)
	}
	switch {
	case a.Error == nil:
		return a.Seq, nil
	case a.Error.Code == 10071:
		if c.fenced != nil {
			c.fenced()
		}
		return 0, errFenced
	}
	return 0, &refused{strconv.Itoa(a.Error.Code), a.Error.Description}
}

// message makes a message for a commit.
func message(subject string, data []byte) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Data = data
	return m
}

// age lets a message be dropped by the server after a while, 0 being never.
func age(m *nats.Msg, d time.Duration) *nats.Msg {
	if d > 0 {
		m.Header.Set("Nats-TTL", max(d, time.Second).Truncate(time.Second).String())
	}
	return m
}
