package main

import (
	"os"
	"path/filepath"
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
