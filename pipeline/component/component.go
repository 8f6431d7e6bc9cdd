// Package component holds the declaration of a component: its name, a
// one-line summary, a typed configuration with defaults, and a constructor.
// The listing, the description, the validation and the JSON Schema all come
// from this one value.
//
// A package declares its components as values beside their constructors:
//
//	func Component() component.Spec {
//		return component.Sink("jsonl", "detections as JSON lines", Config{Path: "-"}, New)
//	}
//
// and cmd/standard names each in its table. Nothing registers itself.
//
// # Configuration structs
//
// A config is a plain struct. Each exported field carries tags:
//
//	key:"path"     the YAML key (required; lower case, words joined by _)
//	doc:"..."      what it does, one sentence
//	unit:"px"      its unit, where the type does not say it (time.Duration does)
//	enum:"a,b"     the allowed values of a string field; ",a,b" admits the empty string
//	min:"0" max:"1" inclusive bounds of a number or duration
//	example:"..."  an example value
//	file:"read"    the field names a file that is read, or one that is written (file:"write"), or a
//	               folder (file:"folder"); a relative path in a file begins at that file's folder
//	live:"true"    a readout takes another value while it runs, with the state of the old one
//	required:"true" it has no default and its zero value counts as missing
//	was:"on"       an earlier name of the key, which stays accepted; hashes know the field by it
//
// The fields of an embedded struct with the tag key:",squash" count as the
// struct's own, so that components can share them.
//
// A config whose pointer is a [Preset] has a string field with the key preset: what the
// preset sets takes the place of the defaults, and the keys that are written win.
//
// Field types: bool, string, int, int64, uint64, float64, time.Duration,
// [Count], [Bytes], [Secret], a struct of these, and slices of any of them. A config
// may have a method Validate() error for what tags cannot say; a message that
// begins with a key ("end: is before start") is shown at that key, and joined
// errors are shown one by one. The elements of a list of structs have no
// defaults.
package component

import (
	"fmt"
	"log/slog"
	"time"

	"ganglion/pipeline"
)

// Kind is one of the five kinds of component; it is also the top-level config
// key of its section ("sinks" for sinks).
type Kind string

// The kinds.
const (
	KindSource  Kind = "source"
	KindEncoder Kind = "encoder"
	KindNetwork Kind = "network"
	KindReadout Kind = "readout"
	KindSink    Kind = "sink"
)

// Kinds lists the kinds in the order of the way of a value.
func Kinds() []Kind { return []Kind{KindSource, KindEncoder, KindNetwork, KindReadout, KindSink} }

// Selector is the config key that names the component in its section: "model"
// for a network, "type" for every other kind.
func (k Kind) Selector() string {
	if k == KindNetwork {
		return "model"
	}
	return "type"
}

// Env is the surroundings that a source or sink may use beside its config.
type Env struct {
	Log  *slog.Logger
	Now  func() time.Time // the wall clock: pacing and latency only
	Name string           // the pipeline's name
}

// Preset is implemented by pointers to configs whose defaults go by a name.
type Preset interface {
	// UsePreset replaces the defaults by those of a preset, before the keys that are
	// written are decoded. An unknown name, which the field's enum refuses later,
	// changes nothing.
	UsePreset(name string)
}

// Spec is the declaration of one component.
type Spec struct {
	Kind    Kind
	Name    string
	Summary string // one line, no full stop
	Text    string // more about it, whole lines; may be empty

	defaults func() any // pointer to a fresh config with the defaults
	build    any        // one of the build function types below, taking the config as any
}

type (
	sourceBuild  func(cfg any, env Env) (pipeline.Source, error)
	encoderBuild func(cfg any, info pipeline.StreamInfo) (pipeline.Encoder, error)
	networkBuild func(cfg any, in pipeline.Shape) (pipeline.Network, error)
	readoutBuild func(cfg any, info pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error)
	sinkBuild    func(cfg any, env Env) (pipeline.Sink, error)
)

// Source declares a source. The build function must not block: it opens
// nothing before [pipeline.Source.Open].
func Source[C any](name, summary string, defaults C, build func(C, Env) (pipeline.Source, error)) Spec {
	return spec(KindSource, name, summary, defaults, sourceBuild(func(cfg any, env Env) (pipeline.Source, error) {
		return build(*cfg.(*C), env)
	}))
}

