package config

import (
	"reflect"
	"slices"

	"ganglion/pipeline/component"
)

// Change is how much of a pipeline differs between two readings of its
// configuration.
type Change int

// The changes, each more than those before it.
const (
	Same      Change = iota
	Threshold        // values of the readout that may change while it runs
	Anything
)

// Changed compares two readings of one pipeline. The sections with the given keys
// do not count.
func Changed(old, next *Pipeline, without ...string) Change {
	if old.Name != next.Name || len(old.Sinks) != len(next.Sinks) {
		return Anything
	}
	for i := range old.Sinks {
		if !equal(old.Sinks[i], next.Sinks[i]) {
			return Anything
		}
	}
	for _, s := range old.Sections {
		if !slices.Contains(without, s.Key) && !reflect.DeepEqual(s.Config, next.Sections.Of(s.Key)) {
			return Anything
		}
	}
	if !equal(old.Source, next.Source) || !equal(old.Encoder, next.Encoder) || !equal(old.Network, next.Network) {
		return Anything
	}
	a, b := old.Readout, next.Readout
	switch {
	case equal(a, b):
		return Same
	case a.Spec.Name == b.Spec.Name && component.Tunable(a.Config, b.Config):
		return Threshold
	}
	return Anything
}

func equal(a, b Part) bool {
	return a.Spec.Name == b.Spec.Name && reflect.DeepEqual(a.Config, b.Config) && reflect.DeepEqual(a.Sections, b.Sections)
}
