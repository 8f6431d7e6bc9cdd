package config

import (
	"fmt"
	"regexp"
	"strings"
)

// reference matches $${, ${env:NAME} and any other ${...}.
var reference = regexp.MustCompile(`\$\$\{|\$\{[^}]*\}?`)

// expandEnv replaces ${env:NAME} in every string below n.
func expandEnv(n *node, path string, lookup func(string) (string, bool)) Errors {
	var errs Errors
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
			errs = append(errs, &Error{n.origin, path, cause})
			return ref
		}
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
	if !ok || !closed || name == "" {
		return "", fmt.Sprintf("%s is not a reference; write ${env:NAME}, or $${ for a plain ${", ref)
	}
	value, ok = lookup(name)
	if !ok {
		return "", fmt.Sprintf("environment variable %s is not set", name)
	}
	return value, ""
}

// unexpand puts the references below n back into a message, in place of the
// values that the environment gave.
func unexpand(message string, n *node) string {
	if s, ok := n.value.(string); ok && n.kind == scalarNode && s != n.text && s != "" {
		message = strings.ReplaceAll(message, s, n.text)
	}
	for _, e := range n.entries {
		message = unexpand(message, e.node)
	}
	for _, item := range n.items {
		message = unexpand(message, item)
	}
	return message
}

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
