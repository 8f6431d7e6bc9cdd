package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const source = `package x

const limit = 1 + 2

func f(a, b int) (int, error) {
	if a < b && b != limit {
		a++
		g(a)
		a = b
		a -= 1
	}
	c, d := a*b, a/b
	return c + d, fmt.Errorf("%d", a+b)
}
`

func TestEveryPlaceIsFound(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x_test.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := mutants(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range all {
		src, err := m.apply()
		if err != nil {
			t.Fatal(err)
		}
		before, after := strings.Split(source, "\n"), strings.Split(string(src), "\n")
		if d := cmp.Diff(before[:m.line-1], after[:m.line-1]) + cmp.Diff(before[m.line:], after[m.line:]); d != "" {
			t.Errorf("%v changes another line: %s", m, d)
		}
		got = append(got, strings.TrimSpace(after[m.line-1]))
	}
	want := []string{
		"if a < b || b != limit {", "if a <= b && b != limit {", "if a < b && b == limit {",
		"", "", "", "", "c, d := a/b, a/b", "c, d := a*b, a*b", `return c - d, fmt.Errorf("%d", a+b)`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWhatNoTestNoticesSurvives(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	dir := filepath.Join("testdata", "sample")
	all, err := mutants(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]verdict{}
	for _, m := range all {
		v, err := try(t.Context(), t.TempDir(), dir, m, 1e10)
		if err != nil {
			t.Fatal(err)
		}
		got[m.String()] = v
	}
	at := "testdata/sample/sample.go:"
	want := map[string]verdict{at + "6: - for +": noticed, at + "11: >= for >": survived, at + "12: without n = a": noticed, at +
		"18: - for +": broken}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s %v, want %v; all: %v", k, got[k], v, got)
		}
	}
}

// TestEveryGuaranteeHasAControl holds the table of docs/reliability.md to the
// controls: each safeguard is in its file, once, every test that is named is there,
// and each row has a control of its own or tests without their safeguard.
func TestEveryGuaranteeHasAControl(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	page, err := os.ReadFile(filepath.Join("docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range controls {
		if _, err := c.mutant(); err != nil {
			t.Error(err)
		}
		for name := range strings.SplitSeq(c.tests, "|") {
			if !strings.Contains(string(page), "`"+name+"`") {
				t.Errorf("docs/reliability.md does not name %s", name)
			}
			if !there(t, c.pkg, name) {
				t.Errorf("%s has no %s", c.pkg, name)
			}
		}
	}
	pkg := ""
	for _, m := range regexp.MustCompile("`([a-z]+(?:/[a-z]+)*)`: |`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(string(page), -1) {
		if m[1] != "" {
			pkg = m[1]
		} else if !there(t, pkg, m[2]) {
			t.Errorf("docs/reliability.md names %s: %s has none", m[2], pkg)
		}
	}
	if missing := without(string(page), controls); len(missing) > 0 {
		t.Errorf("no control: %s", strings.Join(missing, "\n"))
	}
	if missing := without(string(page), nil); len(missing) < 20 { // the control of this test
		t.Errorf("without controls %d guarantees have none", len(missing))
	}
}

// there reports whether a package has a test.
func there(t *testing.T, pkg, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(src), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}

// without are the guarantees of the page that have no control.
func without(page string, list []control) (missing []string) {
	for row := range strings.Lines(page) {
		cells := strings.Split(row, " | ")
		if !strings.HasPrefix(row, "| ") || len(cells) != 3 || !strings.Contains(cells[2], "`") {
			continue // of another table
		}
		has := strings.Contains(cells[2], "control")
		for _, c := range list {
			for name := range strings.SplitSeq(c.tests, "|") {
				has = has || strings.Contains(cells[2], "`"+name+"`")
			}
		}
		if !has {
			missing = append(missing, strings.TrimPrefix(cells[0], "| "))
		}
	}
	return missing
}

func TestASafeguardThatNobodyMissesIsTold(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	dir := filepath.Join("testdata", "sample")
	file := filepath.Join(dir, "sample.go")
	missed := control{file, "return a + b\n}", "return a\n}", dir, "TestSum"}
	if err := takeOut(t.Context(), []control{missed}, 1e10); err != nil {
		t.Errorf("the test fails without it: %v", err)
	}
	failing := filepath.Join("testdata", "failing")
	for what, c := range map[string]control{
		"with them": {filepath.Join(failing, "failing.go"), "= true", "= false", failing, "TestHolds"}, // fails anyhow
		"1 of 1":    {file, "a > n", "a >= n", dir, "TestSum"},                                         // nothing fails
		"of 1 ":     {file, "a > n", "a >", dir, "TestSum"},                                            // does not compile
		"0 times":   {file, "a < n", "", dir, "TestSum"},                                               // is not there
		"2 times":   {file, "return a + b", "return 0", dir, "Test"},                                   // could be either
	} {
		if err := takeOut(t.Context(), []control{c}, 1e10); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := chosen([]string{"TestAHoldIsOne"}); len(got) != 1 || len(chosen(nil)) != len(controls) {
		t.Errorf("%d controls of one test, %d in all", len(got), len(chosen(nil)))
	}
}
