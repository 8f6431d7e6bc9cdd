package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reference matches $${, ${env:NAME}, ${env:NAME:-DEFAULT} and any other ${...}.
var reference = regexp.MustCompile(`\$\$\{|\$\{[^}]*\}?`)

// expandEnv replaces references to the environment in every string below n.
func expandEnv(n *node, path string, lookup func(string) (string, bool)) lineErrors {
	var errs lineErrors
	for _, e := range n.entries {
		errs = append(errs, expandEnv(e.node, joinPath(path, e.key), lookup)...)
	}
	for i, item := range n.items {
		errs = append(errs, expandEnv(item, joinPath(path, fmt.Sprint(i)), lookup)...)
	}
	s, ok := n.value.(string)
	if !ok || n.kind != scalarNode {
		return errs
	}
	n.value = reference.ReplaceAllStringFunc(s, func(ref string) string {
		value, cause := resolve(ref, lookup)
		if cause != "" {
			errs = append(errs, &lineError{n.origin, path, cause})
			return ref
		}
		n.env = n.env || ref != "$${"
		return value
	})
	return errs
}

func resolve(ref string, lookup func(string) (string, bool)) (value, cause string) {
	if ref == "$${" {
		return "${", ""
	}
	name, ok := strings.CutPrefix(ref, "${env:")
	name, closed := strings.CutSuffix(name, "}")
	name, otherwise, optional := strings.Cut(name, ":-")
	if !ok || !closed || name == "" {
		return "", fmt.Sprintf("%s is not a reference; write ${env:NAME}, ${env:NAME:-DEFAULT}, or $${ for a plain ${", ref)
	}
	value, ok = lookup(name)
	switch {
	case optional && value == "": // as shells have it: empty is as good as not set
		return otherwise, ""
	case !ok:
		return "", fmt.Sprintf("environment variable %s is not set", name)
	}
	return value, ""
}

// plainScalar is a text as the scalar that YAML makes of it without quotes.
func plainScalar(text string) any {
	var p parser
	y := yaml.Node{Kind: yaml.ScalarNode, Value: strings.TrimSpace(text)}
	if v := p.scalar(&y, "", origin{}); len(p.errs) == 0 {
		return v
	}
	return text
}

// unexpand puts the references below n back into a message, in place of the
// values that the environment gave.
func unexpand(message string, n *node) string {
	if n.kind == scalarNode && n.env {
		message = hide(message, n)
	}
	for _, e := range n.entries {
		message = unexpand(message, e.node)
	}
	for _, item := range n.items {
		message = unexpand(message, item)
	}
	return message
}

// limit matches a message about a number that is beyond a limit.
var limit = regexp.MustCompile(`^\S+ (is (?:below|above) the )`)

// hide puts one reference back. A number stands only in messages about limits,
// which are about one value.
func hide(message string, n *node) string {
	s, _ := n.value.(string)
	if quoted := strconv.Quote(s); s != "" {
		message = strings.ReplaceAll(message, s, n.text)
		message = strings.ReplaceAll(message, quoted[1:len(quoted)-1], n.text)
	}
	return message
}

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