// Encoder declares an encoder.
func Encoder[C any](name, summary string, defaults C, build func(C, pipeline.StreamInfo) (pipeline.Encoder, error)) Spec {
	return spec(KindEncoder, name, summary, defaults, encoderBuild(func(cfg any, info pipeline.StreamInfo) (pipeline.Encoder, error) {
		return build(*cfg.(*C), info)
	}))
}

// Network declares a network model.
func Network[C any](name, summary string, defaults C, build func(C, pipeline.Shape) (pipeline.Network, error)) Spec {
	return spec(KindNetwork, name, summary, defaults, networkBuild(func(cfg any, in pipeline.Shape) (pipeline.Network, error) {
		return build(*cfg.(*C), in)
	}))
}

// Readout declares a readout.
func Readout[C any](name, summary string, defaults C, build func(C, pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error)) Spec {
	return spec(KindReadout, name, summary, defaults, readoutBuild(func(cfg any, info pipeline.StreamInfo,
		layers []pipeline.Layer) (pipeline.Readout, error) {
		return build(*cfg.(*C), info, layers)
	}))
}

// Sink declares a sink. The build function must not block: it connects in
// [pipeline.Sink.Open].
func Sink[C any](name, summary string, defaults C, build func(C, Env) (pipeline.Sink, error)) Spec {
	return spec(KindSink, name, summary, defaults, sinkBuild(func(cfg any, env Env) (pipeline.Sink, error) {
		return build(*cfg.(*C), env)
	}))
}

func spec[C any](kind Kind, name, summary string, defaults C, build any) Spec {
	return Spec{Kind: kind, Name: name, Summary: summary, build: build, defaults: func() any {
		c := defaults
		return &c
	}}
}

// About returns the declaration with a longer text about the component, such
// as its equations and their sources, which Describe and the reference page
// show below the summary.
func (s Spec) About(text string) Spec {
	s.Text = text
	return s
}

// Defaults returns a pointer to a fresh config with the component's defaults.
func (s Spec) Defaults() any { return s.defaults() }

// NewSource builds a source from a config that [Spec.Defaults] made.
func (s Spec) NewSource(cfg any, env Env) (pipeline.Source, error) {
	b, ok := s.build.(sourceBuild)
	if !ok {
		return nil, s.wrongKind(KindSource)
	}
	return wrap(s, func() (pipeline.Source, error) { return b(cfg, env) })
}

// NewEncoder builds an encoder for an open stream.
func (s Spec) NewEncoder(cfg any, info pipeline.StreamInfo) (pipeline.Encoder, error) {
	b, ok := s.build.(encoderBuild)
	if !ok {
		return nil, s.wrongKind(KindEncoder)
	}
	return wrap(s, func() (pipeline.Encoder, error) { return b(cfg, info) })
}

// NewNetwork builds a network for an encoder's shape.
func (s Spec) NewNetwork(cfg any, in pipeline.Shape) (pipeline.Network, error) {
	b, ok := s.build.(networkBuild)
	if !ok {
		return nil, s.wrongKind(KindNetwork)
	}
	return wrap(s, func() (pipeline.Network, error) { return b(cfg, in) })
}

// NewReadout builds a readout for a network's layers.
func (s Spec) NewReadout(cfg any, info pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
	b, ok := s.build.(readoutBuild)
	if !ok {
		return nil, s.wrongKind(KindReadout)
	}
	return wrap(s, func() (pipeline.Readout, error) { return b(cfg, info, layers) })
}

// NewSink builds a sink.
func (s Spec) NewSink(cfg any, env Env) (pipeline.Sink, error) {
	b, ok := s.build.(sinkBuild)
	if !ok {
		return nil, s.wrongKind(KindSink)
	}
	return wrap(s, func() (pipeline.Sink, error) { return b(cfg, env) })
}

func (s Spec) wrongKind(want Kind) error {
	return fmt.Errorf("%s %q is not a %s", s.Kind, s.Name, want)
}

func wrap[T any](s Spec, build func() (T, error)) (T, error) {
	t, err := build()
	if err != nil {
		return t, fmt.Errorf("%s %q: %w", s.Kind, s.Name, err)
	}
	return t, nil
}
