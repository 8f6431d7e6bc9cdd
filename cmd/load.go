package cmd

import (
	"os"

	"ganglion/cmd/service"
	"ganglion/pipeline/config"
)

func (p program) configOptions(overrides []config.Override) config.Options {
	return config.Options{
		Table:    p.components,
		Sections: service.Sections(), SinkSections: service.SinkSections(),
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
