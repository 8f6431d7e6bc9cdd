package scaleout

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"ganglion/pipeline/cluster"
	"ganglion/pipeline/config"
	"ganglion/pipeline/telemetry"
)

// shown is what the section telemetry of the pipelines asks for. Pipelines with
// equal settings share one.
type shown struct {
	by   map[telemetry.Config]*telemetry.Telemetry
	all  []*telemetry.Telemetry
	ends []func()
	log  *slog.Logger
}

// show starts the telemetry of pipelines.
func (p Program) show(ctx context.Context, pipelines []*config.Pipeline, log *slog.Logger) (*shown, error) {
	p.CaptureLog(log)
	s := &shown{by: map[telemetry.Config]*telemetry.Telemetry{}, log: log}
	for _, of := range pipelines {
		c := p.Telemetry(of)
		if s.by[c] != nil {
			continue
		}
		t, err := telemetry.New(ctx, c, p.Version, log)
		if err != nil {
			s.close(ctx)
			return nil, err
		}
		s.by[c], s.all = t, append(s.all, t)
	}
	return s, nil
}

// watch shows an account in the telemetry of a pipeline.
func (s *shown) watch(c telemetry.Config, a *cluster.Account) error {
	end, err := s.by[c].Watch(a)
	if err == nil {
		s.ends = append(s.ends, end)
	}
	return err
}

// tracer is the first that there is: the packets of a worker go through all
// pipelines.
func (s *shown) tracer() trace.Tracer {
	for _, t := range s.all {
		if tracer := t.Tracer(); tracer != nil {
			return tracer
		}
	}
	return nil
}

// close sends what has not been sent. A collector that is away is logged.
func (s *shown) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	var errs []error
	for _, t := range s.all {
		errs = append(errs, t.Shutdown(ctx))
	}
	if err := errors.Join(errs...); err != nil {
		s.log.Warn("telemetry did not send all it had", "error", err)
	}
	for _, end := range s.ends {
		end()
	}
}
