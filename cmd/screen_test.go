package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"ganglion/network/nir"
)

// hostile is what a terminal would act on: an erase, a title, a control
// sequence in one rune and in one byte, a turn of the direction of writing.
const hostile = "\x1b[2J\x1b]0;x\x07\u009b31m\x9b\u202e\r\x7f"

func TestNothingOfAFileSteersTheTerminal(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	raw := write("a.aedat", "#!AER-DAT2.0\r\n\x00\x00\x00\x01\x00\x00\x00\x05")
	model := hostileModel(t, filepath.Join(dir, "a.nir"))
	foreign := write("b\x1b[2J.raw", hostile)
	config := write("c.yaml", "name: x\nsource: {type: recording, path: \"\\x1b[2J.raw\"}\n\"\\x1b[31m\": 1\n")
	program, err := exec.LookPath("ganglion")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"inspect", raw, "--chip", "DVS128"}, {"inspect", raw, "--chip", "DVS128", "--json"}, {"inspect", foreign},
		{"convert", raw, filepath.Join(dir, "c.csv")},
		{"validate", config}, {"run", config, "--log-json"}, {"validate", foreign}, {"describe", hostile[:7]}, {hostile[:7]},
		{"run", config, "--set", "source.path=" + hostile[:7] + "x"}, {"nir", "info", foreign},
		{"nir", "info", model}, {"nir", "info", model, "--json"},
	} {
		out, _ := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
		if len(out) == 0 {
			t.Errorf("%q says nothing", args)
		}
		bad := func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
		}
		if !utf8.Valid(out) || bytes.IndexFunc(out, bad) >= 0 {
			t.Errorf("%q: %q", args, out)
		}
	}
}

// hostileModel is a network whose nodes have hostile names.
func hostileModel(t *testing.T, path string) string {
	t.Helper()
	m, err := nir.ReadFile(filepath.Join("..", "testdata", "tiny.nir"), nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	name := strings.ToValidUTF8(hostile, "")
	for i := range m.Graph.Nodes {
		m.Graph.Nodes[i].Name += name
	}
	for i := range m.Graph.Edges {
		m.Graph.Edges[i].From += name
		m.Graph.Edges[i].To += name
	}
	if err := nir.WriteFile(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}
