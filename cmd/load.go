package cmd

import (
	"fmt"
	"log/slog"
	"os"
	"slices"

	"ganglion/cmd/livepage"
	"ganglion/cmd/scaleout"
	"ganglion/cmd/service"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

func (p program) configOptions(overrides []config.Override) config.Options {
	return config.Options{
		Table:    p.components,
		Sections: append(service.Sections(), scaleout.Section()), SinkSections: service.SinkSections(),
		Overrides: overrides,
		Env:       os.LookupEnv,
	}
}

// loadPipelines reads configurations with the values of --set; every error is
// one of wrong use.
func (p program) loadPipelines(paths, sets []string, more ...config.Override) ([]*config.Pipeline, error) {
	overrides, err := overridesOf(sets)
	if err != nil {
		return nil, err
	}
	pipelines, err := config.Load(paths, p.configOptions(append(overrides, more...)))
	if err != nil {
		return nil, usage(err)
	}
	return pipelines, nil
}

// loadOne reads one pipeline of a file.
func (p program) loadOne(file, name string, overrides []config.Override) (*config.Pipeline, error) {
	pipelines, err := config.Load([]string{file}, p.configOptions(overrides))
	if err != nil {
		return nil, err
	}
	for _, found := range pipelines {
		if found.Name == name {
			return found, nil
		}
	}
	return nil, fmt.Errorf("%s: no pipeline is named %q any more", file, name)
}

// overridesOf reads the values of --set.
func overridesOf(sets []string) (overrides []config.Override, err error) {
	for _, arg := range sets {
		o, err := config.ParseSet(arg)
		if err != nil {
			return nil, usage(err)
		}
		overrides = append(overrides, o)
	}
	return overrides, nil
}

// applySets puts the values of --set into a struct that is not a pipeline, such as
// a recipe. cfg points to it.
func applySets(cfg any, sets []string) error {
	overrides, err := overridesOf(sets)
	if err != nil {
		return err
	}
	if err := config.Apply(cfg, overrides); err != nil {
		return usage(err)
	}
	return nil
}

// offer is what the page of a pipeline may do with it. The overrides are those
// that it was loaded with.
func (p program) offer(c *config.Pipeline, overrides []config.Override) livepage.Offer {
	return livepage.Offer{
		Pipeline: c,
		Load: func(more []config.Override) (*config.Pipeline, error) {
			return p.loadOne(c.File, c.Name, append(slices.Clone(overrides), more...))
		},
		Assemble: func(c *config.Pipeline, log *slog.Logger) (runner.Pipeline, error) {
			return service.Assemble(c, true, log)
		},
	}
}
