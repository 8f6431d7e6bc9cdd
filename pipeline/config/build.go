package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// builder makes one pipeline of one tree.
type builder struct {
	checker
	options Options
	root    *node
}

func (b *builder) pipeline(file string) *Pipeline {
	p := &Pipeline{File: file, root: b.root}
	if b.root.kind != mappingNode {
		b.fail(b.root.origin, "", "want the keys name, source, encoder, network, readout, sinks")
		return p
	}
	for _, o := range b.options.Overrides {
		b.errs = append(b.errs, o.graft(b.root)...)
	}
	b.errs = append(b.errs, expandEnv(b.root, "", b.options.Env)...)
	b.topLevelKeys()

	p.Name = b.name()
	p.Source = b.required(component.KindSource)
	p.Encoder = b.required(component.KindEncoder)
	p.Network = b.required(component.KindNetwork)
	p.Readout = b.required(component.KindReadout)
	p.Sinks = b.sinks()
	for _, s := range b.options.Sections {
		p.Sections = append(p.Sections, Settings{s.Key, b.section(s)})
	}
	if len(b.errs) == 0 {
		p.Hash = hash(p)
		p.beside()
	}
	return p
}

func (b *builder) topLevelKeys() {
	fields := []component.Field{{Key: "name"}, {Key: "source"}, {Key: "encoder"}, {Key: "network"}, {Key: "readout"}, {Key: "sinks"}}
	for _, s := range b.options.Sections {
		fields = append(fields, s.field())
	}
	for _, e := range b.root.entries {
		if _, ok := fieldOf(fields, e.key); !ok {
			b.fail(e.origin, e.key, unknownKey(e.key, fields))
		}
	}
}

func (b *builder) name() string {
	e := b.root.get("name")
	if e == nil {
		b.fail(b.root.origin, "name", "required")
		return ""
	}
	s, ok := e.node.value.(string)
	if !ok || !pipeline.IsName(s) {
		b.fail(e.node.origin, "name", "want letters, digits, _ and - (subjects and file names use it), at most 64")
		return ""
	}
	return s
}

func (b *builder) required(k component.Kind) Part {
	e := b.root.get(string(k))
	if e == nil {
		b.fail(b.root.origin, string(k), "required")
		return Part{}
	}
	return b.part(k, e.node, e.origin, string(k))
}

func (b *builder) sinks() []Part {
	e := b.root.get("sinks")
	if e == nil {
		return nil
	}
	if e.node.kind != listNode {
		b.fail(e.node.origin, "sinks", "want a list of sections, got "+e.node.describe())
		return nil
	}
	var parts []Part
	for i, item := range e.node.items {
		parts = append(parts, b.part(component.KindSink, item, item.origin, joinPath("sinks", strconv.Itoa(i))))
	}
	return parts
}

// part checks and decodes one component's section. at is the place to name
// for what is missing in it.
func (b *builder) part(k component.Kind, n *node, at origin, path string) Part {
	if n.kind != mappingNode {
		b.fail(n.origin, path, "want a section of keys, got "+n.describe())
		return Part{}
	}
	selector := n.get(k.Selector())
	if selector == nil {
		b.fail(at, path, fmt.Sprintf("no %s, know %s", k.Selector(), strings.Join(b.options.Table.OfKind(k).Names(), ", ")))
		return Part{}
	}
	name, _ := selector.node.value.(string)
	spec, err := b.options.Table.Find(k, name)
	if err != nil {
		b.fail(selector.node.origin, joinPath(path, k.Selector()), err.Error())
		return Part{}
	}
	cfg, shared := spec.Defaults(), b.options.sharedSections(k)
	fields := append([]component.Field{{Key: k.Selector(), Type: component.TypeString}}, component.Fields(cfg)...)
	for _, s := range shared {
		fields = append(fields, s.field())
	}
	if !b.mapping(n, path, fields) {
		return Part{}
	}
	own, sections := n.split(k.Selector(), shared)
	b.load(own, at, path, cfg)
	part := Part{Spec: spec, Config: cfg, Written: component.Leaves(cfg)}
	for i, s := range shared {
		settings := s.new()
		b.load(sections[i], at, joinPath(path, s.Key), settings)
		part.Sections = append(part.Sections, Settings{s.Key, settings})
	}
	return part
}

// split takes a component's section apart: its own keys, and the sections that
// it shares with every component of its kind, empty ones for absent ones.
func (n *node) split(selector string, shared []Section) (own *node, sections []*node) {
	own = &node{origin: n.origin, kind: mappingNode}
	sections = make([]*node, len(shared))
	for i := range sections {
		sections[i] = &node{origin: n.origin, kind: mappingNode}
	}
	for _, e := range n.entries {
		if i := slices.IndexFunc(shared, func(s Section) bool { return s.Key == e.key }); i >= 0 {
			sections[i] = e.node
		} else if e.key != selector {
			own.entries = append(own.entries, e)
		}
	}
	return own, sections
}

func (b *builder) section(s Section) any {
	cfg := s.new()
	if e := b.root.get(s.Key); e != nil && s.short != "" && e.node.plainValue() {
		at := e.node.origin
		e.node = &node{origin: at, kind: mappingNode, entries: []entry{{s.short, at, e.node}}}
	}
	if e := b.root.get(s.Key); e != nil && b.mapping(e.node, s.Key, component.Fields(cfg)) {
		b.load(e.node, e.origin, s.Key, cfg)
	}
	return cfg
}

// plainValue reports whether the node is a scalar or a list, and not empty.
func (n *node) plainValue() bool {
	return n.kind == listNode || n.kind == scalarNode && n.value != nil
}

// usePreset makes the defaults those of the preset that a section names.
func usePreset(n *node, cfg any) {
	c, ok := cfg.(component.Preset)
	if e := n.get("preset"); ok && e != nil {
		if name, ok := e.node.value.(string); ok {
			c.UsePreset(name)
		}
	}
}

// load decodes a section whose keys and types were checked, and checks the
// values. at is the place to name for what is missing in it.
func (b *builder) load(n *node, at origin, path string, cfg any) {
	usePreset(n, cfg)
	if err := decode(n, cfg); err != nil {
		b.fail(at, path, unexpand(err.Error(), n))
		return
	}
	for _, problem := range component.Validate(cfg) {
		origin, cause := at, problem.Cause
		if nearest, _ := n.find(problem.Path); nearest != n {
			origin = nearest.origin
			if nearest.env {
				cause = limit.ReplaceAllString(cause, strings.ReplaceAll(nearest.text, "$", "$$")+" $1")
			}
		}
		full := path
		if problem.Path != "" {
			full = joinPath(path, problem.Path)
		}
		b.fail(origin, full, unexpand(cause, n))
	}
}
