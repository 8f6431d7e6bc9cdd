package config

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds of a document, so that nested aliases cannot fill the memory.
const (
	maxDepth = 64
	maxNodes = 1 << 16
)

type nodeKind int

const (
	scalarNode nodeKind = iota
	mappingNode
	listNode
)

// node is one value of a document.
type node struct {
	origin  origin
	kind    nodeKind
	value   any     // of a scalar: nil, bool, int64, uint64, float64 or string
	text    string  // of a scalar: as it was written
	env     bool    // of a scalar: a reference to the environment is in it
	entries []entry // of a mapping, in order, keys distinct
	items   []*node // of a list
}

type entry struct {
	key    string
	origin origin
	node   *node
}

// get returns the entry of a key, or nil.
func (n *node) get(key string) *entry {
	for i := range n.entries {
		if n.entries[i].key == key {
			return &n.entries[i]
		}
	}
	return nil
}

// find returns the node at a key path and whether it is there; where the path
// breaks off it returns the last node on the way.
func (n *node) find(path string) (*node, bool) {
	if path == "" {
		return n, true
	}
	key, rest, _ := strings.Cut(path, ".")
	if e := n.get(key); e != nil {
		return e.node.find(rest)
	}
	if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(n.items) {
		return n.items[i].find(rest)
	}
	return n, false
}

// parseTrees reads the documents of a YAML stream; empty ones are left out.
func parseTrees(file string, data []byte) ([]*node, lineErrors) {
	var trees []*node
	var errs lineErrors
	for decoder := yaml.NewDecoder(strings.NewReader(string(data))); ; {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return trees, errs
		}
		if err != nil {
			return trees, append(errs, syntaxError(file, data, err))
		}
		p := parser{file: file}
		n := p.node(doc.Content[0], "", 0)
		errs = append(errs, p.errs...)
		if n.kind != scalarNode || n.value != nil {
			trees = append(trees, n)
		}
	}
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

// bare matches a reference in a collection without the quotes that it needs.
var bare = regexp.MustCompile(`[{\[][^"'\n]*\$\{`)

// syntaxError moves the line from yaml's message to the origin.
func syntaxError(file string, data []byte, err error) *lineError {
	text := err.Error()
	origin := origin{File: file}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		origin.Line, _ = strconv.Atoi(m[1]) // the pattern admits digits only
		text = text[len(m[0]):]
	}
	cause := "not YAML: " + strings.TrimPrefix(text, "yaml: ")
	if bare.Match(data) {
		cause += "; between { } or [ ] a ${env:NAME} stands in quotes"
	}
	return &lineError{Origin: origin, Cause: cause}
}

// parser turns yaml's nodes into ours and collects faults.
type parser struct {
	file  string
	flag  string // of an override, for the origins
	dir   string // likewise
	nodes int
	errs  lineErrors
}

func (p *parser) fail(o origin, path, format string, args ...any) {
	p.errs = append(p.errs, &lineError{o, path, fmt.Sprintf(format, args...)})
}

func (p *parser) origin(y *yaml.Node) origin {
	if p.flag != "" {
		return origin{Flag: p.flag, Dir: p.dir}
	}
	return origin{File: p.file, Line: y.Line, Column: y.Column}
}

func (p *parser) node(y *yaml.Node, path string, depth int) *node {
	n := &node{origin: p.origin(y)}
	p.nodes++
	if depth > maxDepth || p.nodes > maxNodes {
		if p.nodes <= maxNodes+1 { // once
			p.fail(n.origin, path, "nested too deep or too large (limits %d levels, %d values)", maxDepth, maxNodes)
		}
		p.nodes = maxNodes + 1
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		return p.node(y.Alias, path, depth+1)
	case yaml.SequenceNode:
		n.kind = listNode
		for i, c := range y.Content {
			n.items = append(n.items, p.node(c, joinPath(path, strconv.Itoa(i)), depth+1))
		}
	case yaml.MappingNode:
		n.kind = mappingNode
		p.mapping(n, y, path, depth)
	default:
		n.text = y.Value
		n.value = p.scalar(y, path, n.origin)
	}
	return n
}

func (p *parser) mapping(n *node, y *yaml.Node, path string, depth int) {
	for i := 0; i+1 < len(y.Content); i += 2 {
		k := y.Content[i]
		e := entry{key: k.Value, origin: p.origin(k)}
		if k.Kind != yaml.ScalarNode {
			p.fail(e.origin, path, "a key must be a plain word")
			continue
		}
		if first := n.get(e.key); first != nil {
			p.fail(e.origin, joinPath(path, e.key), "stands twice, first at %s", first.origin)
			continue
		}
		e.node = p.node(y.Content[i+1], joinPath(path, e.key), depth+1)
		n.entries = append(n.entries, e)
	}
}

func (p *parser) scalar(y *yaml.Node, path string, at origin) any {
	switch y.ShortTag() {
	case "!!null":
		return nil
	case "!!bool", "!!int", "!!float":
		var v any
		if err := y.Decode(&v); err != nil {
			p.fail(at, path, "%q cannot be read as %s", y.Value, y.ShortTag())
		}
		if i, ok := v.(int); ok {
			return int64(i)
		}
		return v
	}
	return y.Value
}
