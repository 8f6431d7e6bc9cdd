package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sampled is a folder with a package of three mutants, and with files that have none.
func sampled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.go":       "package a\n\nfunc f(a, b int) bool { return a < b }\n\nfunc g(a int) int { return a + 1 }\n\nfunc h(n *int) { *n = 1 }\n",
		"a_test.go":  "package a\n\nvar x = 1 < 2\n",
		"a_other.go": "package a\n\nvar x = 1 < 2\n",
		"a.txt":      "1 < 2",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestMutantsAreDrawnInTurnFromThePackages(t *testing.T) {
	a, b := sampled(t), sampled(t)
	draw := func(n int, seed uint64, judge func(pkg string, m mutant) (verdict, error)) ([]result, []string, error) {
		var tried []string
		results, err := draws{packages: []string{a, b}, n: n, seed: seed}.run(func(pkg string, m mutant) (verdict, error) {
			tried = append(tried, strings.Replace(strings.Replace(m.String(), a, "A", 1), b, "B", 1))
			return judge(pkg, m)
		})
		return results, tried, err
	}
	noticing := func(string, mutant) (verdict, error) { return noticed, nil }
	results, tried, err := draw(4, 1, noticing)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"A", "B", "A", "B"} {
		if !strings.HasPrefix(tried[i], want) {
			t.Errorf("mutant %d is of another package: %q", i, tried)
		}
	}
	if results[0].tried != 2 || results[1].tried != 2 || len(results[0].survivors) != 0 {
		t.Errorf("%+v", results)
	}
	if _, again, _ := draw(4, 1, noticing); !cmp.Equal(tried, again) {
		t.Errorf("the same seed draws %q, then %q", tried, again)
	}
	// There are no more than there are, and the order is the seed's.
	_, all, err := draw(100, 1, noticing)
	if err != nil || len(all) != 6 {
		t.Errorf("%d of six mutants (%v)", len(all), err)
	}
	different := false
	for seed := range uint64(8) {
		_, other, _ := draw(100, seed, noticing)
		different = different || !cmp.Equal(all, other)
	}
	if !different {
		t.Error("the seed makes no difference")
	}

	// What does not compile does not count: another one takes its place.
	results, tried, err = draw(2, 1, func(_ string, m mutant) (verdict, error) {
		if strings.Contains(m.what, "<") {
			return broken, nil
		}
		return survived, nil
	})
	counted := len(results[0].survivors) + len(results[1].survivors)
	if err != nil || counted != 2 || results[0].tried+results[1].tried != 2 || len(tried) < 2 {
		t.Errorf("%+v of %q (%v)", results, tried, err)
	}
	refuse := errors.New("no compiler")
	if _, _, err := draw(2, 1, func(string, mutant) (verdict, error) { return 0, refuse }); !errors.Is(err, refuse) {
		t.Errorf("error %v", err)
	}
}

func TestTheReportIsATableAndTheSurvivors(t *testing.T) {
	m := mutant{file: "a/x.go", line: 7, what: "<", with: "<="}
	dropped := mutant{file: "b/y.go", line: 9, what: "n++"}
	var b strings.Builder
	report(&b, []string{"a", "b"}, []result{{3, []mutant{m}}, {2, []mutant{dropped}}})
	want := `| package | mutants | not noticed |
| --- | ---: | ---: |
| ` + "`a`" + ` | 3 | 1 |
| ` + "`b`" + ` | 2 | 1 |
| all | 5 | 2 |

- a/x.go:7: <= for <
- b/y.go:9: without n++
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
	if got := []string{noticed.String(), survived.String(), broken.String()}; !cmp.Equal(got, []string{"noticed", "SURVIVED", "broken"}) {
		t.Errorf("%q", got)
	}
}

func TestTheArgumentsSayWhatIsBroken(t *testing.T) {
	dir := sampled(t)
	var b strings.Builder
	if err := command(t.Context(), []string{"-n", "0", "-seed", "7", dir}, &b); err != nil {
		t.Fatal(err)
	}
	if want := "| `" + dir + "` | 0 | 0 |\n| all | 0 | 0 |\n"; !strings.Contains(b.String(), want) {
		t.Errorf("%s, want %s", b.String(), want)
	}
	if err := command(t.Context(), []string{"-n", "0"}, &b); err != nil {
		t.Fatal(err)
	}
	for _, p := range core {
		if !strings.Contains(b.String(), "| `"+p+"` | 0 | 0 |") {
			t.Errorf("%s is not of the core", p)
		}
	}
	for _, args := range [][]string{{"-n", "many"}, {"-nothing"}} {
		if err := command(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%q is understood", args)
		}
	}
}

// How the tests ended decides; a test that hangs has noticed.
func TestAVerdictIsOfHowTheTestsEnded(t *testing.T) {
	failed := errors.New("exit status 1")
	for _, c := range []struct {
		out  string
		err  error
		want verdict
	}{
		{"ok  \tx\t0.1s\n", nil, survived},
		{"--- FAIL: TestX\nFAIL\tx\t0.1s\n", failed, noticed},
		{"panic: test timed out after 1m0s\nFAIL\tx\t60s\n", failed, noticed},
		{"x/x.go:3:5: undefined: y\nFAIL\tx [build failed]\n", failed, broken},
		{"FAIL\tx [setup failed]\n", failed, broken},
	} {
		if got := judge([]byte(c.out), c.err); got != c.want {
			t.Errorf("%q: %v, want %v", c.out, got, c.want)
		}
	}
}

func TestWhatCannotBeMutatedIsTold(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.go"), []byte("package"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), io.Discard, []string{dir}, 1, 1, time.Second); err == nil || !strings.Contains(err.Error(), "x.go") {
		t.Errorf("error %v", err)
	}
	if _, err := mutants("[" /* no pattern */); err == nil {
		t.Error("a folder that no pattern can name is read")
	}
	if _, err := (mutant{file: filepath.Join(dir, "absent.go")}).apply(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := try(t.Context(), dir, dir, mutant{file: filepath.Join(dir, "absent.go")}, time.Second); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := try(ended, dir, dir, mutant{file: filepath.Join(dir, "x.go")}, time.Second); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := try(t.Context(), filepath.Join(dir, "absent"), dir, mutant{file: filepath.Join(dir, "x.go")},
		time.Second); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
