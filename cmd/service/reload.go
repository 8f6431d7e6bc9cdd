package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

// plan is what a reload does, found out before anything is done.
type plan struct {
	tuned    []change // continue with other thresholds
	changed  []change // drain and begin again
	kept     []change // have another value of what does not touch the run
	begun    []*config.Pipeline
	removed  []*member
	identity map[*config.Pipeline]checkpoint.Identity
}

// change is a member and what it is to become.
type change struct {
	*member
	next *config.Pipeline
}

// reload reads the configuration again and takes over what has changed. What is
// wrong with it is logged and counted, and everything runs on as it was.
func (s *Service) reload(ctx context.Context, group *errgroup.Group) {
	pipelines, err := s.o.Load()
	var p plan
	if err == nil {
		p, err = s.plan(ctx, pipelines)
	}
	if err != nil {
		s.failed(err)
		return
	}
	for _, c := range p.kept {
		c.member.mu.Lock()
		c.member.pipeline = c.next
		c.member.mu.Unlock()
	}
	for _, c := range p.tuned {
		s.tune(c, p.identity[c.next])
	}
	for _, m := range p.removed {
		m.replace(nil)
	}
	for _, c := range p.changed {
		s.restart(ctx, group, c)
	}
	for _, q := range p.begun {
		s.begin(ctx, group, q)
	}
	s.reloads.Add(1)
	s.o.Log.Info("the configuration was read again", "thresholds", names(p.tuned), "changed", names(p.changed), "new", len(p.begun),
		"removed", len(p.removed), "unchanged", len(pipelines)-len(p.tuned)-len(p.changed)-len(p.begun))
}

// failed logs and counts what kept a configuration from being taken over.
func (s *Service) failed(err error) {
	s.failures.Add(1)
	for line := range strings.SplitSeq(err.Error(), "\n") {
		s.o.Log.Error("the configuration is not taken over, the old one runs on", "error", line)
	}
}

func names(list []change) string {
	var names []string
	for _, c := range list {
		names = append(names, c.next.Name)
	}
	return strings.Join(names, ", ")
}

// plan compares what runs with what was read, and looks into what is new.
func (s *Service) plan(ctx context.Context, pipelines []*config.Pipeline) (p plan, err error) {
	p.identity = map[*config.Pipeline]checkpoint.Identity{}
	members := s.all()
	for _, next := range pipelines {
		if p.identity[next], err = s.o.Identity(next); err != nil {
			return p, fmt.Errorf("%s: pipeline %q: %w", next.File, next.Name, err)
		}
		i := slices.IndexFunc(members, func(m *member) bool { return m.now().Name == next.Name && !m.gone() })
		if i < 0 {
			p.begun = append(p.begun, next)
			if err := s.look(ctx, next); err != nil {
				return p, err
			}
			continue
		}
		m := members[i]
		members = slices.Delete(members, i, i+1)
		if err := s.sort(ctx, &p, change{m, next}); err != nil {
			return p, err
		}
	}
	for _, m := range members {
		if !m.leaves() {
			p.removed = append(p.removed, m)
		}
	}
	return p, nil
}

// sort puts a change where it belongs.
func (s *Service) sort(ctx context.Context, p *plan, c change) error {
	old := c.now()
	how := config.Changed(old, c.next, testsSection, restartSection)
	if !slices.Equal(files(c.identity), files(p.identity[c.next])) {
		how = config.Anything // another model under the same name
	}
	if how == config.Same {
		p.kept = append(p.kept, c)
		return nil
	}
	if err := s.look(ctx, c.next); err != nil {
		return err
	}
	if k := s.o.Checkpoint; k != nil && k.Resume {
		if err := c.identity.Check(p.identity[c.next]); err != nil {
			return fmt.Errorf("pipeline %q: its snapshots cannot resume with another configuration: %w", old.Name, err)
		}
	}
	c.mu.Lock()
	ended := c.ended
	c.mu.Unlock()
	if how == config.Threshold && !ended {
		p.tuned = append(p.tuned, c)
	} else {
		p.changed = append(p.changed, c)
	}
	return nil
}

// files are the digests of an identity.
func files(id checkpoint.Identity) (list []checkpoint.Value) {
	for _, v := range id {
		if strings.HasSuffix(v.Key, "(SHA-256)") {
			list = append(list, v)
		}
	}
	return list
}

// look finds what a run of the pipeline would stumble over.
func (s *Service) look(ctx context.Context, p *config.Pipeline) error {
	parts, err := Assemble(p, s.o.DryRun, s.o.Log)
	if err != nil {
		return fmt.Errorf("%s: pipeline %q: %w", p.File, p.Name, err)
	}
	return s.o.Check(ctx, p, parts)
}

// tune gives a run other thresholds. One that cannot take them begins again with
// them.
func (s *Service) tune(c change, id checkpoint.Identity) {
	m, p := c.member, c.next
	again := func(err error) {
		s.o.Log.Info("the readout cannot change while it runs: the pipeline begins again", "stream", p.Name, "error", err)
		m.replace(p)
	}
	m.mu.Lock()
	err := m.runner.Adjust(runner.Adjustment{Readout: p.Readout.Config, ConfigHash: p.Hash, Done: func(err error) {
		if err != nil {
			again(err)
		}
	}})
	if err == nil {
		m.pipeline, m.identity = p, id
	}
	m.mu.Unlock()
	if err != nil {
		again(err)
	}
}

// restart drains a member and lets it begin again with another configuration;
// one that has ended just begins.
func (s *Service) restart(ctx context.Context, group *errgroup.Group, c change) {
	c.mu.Lock()
	ended := c.ended
	c.mu.Unlock()
	if !ended {
		c.replace(c.next)
		return
	}
	if err := s.build(ctx, c.member, c.next); err != nil {
		s.failed(err)
		return
	}
	s.start(ctx, group, c.member)
}

// begin starts a pipeline that was not there before.
func (s *Service) begin(ctx context.Context, group *errgroup.Group, p *config.Pipeline) {
	m := &member{pipeline: p}
	if err := s.build(ctx, m, p); err != nil {
		s.failed(fmt.Errorf("%s: pipeline %q: %w", p.File, p.Name, err))
		return
	}
	s.mu.Lock()
	s.members = append(s.members, m)
	s.mu.Unlock()
	s.start(ctx, group, m)
}
