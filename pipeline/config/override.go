package config

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"ganglion/internal/redact"
)

// Override is a value from the command line that replaces one of the file.
type Override struct {
	Flag  string // as the user knows it: "--set network.shards"
	Path  string // "network.shards", "sinks.0.path", "sinks"
	Dir   string // where relative paths of the value begin; empty is the working directory
	value *yaml.Node
}

// ParseSet reads the argument of --set: a key path, "=", and a YAML value.
func ParseSet(arg string) (Override, error) {
	path, text, ok := strings.Cut(arg, "=")
	if !ok || path == "" {
		return Override{}, fmt.Errorf("--set %s: want key=value, such as network.shards=2", redact.Text(arg))
	}
	if text == "-" { // the word for standard output; YAML takes it for a list
		return SetString("--set "+path, path, text), nil
	}
	o := Override{Flag: "--set " + path, Path: path}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		cause := strings.TrimPrefix(err.Error(), "yaml: ")
		if strings.Contains(text, " #") {
			cause += "; a # behind a blank begins a comment unless it stands in quotes"
		}
		return Override{}, fmt.Errorf("%s: not YAML: %s", o.Flag, cause)
	}
	switch {
	case commented(&doc, text):
		return SetString(o.Flag, path, strings.TrimSpace(text)), nil
	case len(doc.Content) > 0:
		o.value = doc.Content[0]
	default:
		o.value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	}
	return o, nil
}

// commented reports whether YAML takes a part of a value for a comment, which
// nobody writes on a command line: "door #2" is all text.
func commented(doc *yaml.Node, text string) bool {
	if len(doc.Content) == 0 {
		return strings.HasPrefix(strings.TrimSpace(text), "#")
	}
	n := doc.Content[0]
	return n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value != strings.TrimSpace(text) && strings.Contains(text, "#")
}

// SetString makes an override from a flag of its own, such as --input; the
// value is a string whatever it looks like.
func SetString(flag, path, value string) Override {
	return Override{Flag: flag, Path: path, value: &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}}
}

// graft puts the override's value into the tree. Sections on the way that the
// file lacks are made; a list is only ever indexed, never grown.
func (o Override) graft(root *node) lineErrors {
	p := parser{flag: o.Flag, dir: o.Dir}
	value := p.node(o.value, o.Path, 0)
	origin := origin{Flag: o.Flag, Dir: o.Dir}
	keys := strings.Split(o.Path, ".")
	at := root
	for i, key := range keys {
		last := i == len(keys)-1
		switch {
		case at.kind == listNode:
			index, err := strconv.Atoi(key)
			if err != nil || index < 0 || index >= len(at.items) {
				p.fail(origin, o.Path, "%s has %d elements, no element %q", strings.Join(keys[:i], "."), len(at.items), key)
				return p.errs
			}
			if last {
				at.items[index] = value
			}
			at = at.items[index]
		case at.kind == scalarNode && at.value != nil:
			p.fail(origin, o.Path, "%s is a plain value and has no keys", strings.Join(keys[:i], "."))
			return p.errs
		default:
			at.kind = mappingNode
			at = at.child(key, origin, value, last)
		}
	}
	return p.errs
}

// child returns the entry's node, which an override sets or makes.
func (n *node) child(key string, origin origin, value *node, set bool) *node {
	e := n.get(key)
	if e == nil {
		n.entries = append(n.entries, entry{key, origin, &node{origin: origin, kind: mappingNode}})
		e = n.get(key)
	}
	if set {
		e.origin, e.node = origin, value
	}
	return e.node
}
