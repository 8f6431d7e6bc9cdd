package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry"
)

// Options are the surroundings of a [Service].
type Options struct {
	Version    string // of the program
	DryRun     bool   // do everything but the sinks
	Checkpoint *runner.Checkpoint
	Log        *slog.Logger

	// Identity is what decides a pipeline's detections, see [runner.Options].
	Identity func(*config.Pipeline) (checkpoint.Identity, error)
	// Extend changes the parts of a pipeline before it runs.
	Extend func(*config.Pipeline, *runner.Pipeline) error
	// Progress returns what is told how far the pipeline of an index has come.
	Progress func(pipeline int) func(runner.Progress)
}

// ConfigError is an error of the configuration, as opposed to one of the run.
type ConfigError struct{ error }

func (e ConfigError) Unwrap() error { return e.error }

// Service is the pipelines of one process, ready to run side by side.
type Service struct {
	o         Options
	members   []*member
	telemetry map[telemetry.Config]*telemetry.Telemetry // pipelines with equal settings share one

	mu   sync.Mutex // guards what follows
	ends []ended    // every run that is over
}

// member is one pipeline with its present run.
type member struct {
	pipeline *config.Pipeline
	progress func(runner.Progress)
	pause    backoff

	mu     sync.Mutex // guards what follows
	runner *runner.Runner
	watch  func() // ends what telemetry shows of it
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
	s := &Service{o: o, telemetry: map[telemetry.Config]*telemetry.Telemetry{}}
	for i, p := range pipelines {
		m := &member{pipeline: p, progress: o.Progress(i)}
		s.members = append(s.members, m)
		if err := s.build(ctx, m); err != nil {
			s.close(ctx)
			return nil, fmt.Errorf("%s: pipeline %q: %w", p.File, p.Name, err)
		}
	}
	return s, nil
}

// build makes the next run of a pipeline, in place of the one before.
func (s *Service) build(ctx context.Context, m *member) error {
	p := m.pipeline
	parts, err := Assemble(p, s.o.DryRun, s.o.Log)
	if err != nil {
		return ConfigError{err} // a constructor opens nothing: its config is wrong
	}
	if err := s.o.Extend(p, &parts); err != nil {
		return err
	}
	id, err := s.o.Identity(p)
	if err != nil {
		return ConfigError{err} // a model that is not there
	}
	c := *p.Sections.Of(telemetrySection).(*telemetry.Config)
	watcher := s.telemetry[c]
	if watcher == nil {
		if watcher, err = telemetry.New(ctx, c, s.o.Version, s.o.Log); err != nil {
			return err
		}
		s.telemetry[c] = watcher
	}
	r, err := runner.New(parts, runner.Options{
		Log: s.o.Log, Progress: m.progress, Tracer: watcher.Tracer(), Identity: id, Checkpoint: s.o.Checkpoint,
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.watch != nil {
		m.watch()
	}
	m.watch, err = watcher.Watch(r)
	m.runner = r
	return err
}

// Reopen asks every sink that writes files to open them again.
func (s *Service) Reopen() {
	s.o.Log.Info("outputs are opened again")
	for _, m := range s.members {
		m.mu.Lock()
		m.runner.Reopen()
		m.mu.Unlock()
	}
}

// Run runs all pipelines to their end, again as their configuration asks. One
// that fails does not stop the others. It returns every run that was.
func (s *Service) Run(ctx context.Context) (pipelines []*config.Pipeline, summaries []runner.Summary, err error) {
	errs := make([]error, len(s.members))
	var group errgroup.Group
	for i, m := range s.members {
		group.Go(func() error {
			errs[i] = s.keepRunning(ctx, m)
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs
	s.close(ctx)
	for _, e := range s.ends {
		pipelines, summaries = append(pipelines, e.pipeline), append(summaries, e.summary)
	}
	return pipelines, summaries, errors.Join(errs...)
}

// keepRunning runs a pipeline until it is not to begin again, and returns how
// its last run ended.
func (s *Service) keepRunning(ctx context.Context, m *member) error {
	c := m.pipeline.Sections.Of(restartSection).(*restartConfig)
	for {
		began := time.Now()
		summary, err := m.runner.Run(ctx) // its errors name the pipeline
		s.mu.Lock()
		s.ends = append(s.ends, ended{m.pipeline, summary})
		s.mu.Unlock()
		if err != nil {
			s.o.Log.Error("the pipeline has failed", "stream", m.pipeline.Name, "error", err)
		}
		if ctx.Err() != nil || !c.wants(err) {
			return err
		}
		pause := m.pause.next(c, time.Since(began))
		s.o.Log.Info("the pipeline begins again", "stream", m.pipeline.Name, "after", pause.Round(time.Millisecond))
		if !sleep(ctx, pause) {
			return err
		}
		if err := s.build(ctx, m); err != nil {
			return fmt.Errorf("pipeline %q: restart: %w", m.pipeline.Name, err)
		}
	}
}

// close ends the telemetry, also after the context has ended. What it could not
// send is logged: it is no failure of the runs.
func (s *Service) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	for _, t := range s.telemetry {
		if err := t.Shutdown(ctx); err != nil {
			s.o.Log.Warn("telemetry did not send all it had", "error", err)
		}
	}
	for _, m := range s.members {
		if m.watch != nil {
			m.watch()
		}
	}
}
