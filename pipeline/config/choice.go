package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"ganglion/pipeline/component"
)

// ParseChoice reads a flag's value that names one of several kinds and sets
// its parameters: NAME, or "NAME: {key: value, ...}" in YAML. It decodes the
// parameters and, at the key selector, the name into the struct that cfg
// points to. Faults come back together as lineErrors, each at the flag and the
// name.
func ParseChoice(flag, text, selector string, cfg any) error {
	name, n, err := parseChoice(flag, text)
	if err != nil {
		return err
	}
	params := component.Fields(cfg)
	params = slices.DeleteFunc(params, func(f component.Field) bool { return f.Key == selector })
	var b builder
	if b.mapping(n, name, params) {
		n.entries = append(n.entries, entry{selector, n.origin, &node{origin: n.origin, value: name, text: name}})
		b.load(n, n.origin, name, cfg)
	}
	if len(b.errs) > 0 {
		return b.errs.sort()
	}
	return nil
}

// parseChoice takes the text apart into the name and a mapping of its parameters.
func parseChoice(flag, text string) (string, *node, error) {
	origin := origin{Flag: flag}
	fail := func(cause string) error { return lineErrors{{Origin: origin, Cause: cause}} }
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return "", nil, fail("not YAML: " + strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return "", nil, fail("is empty")
	}
	p := parser{flag: flag}
	n := p.node(doc.Content[0], "", 0)
	if len(p.errs) > 0 {
		return "", nil, p.errs
	}
	params := &node{origin: origin, kind: mappingNode}
	name, ok := n.value.(string)
	if n.kind == mappingNode && len(n.entries) == 1 {
		name, ok = n.entries[0].key, true
		if given := n.entries[0].node; given.kind != scalarNode || given.value != nil {
			params = given
		}
	}
	if !ok || params.kind != mappingNode {
		return "", nil, fail(fmt.Sprintf("want NAME or 'NAME: {key: value}', got %q", text))
	}
	return name, params, nil
}
