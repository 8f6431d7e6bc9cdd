package config

import (
	"slices"
	"strconv"
	"strings"

	"ganglion/internal/redact"
	"ganglion/pipeline/component"
)

// Value is one value of a resolved configuration.
type Value struct {
	Path   string // in the form that --set takes
	Text   string // as YAML; secrets redacted, environment references as written
	Origin string // "default", a place in a file, or a flag
}

// Resolved lists every value of the pipeline with its origin, defaults
// included.
func (p *Pipeline) Resolved() []Value {
	vs := []Value{p.value("name", p.Name)}
	for _, part := range []Part{p.Source, p.Encoder, p.Network, p.Readout} {
		vs = p.part(vs, string(part.Spec.Kind), part)
	}
	for i, part := range p.Sinks {
		vs = p.part(vs, "sinks."+strconv.Itoa(i), part)
	}
	for _, s := range p.Sections {
		vs = p.leaves(vs, s.Key, s.Config)
	}
	return vs
}

func (p *Pipeline) part(vs []Value, path string, part Part) []Value {
	vs = append(vs, p.value(joinPath(path, part.Spec.Kind.Selector()), part.Spec.Name))
	vs = p.leaves(vs, path, part.Config)
	for _, s := range part.Sections {
		vs = p.leaves(vs, joinPath(path, s.Key), s.Config)
	}
	return vs
}

func (p *Pipeline) leaves(vs []Value, path string, cfg any) []Value {
	for _, leaf := range component.Leaves(cfg) {
		v := p.value(joinPath(path, leaf.Path), leaf.Text)
		if leaf.Type == component.TypeSecret {
			v.Text = leaf.Text
		}
		vs = append(vs, v)
	}
	return vs
}

// value finds out where a value came from. One that an environment variable
// went into is shown as it was written.
func (p *Pipeline) value(path, text string) Value {
	n, ok := p.root.find(path)
	if !ok {
		return Value{path, redact.Text(text), "default"}
	}
	if n.expanded() {
		text = n.written()
	}
	return Value{path, redact.Text(text), n.origin.String()}
}

// At is the place of a value, or of the nearest one above it, such as
// "motion.yaml:7:3" or "--set sinks".
func (p *Pipeline) At(path string) string {
	n, _ := p.root.find(path)
	return n.origin.String()
}

// expanded reports that an environment variable went into the value or a part.
func (n *node) expanded() bool {
	if s, ok := n.value.(string); ok && s != n.text {
		return true
	}
	return n.env || slices.ContainsFunc(n.items, (*node).expanded)
}

// written is a scalar or a list of scalars as the document has it.
func (n *node) written() string {
	if n.kind != listNode {
		return strconv.Quote(n.text)
	}
	items := make([]string, len(n.items))
	for i, item := range n.items {
		items[i] = item.written()
	}
	return "[" + strings.Join(items, ", ") + "]"
}
