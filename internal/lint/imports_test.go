package lint

import (
	"flag"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// mayImport reports which rooms of the module a room may import, a room being a
// folder and all below it. The longest name that fits a package counts; a
// package may always import what lies below itself, and never a program.
var mayImport = map[string][]string{
	"internal":                {"internal"},
	"configs":                 {"configs"},
	"pipeline":                {"internal", "pipeline"},
	"sources":                 {"internal", "pipeline", "sources"},
	"sources/format":          {"internal", "pipeline", "sources/format"},
	"encoders":                {"internal", "pipeline", "encoders"},
	"network":                 {"internal", "pipeline"},
	"network/nir":             {"internal", "pipeline", "network", "network/nir", "configs"},
	"network/motion":          {"internal", "pipeline", "network", "network/motion"},
	"network/motion/track":    {"internal", "pipeline"},
	"network/score":           {"internal", "pipeline"},
	"network/motion/zones":    {"internal", "pipeline", "network/motion/track"},
	"network/motion/baseline": {"internal", "pipeline", "network/pass", "network/motion/track", "network/motion/zones"},
	"network/sound":           {"internal", "pipeline", "network", "network/nir", "network/sound"},
	"network/sound/hearing":   {"internal", "pipeline", "encoders", "network", "network/nir", "network/sound", "network/score"},
	"network/train":           {"internal", "pipeline", "encoders", "network"},
	"network/train/bptt":      {"internal", "pipeline", "network", "network/nir"},
	"sinks":                   {"internal", "pipeline", "sinks"},
	"cmd":                     {"internal", "pipeline", "sources", "encoders", "network", "sinks", "cmd"},
	"cmd/ganglion":            {"cmd"},
}

// reasons tell why a rule that is easy to break is there.
var reasons = map[string]string{
	"network/motion/track": "the tracker takes boxes of spikes from any network",
	"sources/format":       "a format is a decoder and a writer; seeking, pace and sockets are the source's",
	"pipeline":             "the contracts know none of their implementations",
	"internal":             "what is not a contract and no component depends on neither",
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	imports := localImports(t)
	if len(imports) < 50 {
		t.Errorf("only %d packages were checked", len(imports))
	}
	var lines []string
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		for _, to := range imports[from] {
			if !allowed(from, to) {
				t.Errorf("%s imports %s, which %s may not: %s", from, to, room(from), reasons[room(from)])
			}
		}
		lines = append(lines, from+": "+strings.Join(imports[from], " "))
	}
	const file = "testdata/imports.txt"
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("a new arrow between packages (go test ./internal/lint -update writes %s, to be read before it is committed):\n%s", file, d)
	}
}

func TestTheImportRulesCanFail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from, to string
		want     bool
	}{
		{"pipeline/runner", "pipeline/config", true},
		{"pipeline/runner", "network", false},
		{"internal/hdf5", "pipeline", false},
		{"sinks/jsonl", "pipeline", true},
		{"sinks/jsonl", "sources/recording", false},
		{"network", "network/nir", false},
		{"network", "cmd", false},
		{"network/motion/track", "network/nir", false},
		{"network/motion", "network/motion/track", true},
		{"network/train/words", "encoders/cochlea", true},
		{"network/sound/keyword", "encoders/cochlea", false},
		{"sources/format/evt", "sources/recording", false},
		{"sources/recording", "sources/format/evt", true},
		{"extra", "pipeline", false},
		{"cmd", "cmd/ganglion", false},
	} {
		if got := allowed(test.from, test.to); got != test.want {
			t.Errorf("%s imports %s: allowed %t, want %t", test.from, test.to, got, test.want)
		}
	}
}

// allowed reports whether a package may import another.
func allowed(from, to string) bool {
	if to == "cmd/ganglion" {
		return false
	}
	if strings.HasPrefix(to, from+"/") {
		return from != "network" && from != "internal" // the engine is below what is built from it
	}
	for _, target := range mayImport[room(from)] {
		if to == target || strings.HasPrefix(to, target+"/") && target != "network" || target == "network" && inEngine(from, to) {
			return true
		}
	}
	return false
}

// inEngine reports whether a room that may import the network may import a
// package below it: the trainers alone reach into all rooms.
func inEngine(from, to string) bool {
	return strings.HasPrefix(to, "network/") && (strings.HasPrefix(from, "network/train/") || strings.HasPrefix(from, "cmd"))
}

// room is the longest room of mayImport that a package lies in.
func room(of string) string {
	for {
		if _, ok := mayImport[of]; ok {
			return of
		}
		i := strings.LastIndexByte(of, '/')
		if i < 0 {
			return ""
		}
		of = of[:i]
	}
}

// localImports lists what each package of the module imports of the module.
// Tests are free.
func localImports(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	for _, f := range files(t, ".go") {
		if f.isTest() {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.path, f.text, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		from := f.folder()
		known := imports[from]
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if to, ok := strings.CutPrefix(path, "ganglion/"); ok && !slices.Contains(known, to) {
				known = append(known, to)
			}
		}
		slices.Sort(known)
		imports[from] = known
	}
	return imports
}
