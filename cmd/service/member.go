package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ganglion/internal/sleep"
	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry"
)

// member is one pipeline with its present run.
type member struct {
	progress func(runner.Progress)
	pause    backoff

	mu       sync.Mutex // guards what follows
	pipeline *config.Pipeline
	identity checkpoint.Identity
	runner   *runner.Runner
	watch    func()             // ends what telemetry shows of it
	halt     context.CancelFunc // ends its present turn
	next     *config.Pipeline   // what it continues with after that
	removed  bool               // it does not continue
	ended    bool
	err      error // how it ended
}

// now is the configuration that the member runs with.
func (m *member) now() *config.Pipeline {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pipeline
}

// replace drains the present run; the member continues with another
// configuration, or not at all without one.
func (m *member) replace(next *config.Pipeline) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next, m.removed = next, next == nil
	if m.halt != nil {
		m.halt()
	}
}

// begin notes how the turn that begins can be ended. One that was replaced
// meanwhile has no turn.
func (m *member) begin(halt context.CancelFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.halt = halt
	if m.next != nil || m.removed {
		halt()
	}
}

// finish notes how the member ended, unless it is to continue after all: it was
// given another configuration while it ended.
func (m *member) finish(err error, last bool) (next *config.Pipeline) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if next, m.next = m.next, nil; next != nil && !last {
		m.removed = false
		return next
	}
	m.err, m.ended = err, true
	return nil
}

// change is what the member is to continue with, if that was asked for.
func (m *member) change() (next *config.Pipeline, removed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next, m.next = m.next, nil
	return next, m.removed
}

// gone reports whether the member was removed and has ended: its name is free.
func (m *member) gone() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.removed && m.ended
}

// leaves reports whether the member was removed.
func (m *member) leaves() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.removed
}

// errReverted means that a changed pipeline could not be opened, so that the one
// before it runs again.
var errReverted = errors.New("the changed pipeline could not be opened: it runs as it was before")

// keepRunning runs a pipeline until it is not to begin again, and returns how
// its last run ended. One whose new configuration does not come to run gets its
// old one back.
func (s *Service) keepRunning(ctx context.Context, m *member) error {
	var before *config.Pipeline // while a changed configuration has not run yet
	for {
		turn, halt := context.WithCancel(ctx)
		m.begin(halt)
		p, began := m.now(), time.Now()
		opened, err := s.runOnce(turn, m, p)
		revert := before
		if before = nil; opened || err == nil {
			revert = nil
		}
		c := m.now().Sections.Of(restartSection).(*restartConfig)
		again := turn.Err() == nil && c.wants(err)
		if again && revert == nil {
			pause := m.pause.next(c, time.Since(began))
			s.o.Log.Info("the pipeline begins again", "stream", p.Name, "after", pause.Round(time.Millisecond))
			_ = sleep.For(turn, pause)
		}
		halt()
		next, removed := m.change()
		switch {
		case ctx.Err() != nil:
			return err
		case removed:
			m.watch() // its name is free for another
			m.watch = nil
			return err
		case next != nil:
			before = cmp.Or(revert, p)
		case revert != nil:
			s.failed(fmt.Errorf("pipeline %q: %w", p.Name, errReverted))
			next = revert
		case !again:
			return err
		default:
			next = m.now()
		}
		if err := s.build(ctx, m, next); err != nil {
			if before == nil {
				return fmt.Errorf("pipeline %q: restart: %w", p.Name, err)
			}
			s.failed(fmt.Errorf("pipeline %q: %w", p.Name, err))
			if err := s.build(ctx, m, before); err != nil {
				return fmt.Errorf("pipeline %q: restart: %w", p.Name, err)
			}
			before = nil
		}
	}
}

// runOnce runs a member's pipeline, unless its turn is over already, and reports
// whether it came to be open.
func (s *Service) runOnce(turn context.Context, m *member, p *config.Pipeline) (opened bool, err error) {
	if turn.Err() != nil {
		return false, nil
	}
	summary, err := m.runner.Run(turn) // its errors name the pipeline
	s.note(p, summary)
	if err != nil {
		s.o.Log.Error("the pipeline has failed", "stream", p.Name, "error", err)
	}
	return summary.Run != "", err
}

// note keeps the account of a run that is over.
func (s *Service) note(p *config.Pipeline, summary runner.Summary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends = append(s.ends, ended{p, summary})
}

// build makes the next run of a member, of a configuration, in place of the one
// before.
func (s *Service) build(ctx context.Context, m *member, p *config.Pipeline) error {
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
	if m.watch != nil {
		m.watch()
		m.watch = nil
	}
	watcher, err := s.watcher(ctx, m, p)
	if err != nil {
		return err
	}
	r, err := runner.New(parts, runner.Options{
		Log: s.o.Log, Progress: m.progress, Tracer: watcher.Tracer(), Identity: id, Checkpoint: s.o.Checkpoint,
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pipeline, m.identity, m.runner = p, id, r
	m.watch, err = watcher.Watch(r)
	return err
}

// watcher is the telemetry that a pipeline asks for. Pipelines with equal settings
// share one; what nobody asks for any more ends, so that its address is free.
func (s *Service) watcher(ctx context.Context, m *member, p *config.Pipeline) (*telemetry.Telemetry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := Telemetry(p)
	wanted := map[telemetry.Config]bool{c: true}
	for _, other := range s.members {
		if other != m {
			wanted[Telemetry(other.now())] = true
		}
	}
	for old, t := range s.telemetry {
		if !wanted[old] {
			s.shutdown(ctx, t)
			delete(s.telemetry, old)
		}
	}
	if t := s.telemetry[c]; t != nil {
		return t, nil
	}
	t, err := telemetry.New(ctx, c, s.o.Version, s.o.Log)
	if err != nil {
		return nil, err
	}
	s.telemetry[c] = t
	return t, t.CountReloads(s.reloads.Load, s.failures.Load)
}
