package config

import "ganglion/pipeline/component"

// Pipeline is one checked configuration. It is read only.
type Pipeline struct {
	Name     string
	Source   Part
	Encoder  Part
	Network  Part
	Readout  Part
	Sinks    []Part
	Sections Sections // those of [Options].Sections

	// Hash identifies what can change detections, see [hash].
	Hash string

	File string // the file that the document stands in
	root *node
}

// Part is one component with its config.
type Part struct {
	Spec   component.Spec
	Config any // pointer to the component's config struct

	// Written are the values of Config as they were written, with paths from
	// wherever the configuration lies.
	Written []component.Leaf

	Sections Sections // of a sink: those of [Options].SinkSections
}

// Sections are decoded sections in the order of their declaration.
type Sections []Settings

// Settings is the content of one [Section].
type Settings struct {
	Key    string
	Config any // pointer to the struct that [NewSection] was given
}

// Of returns the config of a section, or nil.
func (s Sections) Of(key string) any {
	for _, section := range s {
		if section.Key == key {
			return section.Config
		}
	}
	return nil
}

// Section is a part of a pipeline, or of every sink, that is not a component's
// own, such as "telemetry" or "queue".
type Section struct {
	Key     string
	Summary string
	new     func() any
	short   string // key that a plain value or a list in place of the section stands for
}

// Short lets a plain value, or a list, stand for the section with that key alone.
func (s Section) Short(key string) Section {
	s.short = key
	return s
}

// NewSection declares a section by its defaults. The struct carries the tags
// of a component's config.
func NewSection[C any](key, summary string, defaults C) Section {
	return Section{Key: key, Summary: summary, new: func() any {
		c := defaults
		return &c
	}}
}

func (s Section) field() component.Field {
	return component.Field{Key: s.Key, Type: component.TypeSection, Fields: component.Fields(s.new())}
}

// Options is what a document is read with.
type Options struct {
	Table    component.Table
	Sections []Section // beside those of the components
	// SinkSections are keys that every sink's section may have beside the
	// component's own.
	SinkSections []Section
	Overrides    []Override // applied to every document, in order
	Only         string     // leaves out all documents but that of this name; empty leaves out none
	// Env looks up an environment variable, as os.LookupEnv does.
	Env func(name string) (value string, ok bool)
}

func (o Options) sharedSections(k component.Kind) []Section {
	if k == component.KindSink {
		return o.SinkSections
	}
	return nil
}
