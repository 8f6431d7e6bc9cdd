package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry"
)

// runs are the pipelines of one process, ready to run side by side.
type runs struct {
	runners   []*runner.Runner
	watches   []func()
	telemetry map[telemetry.Config]*telemetry.Telemetry // pipelines with equal settings share one
}

// shutdownTime bounds how long telemetry may take to send what it has.
const shutdownTime = 2 * time.Second

// prepare builds the pipelines and starts their telemetry. Components are
// opened later, by run.
func prepare(ctx context.Context, pipelines []*config.Pipeline, f runFlags, log *slog.Logger, bar *progress) (*runs, error) {
	rs := &runs{telemetry: map[telemetry.Config]*telemetry.Telemetry{}}
	for i, p := range pipelines {
		if err := rs.add(ctx, p, f, log, bar.of(i)); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: pipeline %q: %w", p.File, p.Name, err), rs.close(ctx))
		}
	}
	return rs, nil
}

func (rs *runs) add(ctx context.Context, p *config.Pipeline, f runFlags, log *slog.Logger, progress func(runner.Progress)) error {
	parts, err := assemble(p, f.dryRun, log)
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
		if watcher, err = telemetry.New(ctx, c, version(), log); err != nil {
			return err
		}
		rs.telemetry[c] = watcher
	}
	r, err := runner.New(parts, runner.Options{Log: log, Progress: progress, Tracer: watcher.Tracer(), Identity: id, Checkpoint: f.checkpoint.of()})
	if err != nil {
		return err
	}
	stop, err := watcher.Watch(r)
	if err != nil {
		return err
	}
	rs.runners = append(rs.runners, r)
	rs.watches = append(rs.watches, stop)
	return nil
}

// run runs all pipelines to their end. One that fails does not stop the others.
func (rs *runs) run(ctx context.Context) ([]runner.Summary, error) {
	summaries := make([]runner.Summary, len(rs.runners))
	errs := make([]error, len(rs.runners))
	var group errgroup.Group
	for i, r := range rs.runners {
		group.Go(func() error {
			summaries[i], errs[i] = r.Run(ctx) // its errors name the pipeline
			return nil
		})
	}
	errs = append(errs, group.Wait(), rs.close(ctx))
	return summaries, errors.Join(errs...)
}

// close ends the telemetry, also after the context has ended.
func (rs *runs) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	var errs []error
	for _, t := range rs.telemetry {
		errs = append(errs, t.Shutdown(ctx))
	}
	for _, stop := range rs.watches {
		stop()
	}
	return errors.Join(errs...)
}
