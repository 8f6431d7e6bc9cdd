package cmd

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
)

// commented matches a key that is commented out, but for those of the elements of
// lists, which stand three spaces behind their mark.
var commented = regexp.MustCompile(`(?m)^( *)#([a-z0-9_]+:)`)

// TestCreatedConfigurationsAreValid makes one for every component, and holds it to
// what it says: with every default given it is the same pipeline.
func TestCreatedConfigurationsAreValid(t *testing.T) {
	o := ganglion.configOptions(nil)
	for _, spec := range ganglion.components {
		choice := config.Choice{Source: "recording", Encoder: "events", Network: "motion", Readout: "motion", Sinks: []string{"jsonl"}}
		switch spec.Kind {
		case component.KindSource:
			choice.Source = spec.Name
		case component.KindEncoder:
			choice.Encoder = spec.Name
		case component.KindNetwork:
			choice.Network = spec.Name
		case component.KindReadout:
			choice.Readout = spec.Name
		case component.KindSink:
			choice.Sinks = append(choice.Sinks, spec.Name)
		}
		text, err := config.Create("made", choice, o)
		if err != nil {
			t.Errorf("%s %s: %v", spec.Kind, spec.Name, err)
			continue
		}
		for _, f := range spec.Fields() {
			if !strings.Contains(text, f.Key+":") || !strings.Contains(text, f.Doc) {
				t.Errorf("%s %s: %s is not explained", spec.Kind, spec.Name, f.Key)
			}
		}
		made, err := config.Parse("made", []byte(text), o)
		if err != nil {
			t.Fatal(err)
		}
		full := commented.ReplaceAllString(text, "$1$2")
		given, err := config.Parse("given", []byte(full), o)
		if err != nil {
			t.Errorf("%s %s with its defaults given: %v\n%s", spec.Kind, spec.Name, err, full)
			continue
		}
		if d := cmp.Diff(valuesOf(made[0]), valuesOf(given[0])); d != "" {
			t.Errorf("%s %s: the defaults that it states are others:\n%s", spec.Kind, spec.Name, d)
		}
		if !strings.Contains(text, "#") || full == text {
			t.Error("nothing is commented out")
		}
	}
}

func TestNamesOfComponentsAreCompleted(t *testing.T) {
	for word, want := range map[string]string{
		"rec":                                  "recording",
		"recording/ev":                         "recording/events",
		"recording/events/motion/motion/nats,": "recording/events/motion/motion/nats,arrow",
	} {
		list, _ := ganglion.completeCreate(nil, nil, word)
		if !slices.Contains(list, want) {
			t.Errorf("%q: %q, want %q among them", word, list, want)
		}
	}
	if list, _ := ganglion.completeCreate(nil, nil, "recording/mo"); len(list) > 0 {
		t.Errorf("encoders that begin with mo: %q", list)
	}
}

func valuesOf(p *config.Pipeline) map[string]string {
	values := map[string]string{}
	for _, v := range p.Resolved() {
		values[v.Path] = v.Text
	}
	return values
}
