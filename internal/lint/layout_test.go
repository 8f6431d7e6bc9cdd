package lint

import (
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/shareddata"
)

const (
	widest    = 140 // characters of a line of Go, struct tags and raw strings excepted: Go cannot break them
	longest   = 400 // lines of a file
	fullest   = 45  // Go files of a folder, tests not counted
	programme = 150 // lines of cmd/ganglion
)

func TestLinesAndFilesFitAScreen(t *testing.T) {
	t.Parallel()
	for _, f := range files(t, ".go") {
		for i, line := range strings.Split(f.text, "\n") {
			if n := utf8.RuneCountInString(line); n > widest && !strings.Contains(line, `doc:"`) && !strings.Contains(line, "`") {
				t.Errorf("%s:%d: %d characters, at most %d", f.path, i+1, n, widest)
			}
		}
		if n := strings.Count(f.text, "\n"); n > longest && !f.isTest() {
			t.Errorf("%s: %d lines, at most %d: is a type or a package missing?", f.path, n, longest)
		}
	}
}

func TestFoldersAreNotCrowded(t *testing.T) {
	t.Parallel()
	count, lines := map[string]int{}, map[string]int{}
	for _, f := range files(t, ".go") {
		if !f.isTest() {
			count[f.folder()]++
			lines[f.folder()] += strings.Count(f.text, "\n")
		}
	}
	for folder, n := range count {
		if n > fullest {
			t.Errorf("%s: %d Go files, at most %d", folder, n, fullest)
		}
	}
	if n := lines["cmd/ganglion"]; n == 0 || n > programme {
		t.Errorf("cmd/ganglion: %d lines, want 1 to %d: it starts package cmd, nothing else", n, programme)
	}
}

// tree begins and ends the generated part of docs/architecture.md.
const treeBegin, treeEnd = "<!-- tree: go test ./internal/lint -update -->\n", "<!-- end of tree -->\n"

// TestEveryFolderIsInTheArchitecture: docs/architecture.md has a row for each
// folder with Go files, which is the first sentence of its package.
func TestEveryFolderIsInTheArchitecture(t *testing.T) {
	t.Parallel()
	name := shareddata.Project(t, "docs", "architecture.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), treeBegin)
	have, after, ends := strings.Cut(rest, treeEnd)
	if !begins || !ends {
		t.Fatalf("docs/architecture.md has no %q and %q", treeBegin, treeEnd)
	}
	want := tree(t)
	if *update {
		if err := os.WriteFile(name, []byte(before+treeBegin+want+treeEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		have = want
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Errorf("the rooms of docs/architecture.md are not those of the packages; go test ./internal/lint -update:\n%s", d)
	}
}

// tree is a table of all packages with the first sentence of each.
func tree(t *testing.T) string {
	t.Helper()
	synopses := map[string]string{}
	for _, f := range files(t, ".go") {
		if f.isTest() {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.path, f.text, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if s := new(doc.Package).Synopsis(parsed.Doc.Text()); s != "" || synopses[f.folder()] == "" {
			synopses[f.folder()] = s
		}
	}
	rows := "| folder | what is in it |\n| --- | --- |\n"
	for _, folder := range slices.Sorted(maps.Keys(synopses)) {
		if synopses[folder] == "" {
			t.Errorf("%s: no file has a package comment", folder)
		}
		rows += "| `" + folder + "` | " + synopses[folder] + " |\n"
	}
	return rows
}

// TestTheArchitectureNamesFilesThatExist: what is written as a path of the
// project in docs/architecture.md is there.
func TestTheArchitectureNamesFilesThatExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(shareddata.Project(t, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	paths := regexp.MustCompile("`([a-z]+/[a-z0-9_/]+[.]go)`").FindAllStringSubmatch(string(text), -1)
	if len(paths) < 10 {
		t.Errorf("docs/architecture.md names %d files: the way of an event has more hops", len(paths))
	}
	for _, path := range paths {
		if _, err := os.Stat(shareddata.Project(t, path[1])); err != nil {
			t.Errorf("docs/architecture.md names %s: %v", path[1], err)
		}
	}
}
