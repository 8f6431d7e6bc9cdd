package cmd

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which folders of the module the files of a folder may import;
// every folder may import itself.
var mayImport = map[string][]string{
	"internal": nil,
	"pipeline": {"internal"},
	"sources":  {"pipeline", "internal"},
	"encoders": {"pipeline", "internal"},
	"network":  {"pipeline", "internal"},
	"sinks":    {"pipeline", "internal"},
	"cmd":      {"pipeline", "internal", "sources", "encoders", "network", "sinks"},
}

// mustNotImport are rooms that do not know each other within a folder: a
// format does not import its source.
var mustNotImport = []struct{ from, to string }{
	{"sources/format/", "sources/recording"},
	{"network/motion/track/", "network/nir"},
	{"network/motion/", "network/train"},
	{"network/nir/", "network/train"},
	{"network/nir/", "network/motion"},
	{"network/sound/", "network/train"},
	{"network/train/bptt/", "network/sound"},
}

// mayImportToo are rooms that know more than their folder does: what was trained
// behind an encoder hears through it (docs/decisions.md).
var mayImportToo = []struct{ from, to string }{
	{"network/train/", "encoders"},
	{"network/sound/hearing/", "encoders"},
}

// TestImportsPointOneWay holds the program to its shape: cmd on top of
// sources, encoders, network and sinks, those on top of pipeline and beside
// each other. Test files are free.
func TestImportsPointOneWay(t *testing.T) {
	root := ".."
	checked := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		checked++
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		for _, wrong := range wrongImports(t, file, filepath.ToSlash(relative)) {
			t.Errorf("%s imports %s", relative, wrong)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 50 {
		t.Errorf("only %d files were checked", checked)
	}
}

// wrongImports lists the imports of a file that its folder may not have.
func wrongImports(t *testing.T, file, relative string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var wrong []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if !allowed(relative, imported) {
			wrong = append(wrong, imported)
		}
	}
	return wrong
}

func allowed(file, imported string) bool {
	local, ok := strings.CutPrefix(imported, "ganglion/")
	if !ok {
		return true
	}
	for _, rule := range mustNotImport {
		if strings.HasPrefix(file, rule.from) && (local == rule.to || strings.HasPrefix(local, rule.to+"/")) {
			return false
		}
	}
	if path.Dir(file) == "network" && strings.HasPrefix(local, "network/") {
		return false // the engine knows no reader, tracker or trainer
	}
	for _, rule := range mayImportToo {
		if strings.HasPrefix(file, rule.from) && strings.HasPrefix(local, rule.to+"/") {
			return true
		}
	}
	from, _, _ := strings.Cut(file, "/")
	to, _, _ := strings.Cut(local, "/")
	targets, known := mayImport[from]
	return known && (from == to || slices.Contains(targets, to))
}

func TestTheImportRulesCanFail(t *testing.T) {
	for _, test := range []struct {
		file, imported string
		want           bool
	}{
		{"pipeline/runner/run.go", "ganglion/pipeline/config", true},
		{"pipeline/runner/run.go", "ganglion/network", false},
		{"sinks/jsonl/sink.go", "ganglion/pipeline", true},
		{"sinks/jsonl/sink.go", "ganglion/sources/recording", false},
		{"network/engine.go", "ganglion/cmd/ganglion", false},
		{"extra/x.go", "ganglion/pipeline", false},
		{"cmd/ganglion/main.go", "ganglion/sinks/jsonl", true},
		{"network/engine.go", "context", true},
		{"network/engine.go", "ganglion/network/nir", false},
		{"network/engine.go", "ganglion/encoders/cochlea", false},
		{"network/train/words/ear.go", "ganglion/encoders/cochlea", true},
		{"network/motion/track/track.go", "ganglion/network/nir", false},
		{"network/motion/track/track.go", "ganglion/network/motion/score", true},
		{"internal/hdf5/file.go", "ganglion/pipeline", false},
		{"sources/format/evt/evt2.go", "ganglion/sources/recording", false},
		{"sources/recording/table.go", "ganglion/sources/format/evt", true},
	} {
		if got := allowed(test.file, test.imported); got != test.want {
			t.Errorf("%s imports %s: allowed %t, want %t", path.Dir(test.file), test.imported, got, test.want)
		}
	}
}
