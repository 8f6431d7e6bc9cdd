package service

import (
	"context"
	"errors"

	"ganglion/pipeline/config"
	"ganglion/sinks/nats"
	"ganglion/sinks/nats/embedded"
)

// hold joins the servers that a pipeline's sinks will start, so that they outlive
// its runs.
func (s *Service) hold(p *config.Pipeline) error {
	if !s.o.Hold || s.o.DryRun {
		return nil
	}
	for _, sink := range p.Sinks {
		c, ok := sink.Config.(*nats.Config)
		if !ok || c.URL != nats.Embedded {
			continue
		}
		access, err := embedded.AccessOf(c.Access)
		if err != nil {
			return err
		}
		server, err := embedded.Acquire(embedded.Options{Listen: c.Listen, Access: access, Log: s.o.Log})
		if err != nil {
			return err
		}
		s.held = append(s.held, server)
	}
	return nil
}

// Close ends the telemetry and leaves the servers that were held, also after the
// context has ended.
func (s *Service) Close(ctx context.Context) error {
	s.close(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	var errs []error
	for _, server := range s.held {
		errs = append(errs, server.Release(ctx))
	}
	s.held = nil
	return errors.Join(errs...)
}
