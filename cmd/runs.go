package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry"
)

// runs are the pipelines of one process, ready to run side by side.
type runs struct {
	flags     runFlags
	log       *slog.Logger
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

// prepare builds the pipelines and starts their telemetry. Components are
// opened later, by run.
func prepare(ctx context.Context, pipelines []*config.Pipeline, f runFlags, log *slog.Logger, bar *progress) (*runs, error) {
	rs := &runs{flags: f, log: log, telemetry: map[telemetry.Config]*telemetry.Telemetry{}}
	for i, p := range pipelines {
		m := &member{pipeline: p, progress: bar.of(i)}
		rs.members = append(rs.members, m)
		if err := rs.build(ctx, m); err != nil {
			rs.close(ctx)
			return nil, fmt.Errorf("%s: pipeline %q: %w", p.File, p.Name, err)
		}
	}
	return rs, nil
}

// build makes the next run of a pipeline, in place of the one before.
func (rs *runs) build(ctx context.Context, m *member) error {
	p := m.pipeline
	parts, err := assemble(p, rs.flags.dryRun, rs.log)
	if err != nil {
		return usage(err) // a constructor opens nothing: its config is wrong
	}
	id, err := identity(p)
	if err != nil {
		return usage(err) // a model that is not there
	}
	c := *p.Sections.Of(telemetrySection).(*telemetry.Config)
	watcher := rs.telemetry[c]
	if watcher == nil {
		if watcher, err = telemetry.New(ctx, c, version(), rs.log); err != nil {
			return err
		}
		rs.telemetry[c] = watcher
	}
	r, err := runner.New(parts, runner.Options{
		Log: rs.log, Progress: m.progress, Tracer: watcher.Tracer(), Identity: id, Checkpoint: rs.flags.checkpoint.of(),
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

// reopen asks every sink that writes files to open them again.
func (rs *runs) reopen() {
	rs.log.Info("outputs are opened again")
	for _, m := range rs.members {
		m.mu.Lock()
		m.runner.Reopen()
		m.mu.Unlock()
	}
}

// run runs all pipelines to their end, again as their configuration asks. One
// that fails does not stop the others. It returns every run that was.
func (rs *runs) run(ctx context.Context) (pipelines []*config.Pipeline, summaries []runner.Summary, err error) {
	errs := make([]error, len(rs.members))
	var group errgroup.Group
	for i, m := range rs.members {
		group.Go(func() error {
			errs[i] = rs.keepRunning(ctx, m)
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs
	rs.close(ctx)
	for _, e := range rs.ends {
		pipelines, summaries = append(pipelines, e.pipeline), append(summaries, e.summary)
	}
	return pipelines, summaries, errors.Join(errs...)
}

// keepRunning runs a pipeline until it is not to begin again, and returns how
// its last run ended.
func (rs *runs) keepRunning(ctx context.Context, m *member) error {
	c := m.pipeline.Sections.Of(restartSection).(*restartConfig)
	for {
		began := time.Now()
		s, err := m.runner.Run(ctx) // its errors name the pipeline
		rs.mu.Lock()
		rs.ends = append(rs.ends, ended{m.pipeline, s})
		rs.mu.Unlock()
		if err != nil {
			rs.log.Error("the pipeline has failed", "stream", m.pipeline.Name, "error", err)
		}
		if ctx.Err() != nil || !c.wants(err) {
			return err
		}
		pause := m.pause.next(c, time.Since(began))
		rs.log.Info("the pipeline begins again", "stream", m.pipeline.Name, "after", pause.Round(time.Millisecond))
		if !sleep(ctx, pause) {
			return err
		}
		if err := rs.build(ctx, m); err != nil {
			return fmt.Errorf("pipeline %q: restart: %w", m.pipeline.Name, err)
		}
	}
}

// close ends the telemetry, also after the context has ended. What it could not
// send is logged: it is no failure of the runs.
func (rs *runs) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	for _, t := range rs.telemetry {
		if err := t.Shutdown(ctx); err != nil {
			rs.log.Warn("telemetry did not send all it had", "error", err)
		}
	}
	for _, m := range rs.members {
		if m.watch != nil {
			m.watch()
		}
	}
}
