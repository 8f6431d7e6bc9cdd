package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry"
	"ganglion/sinks/nats/embedded"
)

// Options are the surroundings of a [Service].
type Options struct {
	Version    string // of the program
	DryRun     bool   // do everything but the sinks
	Hold       bool   // servers of this process, telemetry's among them, stay until Close
	Checkpoint *runner.Checkpoint
	Log        *slog.Logger

	// Identity is what decides a pipeline's detections, see [runner.Options].
	Identity func(*config.Pipeline) (checkpoint.Identity, error)
	// Extend changes the parts of a pipeline before it runs.
	Extend func(*config.Pipeline, *runner.Pipeline) error
	// Progress returns what is told how far the pipeline of an index has come.
	Progress func(pipeline int) func(runner.Progress)

	// Load reads the configurations again, for [Service.Reload], and refuses what
	// would not run. Check looks into one that is new or has changed, before the
	// old one is stopped.
	Load  func() ([]*config.Pipeline, error)
	Check func(context.Context, *config.Pipeline, runner.Pipeline) error
	// Watch are the files and folders to look at each second: what changes in them
	// is a reload.
	Watch []string
}

// ConfigError is an error of the configuration, as opposed to one of the run.
type ConfigError struct{ error }

// Unwrap returns the cause.
func (e ConfigError) Unwrap() error { return e.error }

// Service is the pipelines of one process, ready to run side by side.
type Service struct {
	o        Options
	requests chan struct{} // reloads that were asked for; capacity 1
	over     chan struct{} // a member has ended; capacity 1

	reloads, failures atomic.Int64

	mu        sync.Mutex // guards what follows
	members   []*member
	telemetry map[telemetry.Config]*telemetry.Telemetry // pipelines with equal settings share one
	ends      []ended                                   // every run that is over

	held []*embedded.Server // until Close
}

// ended is a run that is over.
type ended struct {
	pipeline *config.Pipeline
	summary  runner.Summary
}

// shutdownTime bounds how long telemetry may take to send what it has.
const shutdownTime = 2 * time.Second

// New builds the pipelines and starts their telemetry. Components are opened
// later, by [Service.Run].
func New(ctx context.Context, pipelines []*config.Pipeline, o Options) (*Service, error) {
	s := &Service{o: o, requests: make(chan struct{}, 1), over: make(chan struct{}, 1)}
	s.telemetry = map[telemetry.Config]*telemetry.Telemetry{}
	for i, p := range pipelines {
		s.members = append(s.members, &member{pipeline: p, progress: o.Progress(i)})
	}
	for i, p := range pipelines {
		if err := errors.Join(s.hold(p), s.build(ctx, s.members[i], p)); err != nil {
			_ = s.Close(ctx) // the error is that of the build
			return nil, fmt.Errorf("%s: pipeline %q: %w", p.File, p.Name, err)
		}
	}
	return s, nil
}

// Reload asks Run to read the configuration again.
func (s *Service) Reload() { signal(s.requests) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Alive returns when it has looked at every pipeline: a run that hangs with its
// locks held keeps it from returning.
func (s *Service) Alive() (ready bool) {
	ready = true
	for _, m := range s.all() {
		m.mu.Lock()
		ready = (m.ended || m.runner.Running()) && ready
		m.runner.Summary()
		m.mu.Unlock()
	}
	return ready
}

func (s *Service) all() []*member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*member(nil), s.members...)
}

// Run runs all pipelines to their end, again as their configuration asks, and
// takes over what changes in the configuration. One that fails does not stop the
// others. It returns every run that was.
func (s *Service) Run(ctx context.Context) (pipelines []*config.Pipeline, summaries []runner.Summary, err error) {
	var group errgroup.Group
	for _, m := range s.all() {
		s.start(ctx, &group, m)
	}
	watching, stop := context.WithCancel(ctx)
	if len(s.o.Watch) > 0 {
		group.Go(func() error { return s.watchFiles(watching) })
	}
	for s.running() {
		select {
		case <-s.over:
		case <-s.requests:
			if ctx.Err() == nil {
				s.reload(ctx, &group)
			}
		}
	}
	stop()
	_ = group.Wait() // the members have the errors
	if !s.o.Hold {
		s.close(ctx)
	}
	var errs []error
	for _, m := range s.members {
		errs = append(errs, m.err)
	}
	for _, e := range s.ends {
		pipelines, summaries = append(pipelines, e.pipeline), append(summaries, e.summary)
	}
	return pipelines, summaries, errors.Join(errs...)
}

// start begins a member's life. The group owns its goroutine.
func (s *Service) start(ctx context.Context, group *errgroup.Group, m *member) {
	m.mu.Lock()
	m.ended = false
	m.mu.Unlock()
	group.Go(func() error {
		defer signal(s.over)
		for {
			next := m.finish(s.keepRunning(ctx, m), ctx.Err() != nil)
			if next == nil {
				return nil
			}
			if err := s.build(ctx, m, next); err != nil {
				s.failed(fmt.Errorf("pipeline %q: %w", next.Name, err))
				m.finish(err, true)
				return nil
			}
		}
	})
}

// running reports whether a member has not ended.
func (s *Service) running() bool {
	for _, m := range s.all() {
		m.mu.Lock()
		ended := m.ended
		m.mu.Unlock()
		if !ended {
			return true
		}
	}
	return false
}

// close ends the telemetry once, also after the context has ended.
func (s *Service) close(ctx context.Context) {
	for _, t := range s.telemetry {
		s.shutdown(ctx, t)
	}
	clear(s.telemetry)
	for _, m := range s.members {
		if m.watch != nil {
			m.watch()
			m.watch = nil
		}
	}
}

// shutdown ends a telemetry. What it could not send is logged: it is not a failure
// of the runs.
func (s *Service) shutdown(ctx context.Context, t *telemetry.Telemetry) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := t.Shutdown(ctx); err != nil {
		s.o.Log.Warn("telemetry did not send all it had", "error", err)
	}
}
