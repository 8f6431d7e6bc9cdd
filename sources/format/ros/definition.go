package ros

import (
	"fmt"
	"strconv"
	"strings"
)

// primitive is a built-in type of message definitions.
type primitive uint8

const (
	notPrimitive primitive = iota
	bool8
	int8s
	uint8s
	int16s
	uint16s
	int32s
	uint32s
	int64s
	uint64s
	float32s
	float64s
	text
	stamp // ROS 1: seconds and nanoseconds, two uint32
)

var primitives = map[string]primitive{
	"bool": bool8, "int8": int8s, "byte": int8s, "uint8": uint8s, "char": uint8s, "int16": int16s, "uint16": uint16s,
	"int32": int32s, "uint32": uint32s, "int64": int64s, "uint64": uint64s, "float32": float32s, "float64": float64s,
	"string": text, "time": stamp, "duration": stamp,
}

// size is the bytes of a primitive of fixed size; align how CDR aligns it.
func (p primitive) size() int {
	return [...]int{bool8: 1, int8s: 1, uint8s: 1, int16s: 2, uint16s: 2, int32s: 4, uint32s: 4, int64s: 8, uint64s: 8,
		float32s: 4, float64s: 8, text: 0, stamp: 8}[p]
}

func (p primitive) align() int {
	switch p {
	case text, stamp:
		return 4
	}
	return p.size()
}

// node is a field of a message: a primitive or a structure, alone or in an
// array. Each place in a message has a node of its own, so that it can say
// what it is for.
type node struct {
	path  string // from the message on, with dots
	prim  primitive
	sub   []node // of a structure
	array int    // -1 any number, 0 no array, n exactly so many
	role  role
}

// Bounds of a definition: the deepest structure, and all fields together.
const (
	maxDepth  = 8
	maxFields = 512
)

// compiler turns definitions into nodes.
type compiler struct {
	types  map[string]string // "package/Type": its text
	cdr    bool              // of ROS 2
	fields int
}

// compile makes the fields of a message of a type from the text of its
// definition, which holds those of the types it uses behind lines of "=" and
// "MSG: package/Type". Source: the format of gendeps and of rosbag2's "ros2msg".
func compile(name, definition string, cdr bool) ([]node, error) {
	name = shortName(name)
	parts := splitDefinition(definition)
	c := compiler{types: map[string]string{}, cdr: cdr}
	if strings.TrimSpace(parts[0]) != "" {
		c.types[name] = parts[0]
	}
	for _, part := range parts[1:] {
		head, body, _ := strings.Cut(strings.TrimLeft(part, "\r\n"), "\n")
		kind, ok := strings.CutPrefix(strings.TrimSpace(head), "MSG:")
		if !ok {
			return nil, fmt.Errorf("definition of %s: %q: want MSG: and a type", name, head)
		}
		c.types[shortName(strings.TrimSpace(kind))] = body
	}
	return c.fieldsOf(name, "", 0)
}

// splitDefinition cuts a text at its lines of "=".
func splitDefinition(definition string) []string {
	var parts []string
	var part strings.Builder
	for line := range strings.Lines(definition) {
		if trimmed := strings.TrimSpace(line); len(trimmed) >= 3 && strings.Trim(trimmed, "=") == "" {
			parts = append(parts, part.String())
			part.Reset()
			continue
		}
		part.WriteString(line)
	}
	return append(parts, part.String())
}

// shortName is a type as ROS 1 names it: "package/Type" for "package/msg/Type".
func shortName(name string) string { return strings.Replace(name, "/msg/", "/", 1) }

func (c *compiler) fieldsOf(kind, path string, depth int) ([]node, error) {
	body, ok := c.types[kind]
	if !ok && !c.cdr {
		body, ok = builtin1[kind]
	}
	if !ok {
		body, ok = builtin[kind]
	}
	if !ok {
		return nil, fmt.Errorf("the definition of %s is missing", kind)
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: structures nest more than %d deep", kind, maxDepth)
	}
	var nodes []node
	for line := range strings.Lines(body) {
		n, ok, err := c.field(kind, path, line, depth)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if c.fields++; c.fields > maxFields {
			return nil, fmt.Errorf("%s: more than %d fields", kind, maxFields)
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// field reads a line of a definition; ok is false for one without a field.
func (c *compiler) field(parent, path, line string, depth int) (n node, ok bool, err error) {
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	if len(words) < 2 || strings.Contains(line, "=") && !strings.Contains(words[0], "=") {
		return n, false, nil // nothing, or a constant
	}
	kind, array, err := arrayOf(words[0])
	if err != nil {
		return n, false, fmt.Errorf("%s: %w", parent, err)
	}
	n = node{path: join(path, words[1]), array: array}
	base, _, _ := strings.Cut(kind, "<=") // a bounded string
	if n.prim = primitives[base]; n.prim == notPrimitive {
		n.sub, err = c.fieldsOf(c.resolve(parent, kind), n.path, depth+1)
	}
	n.role = roleOf(&n)
	return n, true, err
}

// arrayOf splits a type from its brackets.
func arrayOf(word string) (kind string, array int, err error) {
	kind, bound, ok := strings.Cut(word, "[")
	if !ok {
		return word, 0, nil
	}
	bound = strings.TrimSuffix(bound, "]")
	if bound == "" || strings.HasPrefix(bound, "<=") {
		return kind, -1, nil
	}
	n, err := strconv.Atoi(bound)
	if err != nil || n <= 0 || n > 1<<20 {
		return "", 0, fmt.Errorf("array of %q elements", bound)
	}
	return kind, n, nil
}

// resolve finds the full name of a type that a definition uses.
func (c *compiler) resolve(parent, kind string) string {
	if kind == "Header" {
		return "std_msgs/Header"
	}
	if strings.Contains(kind, "/") {
		return shortName(kind)
	}
	pack, _, _ := strings.Cut(parent, "/")
	return pack + "/" + kind
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
