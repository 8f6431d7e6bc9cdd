package nir_test

import (
	"slices"
	"strings"
	"testing"

	"ganglion/network/nir"
)

func TestNetworksThatComeWithTheProgramAreRead(t *testing.T) {
	m, err := nir.ReadFile("builtin:shapes", nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	file, err := nir.ReadFile("../../configs/shapes.nir", nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Graph.Nodes) == 0 || len(m.Graph.Nodes) != len(file.Graph.Nodes) {
		t.Errorf("%d nodes, want %d", len(m.Graph.Nodes), len(file.Graph.Nodes))
	}
	_, err = nir.ReadFile("builtin:shape", nir.Options{})
	if err == nil || !strings.Contains(err.Error(),
		"builtin:shape: is not among the networks that come with the program: computer, digits, shapes, trunk") {
		t.Error(err)
	}
	if list := nir.Builtin(); !slices.Contains(list, "builtin:shapes") {
		t.Errorf("%q", list)
	}
	if names := nir.Names([]string{"builtin:shapes", "a/shapes.nir"}); names[0] != "shapes" || names[1] != "shapes-2" {
		t.Errorf("%q", names)
	}
}
