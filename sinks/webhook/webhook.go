// Package webhook is the sink that posts detections to an HTTP server: JSON lines, one
// record of [pipeline.Detection.AppendJSON] a line, one request a batch.
//
// A request is repeated until the server takes it, refuses it, or the deadline is
// over; its Idempotency-Key, STREAM/RUN/FIRST-LAST by the numbers of the detections,
// tells a server that has seen it already. What a server refuses (a status of 300 to
// 499, but for 408 and 429) is dropped at once and counted.
package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"ganglion/internal/redact"
	"ganglion/internal/sleep"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// config is the sink's configuration.
type config struct {
	URL      string           `key:"url" doc:"Where detections are posted, http or https; {name} is the pipeline's name." required:"true" example:"https://example.org/detections"`
	Kinds    []string         `key:"kinds" doc:"Kinds of detection that are posted; all by default." example:"[line_cross, alarm_start]"`
	Token    component.Secret `key:"token" doc:"Bearer token of the requests." example:"${env:HOOK_TOKEN}"`
	Timeout  time.Duration    `key:"timeout" doc:"How long one request may take." min:"1ms"`
	Deadline time.Duration    `key:"deadline" doc:"How long a batch is tried before it is dropped." min:"1ms"`
}

func newDefaultConfig() config {
	return config{Timeout: 5 * time.Second, Deadline: 30 * time.Second}
}

// Validate refuses what is not the address of a server.
func (c config) Validate() error {
	u, err := url.Parse(strings.ReplaceAll(c.URL, "{name}", "name"))
	if err != nil {
		return fmt.Errorf("url: %s is not a URL", redact.Text(c.URL))
	}
	if c.URL != "" && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return fmt.Errorf("url: %s: want http://HOST/PATH or https://HOST/PATH", redact.Text(c.URL))
	}
	return nil
}

// Component declares the sink.
func Component() component.Spec {
	return component.Sink("webhook", "detections as JSON lines, posted to an HTTP server", newDefaultConfig(),
		func(c config, env component.Env) (pipeline.Sink, error) { return newSink(c, env), nil })
}

type sink struct {
	cfg    config
	url    string
	client *http.Client
	token  string
	body   []byte
	posted []int // indices of the detections in the body

	mu     sync.Mutex
	health error // under mu
}

func newSink(c config, env component.Env) *sink {
	return &sink{cfg: c, url: strings.ReplaceAll(c.URL, "{name}", env.Name)}
}

func (s *sink) Open(context.Context, pipeline.StreamMeta) error {
	token, err := component.ReadSecret(string(s.cfg.Token), "")
	if err != nil {
		return err
	}
	s.token = string(token)
	// An answer that points elsewhere is a refusal: detections go where the
	// configuration says and nowhere else.
	s.client = &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConns: 1, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return nil
}

func (s *sink) Write(ctx context.Context, ds []pipeline.Detection) error {
	s.body, s.posted = s.body[:0], s.posted[:0]
	for i := range ds {
		if len(s.cfg.Kinds) == 0 || slices.Contains(s.cfg.Kinds, string(ds[i].Kind)) {
			s.posted = append(s.posted, i)
			s.body = append(ds[i].AppendJSON(s.body), '\n')
		}
	}
	if len(s.posted) == 0 {
		return nil
	}
	first, last := &ds[s.posted[0]], &ds[s.posted[len(s.posted)-1]]
	err := s.deliver(ctx, fmt.Sprintf("%s/%s/%d-%d", first.Stream, first.Run, first.Seq, last.Seq))
	s.mu.Lock()
	s.health = err
	s.mu.Unlock()
	if errors.Is(err, errRefused) {
		return &pipeline.PartialWriteError{Written: len(ds) - len(s.posted), Refused: slices.Clone(s.posted), Err: err}
	}
	return err
}

// errRefused tells of a request that the server will never take.
var errRefused = errors.New("refuses")

// The wait before another try doubles from the first to the longest.
const (
	firstWait   = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

// deliver posts the body until it is taken, refused, or too late.
func (s *sink) deliver(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Deadline)
	defer cancel()
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		again, err := s.post(ctx, key)
		if err == nil || !again {
			return err
		}
		if sleep.For(ctx, wait) != nil {
			return err
		}
	}
}

// mostAnswer is how much of an answer is read, so that its connection serves again.
const mostAnswer = 64 << 10

// post sends one request; again reports whether another may fare better.
func (s *sink) post(ctx context.Context, key string) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(s.body))
	if err != nil {
		return false, errors.New(redact.Text(err.Error()))
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	r.Header.Set("Idempotency-Key", key)
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return true, errors.New(redact.Text(err.Error()))
	}
	_, _ = io.CopyN(io.Discard, answer.Body, mostAnswer) // what it says does not matter
	if err := answer.Body.Close(); err != nil {
		return true, err
	}
	switch code := answer.StatusCode; {
	case code < 300:
		return false, nil
	case code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooManyRequests:
		return false, fmt.Errorf("%s %w: %s", redact.Text(s.url), errRefused, answer.Status)
	}
	return true, fmt.Errorf("%s: %s", redact.Text(s.url), answer.Status)
}

// Health implements [pipeline.Healthy].
func (s *sink) Health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.health
}

func (s *sink) Close(context.Context) error {
	if s.client != nil {
		s.client.CloseIdleConnections()
	}
	return nil
}

var (
	_ pipeline.Sink    = (*sink)(nil)
	_ pipeline.Healthy = (*sink)(nil)
)
