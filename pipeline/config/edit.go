package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Edit puts values into the document of one pipeline, and returns the file with
// its comments. Where the file holds other pipelines too, they are left out.
func Edit(data []byte, name string, values []Override) ([]byte, error) {
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("no pipeline is named %q", name)
		}
		if err != nil {
			return nil, err
		}
		if n := entryOf(doc.Content[0], "name"); n == nil || n.Value != name {
			continue
		}
		for _, o := range values {
			if err := put(doc.Content[0], strings.Split(o.Path, "."), o.value); err != nil {
				return nil, fmt.Errorf("%s: %w", o.Path, err)
			}
		}
		var out bytes.Buffer
		encoder := yaml.NewEncoder(&out)
		encoder.SetIndent(2)
		if err := errors.Join(encoder.Encode(&doc), encoder.Close()); err != nil {
			return nil, err
		}
		return out.Bytes(), nil
	}
}

// entryOf is the value of a key of a mapping, nil where there is none.
func entryOf(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// put replaces the value at a path, and makes the mappings on the way to it.
func put(n *yaml.Node, path []string, value *yaml.Node) error {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if len(path) == 0 {
		head, line := n.HeadComment, n.LineComment
		*n = *value
		n.HeadComment, n.LineComment = head, line
		return nil
	}
	if n.Kind == yaml.SequenceNode {
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(n.Content) {
			return fmt.Errorf("a list of %d has no element %q", len(n.Content), path[0])
		}
		return put(n.Content[i], path[1:], value)
	}
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("a plain value has no key %q", path[0])
	}
	e := entryOf(n, path[0])
	if e == nil {
		e = &yaml.Node{Kind: yaml.MappingNode, Style: n.Style}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: path[0]}, e)
	}
	return put(e, path[1:], value)
}
