package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// leakless are packages without tests of their own, whose users look for leaks.
var leakless = []string{"sinks/nats/natstest", "cmd/scaleout"}

// starts reports whether source code starts a goroutine, itself or through a
// group.
func starts(name, src string) (bool, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		return false, err
	}
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Go" && len(n.Args) == 1 {
				found = true
			}
		}
		return !found
	})
	return found, nil
}

var looksForLeaks = regexp.MustCompile(`goleak\.(VerifyTestMain|Find)\(`)

// leaky lists the packages that start goroutines and do not look for leaks. The
// map has the source of each file by its path.
func leaky(sources map[string]string) (dirs []string, err error) {
	watched := map[string]bool{}
	for name, src := range sources {
		if strings.HasSuffix(name, "_test.go") && looksForLeaks.MatchString(src) {
			watched[path.Dir(name)] = true
		}
	}
	for name, src := range sources {
		dir := path.Dir(name)
		if strings.HasSuffix(name, "_test.go") || watched[dir] || slices.Contains(leakless, dir) || slices.Contains(dirs, dir) {
			continue
		}
		does, err := starts(name, src)
		if err != nil {
			return nil, err
		}
		if does {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return dirs, nil
}

func TestWhoStartsAGoroutineLooksForLeaks(t *testing.T) {
	t.Parallel()
	const group, plain = "package x\nfunc f(g *errgroup.Group) { g.Go(f) }\n", "package x\nfunc Go() {}\n"
	const watching = "package x\nfunc TestMain(m *testing.M) { goleak.VerifyTestMain(m) }\n"
	got, err := leaky(map[string]string{
		"a/a.go": group, "a/a_test.go": watching, "b/b.go": group, "b/b_test.go": "package x\n", "c/c.go": plain,
		"d/d.go": "package x\nfunc f() { go f() }\n", "e/e_test.go": group,
	})
	if err != nil || !slices.Equal(got, []string{"b", "d"}) {
		t.Fatalf("%v, %v: this test proves nothing", got, err)
	}
	sources := map[string]string{}
	for _, f := range files(t, ".go") {
		if !strings.Contains(f.path, "testdata/") && !strings.HasPrefix(f.path, "findings/") {
			sources[f.path] = f.text
		}
	}
	dirs, err := leaky(sources)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		t.Errorf("%s starts goroutines; its tests want func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }", dir)
	}
}
