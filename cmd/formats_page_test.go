package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ganglion/sources/recording"
)

// damageLiteral matches a kind of damage where a decoder counts it, and where
// it is declared.
var damageLiteral = regexp.MustCompile(`(?:amage\.Add\(|^\t\w+ += )"([a-z0-9_]+)"`)

// TestFormatsPageIsComplete holds docs/formats.md to the table of formats and
// to the kinds of damage in the decoders' source.
func TestFormatsPageIsComplete(t *testing.T) {
	page := string(mustRead(t, "../docs/formats.md"))
	for _, f := range recording.Formats() {
		row := regexp.MustCompile(`(?m)^\| .` + f.Name + `. \| [^|]+ \| ([^|]+) \| yes \| ([^|]+) \|`).FindStringSubmatch(page)
		if row == nil {
			t.Errorf("no row for %s", f.Name)
			continue
		}
		if got := strings.TrimSpace(row[1]); got != strings.Join(f.Extensions, " ") {
			t.Errorf("%s: endings %s, want %s", f.Name, got, strings.Join(f.Extensions, " "))
		}
		if (row[2] == "no") == f.Writable() {
			t.Errorf("%s: write %q, writable %t", f.Name, row[2], f.Writable())
		}
	}
	kinds := damageKinds(t)
	if len(kinds) < 10 {
		t.Errorf("only %d kinds of damage were found in the source", len(kinds))
	}
	for kind, file := range kinds {
		if !strings.Contains(page, "`"+kind+"`") {
			t.Errorf("%s, counted in %s, is not explained", kind, file)
		}
	}
}

// damageKinds finds the kinds of damage and where they stand.
func damageKinds(t *testing.T) map[string]string {
	t.Helper()
	var files []string
	for _, glob := range []string{"../sources/recording/*.go", "../sources/format/*.go", "../sources/format/*/*.go"} {
		some, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	kinds := make(map[string]string)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		declared := filepath.Base(file) == "damage.go"
		for line := range strings.SplitSeq(string(text), "\n") {
			m := damageLiteral.FindStringSubmatch(line)
			if m != nil && (declared || strings.Contains(line, "amage.Add")) {
				kinds[m[1]] = filepath.Base(file)
			}
		}
	}
	return kinds
}
