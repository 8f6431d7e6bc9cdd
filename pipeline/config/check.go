package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ganglion/pipeline/component"
)

// checker compares a tree with declarations and collects faults.
type checker struct{ errs lineErrors }

func (c *checker) fail(o origin, path, cause string) {
	c.errs = append(c.errs, &lineError{o, path, cause})
}

// mapping checks that n has only the keys of fields and that each value has
// its field's type, and reports whether that is so.
func (c *checker) mapping(n *node, path string, fields []component.Field) bool {
	if n.kind != mappingNode {
		c.fail(n.origin, path, "want a section of keys, got "+n.describe())
		return false
	}
	before := len(c.errs)
	c.rename(n, path, fields)
	for _, e := range n.entries {
		at := joinPath(path, e.key)
		if f, ok := fieldOf(fields, e.key); ok {
			c.value(e.node, at, f)
		} else {
			c.fail(e.origin, at, unknownKey(e.key, fields))
		}
	}
	return len(c.errs) == before
}

// rename gives the keys of a mapping that are earlier names of fields their
// present ones. Of two names of a field, one that a flag sets wins.
func (c *checker) rename(n *node, path string, fields []component.Field) {
	for i := 0; i < len(n.entries); i++ {
		e := &n.entries[i]
		at := slices.IndexFunc(fields, func(f component.Field) bool { return e.key != f.Key && f.Named(e.key) })
		if _, known := fieldOf(fields, e.key); known || at < 0 {
			continue
		}
		key := fields[at].Key
		other := n.get(key)
		switch {
		case other == nil:
			e.key = key
			continue
		case e.origin.Flag != "" && other.origin.Flag == "":
			other.origin, other.node = e.origin, e.node
		case e.origin.Flag == "" && other.origin.Flag != "":
		default:
			c.fail(e.origin, joinPath(path, e.key), fmt.Sprintf("is the earlier name of %s, which stands at %s", key, other.origin))
		}
		n.entries = slices.Delete(n.entries, i, i+1)
		i--
	}
}

func (c *checker) value(n *node, path string, f component.Field) {
	switch {
	case f.Type == component.TypeSection:
		c.mapping(n, path, f.Fields)
	case f.Type == component.TypeList && n.kind == listNode:
		for i, item := range n.items {
			c.value(item, joinPath(path, strconv.Itoa(i)), *f.Elem)
		}
	case f.Type == component.TypeList || n.kind != scalarNode:
		c.fail(n.origin, path, fmt.Sprintf("want a %s, got %s", f.TypeText(), n.describe()))
	default:
		c.scalar(n, path, f)
	}
}

// scalar checks a scalar and turns it into what is decoded: a value from the
// environment has the type that the field wants, and a secret may stand in a
// file.
func (c *checker) scalar(n *node, path string, f component.Field) {
	if text, ok := n.value.(string); ok && n.env && f.Type != component.TypeString && f.Type != component.TypeSecret {
		n.value = plainScalar(text)
	}
	if cause := f.ScalarFault(n.value, n.text); cause != "" {
		c.fail(n.origin, path, cause)
		return
	}
	n.value = f.Scalar(n.value)
	if f.Type == component.TypeSecret {
		secret, err := component.ReadSecret(n.value.(string), n.origin.folder())
		if err != nil {
			c.fail(n.origin, path, unexpand(err.Error(), n))
			return
		}
		n.value = string(secret)
	}
}

// describe names what a node is without showing its value, which may be secret.
func (n *node) describe() string {
	switch {
	case n.kind == mappingNode:
		return "a section"
	case n.kind == listNode:
		return "a list"
	case n.value == nil:
		return "nothing"
	}
	return "a plain value"
}

func fieldOf(fields []component.Field, key string) (component.Field, bool) {
	for _, f := range fields {
		if f.Key == key {
			return f, true
		}
	}
	return component.Field{}, false
}

func unknownKey(key string, fields []component.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Key
	}
	if hint := component.DidYouMean(key, names); hint != "" {
		return "unknown key" + hint
	}
	return "unknown key, know " + strings.Join(names, ", ")
}
