package config

import (
	"fmt"
	"strings"

	"ganglion/pipeline/component"
)

// Choice names the components of a pipeline.
type Choice struct {
	Source, Encoder, Network, Readout string
	Sinks                             []string
}

// Create is a document with these components in which every key stands with its
// meaning: those that must be given with an example, all others commented out with
// their defaults. Where the defaults alone are not a valid configuration, the examples
// that components declare are given too.
func Create(name string, c Choice, o Options) (string, error) {
	specs, err := c.find(o.Table)
	if err != nil {
		return "", err
	}
	var text string
	for _, examples := range []bool{false, true} {
		w := writer{examples: examples}
		w.document(name, specs, o)
		text = w.String()
		if _, err = Parse("the new configuration", []byte(text), o); err == nil {
			return text, nil
		}
	}
	return "", err
}

func (c Choice) find(t component.Table) (specs []component.Spec, err error) {
	want := []struct {
		kind component.Kind
		name string
	}{
		{component.KindSource, c.Source}, {component.KindEncoder, c.Encoder}, {component.KindNetwork, c.Network},
		{component.KindReadout, c.Readout},
	}
	for _, s := range c.Sinks {
		want = append(want, struct {
			kind component.Kind
			name string
		}{component.KindSink, s})
	}
	for _, w := range want {
		s, err := t.Find(w.kind, w.name)
		if err != nil {
			return nil, err
		}
		specs = append(specs, s)
	}
	return specs, nil
}

// writer writes the document.
type writer struct {
	strings.Builder
	examples bool
}

func (w *writer) document(name string, specs []component.Spec, o Options) {
	fmt.Fprintf(w, "name: %s\n", name)
	sinks := 0
	for _, s := range specs {
		indent := "  "
		if s.Kind == component.KindSink {
			indent = "    "
			if sinks++; sinks == 1 {
				w.WriteString("\nsinks:\n")
			}
			fmt.Fprintf(w, "  - type: %s  # %s\n", s.Name, s.Summary)
		} else {
			fmt.Fprintf(w, "\n%s:\n  %s: %s  # %s\n", s.Kind, s.Kind.Selector(), s.Name, s.Summary)
		}
		w.fields(indent, s.Fields(), false)
		for _, section := range o.sharedSections(s.Kind) {
			w.field(indent, section.documented(), false)
		}
	}
	for _, s := range o.Sections {
		w.WriteString("\n")
		w.field("", s.documented(), false)
	}
}

// documented is the section as a field with its summary.
func (s Section) documented() component.Field {
	f := s.field()
	f.Doc = s.Summary
	return f
}

func (w *writer) fields(indent string, fields []component.Field, off bool) {
	for _, f := range fields {
		w.field(indent, f, off)
	}
}

// field writes a key below its meaning, commented out unless it must be given.
func (w *writer) field(indent string, f component.Field, off bool) {
	given := !off && (f.Required || w.examples && f.Example != "")
	facts := " (" + f.Facts() + ")"
	if f.Type == component.TypeSection {
		facts = ""
	}
	fmt.Fprintf(w, "%s# %s%s\n", indent, strings.ReplaceAll(f.Doc, "\n", " "), facts)
	mark := "#"
	if given {
		mark = ""
	}
	switch {
	case f.Type == component.TypeSection:
		fmt.Fprintf(w, "%s#%s:\n", indent, f.Key)
		w.fields(indent+"  ", f.Fields, true)
	case f.Type == component.TypeList && f.Elem.Type == component.TypeSection:
		fmt.Fprintf(w, "%s%s%s: %s\n", indent, mark, f.Key, or(f.Example, "[]"))
		for _, e := range f.Elem.Fields {
			fmt.Fprintf(w, "%s#   %s: %s (%s)\n", indent, e.Key, strings.ReplaceAll(e.Doc, "\n", " "), e.Facts())
		}
	case given:
		fmt.Fprintf(w, "%s%s: %s\n", indent, f.Key, f.ExampleText())
	default:
		fmt.Fprintf(w, "%s#%s: %s\n", indent, f.Key, or(f.Default, f.Example))
	}
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}
