package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"ganglion/internal/redact"
	"ganglion/internal/sleep"
)

// client posts the messages of one signal.
type client struct {
	url      string
	settings settings
	http     *http.Client
}

// newClient makes a client that posts to url. Signal is METRICS or TRACES.
func newClient(url, signal string) (*client, error) {
	s, err := readSettings(signal)
	if err != nil {
		return nil, err
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = s.tls
	return &client{url, s, &http.Client{Transport: t}}, nil
}

// The wait before another try doubles from the first to the longest, unless the
// collector names one.
const (
	firstWait   = 500 * time.Millisecond
	longestWait = 5 * time.Second
)

// export posts a message until it is taken, refused, or the time is over.
func (c *client) export(ctx context.Context, m proto.Message) error {
	ctx, cancel := context.WithTimeout(ctx, c.settings.timeout)
	defer cancel()
	body, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	if c.settings.gzip {
		if body, err = compress(body); err != nil {
			return err
		}
	}
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		again, after, err := c.post(ctx, body)
		if err == nil || !again {
			return err
		}
		if sleep.For(ctx, max(wait, after)) != nil {
			return err
		}
	}
}

func compress(body []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(body)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// mostAnswer is how much of an answer is read.
const mostAnswer = 64 << 10

// post sends one request; again reports whether another may fare better, and after
// what time the collector wants it.
func (c *client) post(ctx context.Context, body []byte) (again bool, after time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return false, 0, errors.New(redact.Text(err.Error()))
	}
	r.Header = c.settings.headers.Clone()
	r.Header.Set("Content-Type", "application/x-protobuf")
	if c.settings.gzip {
		r.Header.Set("Content-Encoding", "gzip")
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return true, 0, errors.New(redact.Text(err.Error()))
	}
	said, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return true, 0, err
	}
	if answer.StatusCode/100 == 2 {
		if strings.HasPrefix(answer.Header.Get("Content-Type"), "application/x-protobuf") {
			err = rejected(said)
		}
		return false, 0, err
	}
	err = fmt.Errorf("%s: %s: %s", redact.Text(c.url), answer.Status, strings.TrimSpace(string(said)))
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After")) // a date, or nothing: our own wait
		return true, time.Duration(max(seconds, 0)) * time.Second, err
	}
	return false, 0, err
}

// rejected is the error that an answer's partial_success states: field 1, with the
// count of what was not taken (1) and why (2).
func rejected(answer []byte) error {
	partial, _ := field(answer, 1)
	_, count := field(partial, 1)
	why, _ := field(partial, 2)
	if count == 0 && len(why) == 0 {
		return nil
	}
	return fmt.Errorf("the collector rejected %d: %s", count, why)
}

// field is the last field of that number: its bytes or its value. What is no
// message has none.
func field(m []byte, number protowire.Number) (data []byte, value uint64) {
	for len(m) > 0 {
		num, typ, n := protowire.ConsumeTag(m)
		if n < 0 {
			return nil, 0
		}
		m = m[n:]
		size := protowire.ConsumeFieldValue(num, typ, m)
		if size < 0 {
			return nil, 0
		}
		switch {
		case num == number && typ == protowire.BytesType:
			data, _ = protowire.ConsumeBytes(m)
		case num == number && typ == protowire.VarintType:
			value, _ = protowire.ConsumeVarint(m)
		}
		m = m[size:]
	}
	return data, value
}

func (c *client) close() { c.http.CloseIdleConnections() }
