package nir

import (
	"fmt"
	"strings"
)

// nirError reports which node, and which of its parameters, is at fault.
type nirError struct {
	Node  string // names joined with "." where graphs are nested; empty for the file as a whole
	Type  string // of the node, empty when unknown
	Param string // empty for the node as a whole
	Err   error
}

// Error reads `nir: node "fc1" (Affine): bias: shape [3] for 4 outputs`.
func (e *nirError) Error() string {
	var b strings.Builder
	b.WriteString("nir: ")
	if e.Node != "" {
		fmt.Fprintf(&b, "node %q", e.Node)
		if e.Type != "" {
			fmt.Fprintf(&b, " (%s)", e.Type)
		}
		b.WriteString(": ")
	}
	if e.Param != "" {
		b.WriteString(e.Param + ": ")
	}
	fmt.Fprint(&b, e.Err)
	return b.String()
}

// Unwrap returns the cause.
func (e *nirError) Unwrap() error { return e.Err }

// join puts a nested node's name behind that of its graph.
func join(graph, node string) string {
	if graph == "" {
		return node
	}
	return graph + "." + node
}
