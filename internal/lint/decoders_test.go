package lint

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/shareddata"
)

const decodersBegin, decodersEnd = "<!-- decoders: go test ./internal/lint -update -->\n", "<!-- end of decoders -->\n"

var (
	constructor = regexp.MustCompile(`func (\w+)\(\) format\.Format \{\n\treturn format\.Format\{\n\t\tName: +"([^"]+)"`)
	constructs  = regexp.MustCompile(`func \w+\(\) format\.Format \{`)
	fuzzTarget  = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	cutTest     = regexp.MustCompile(`(?m)^func (Test\w*(?:Cut|Truncated|EveryLength)\w*)\(`)
	damageTest  = regexp.MustCompile(`(?m)^func (Test\w*(?:Damage|Flipped|Lie|Malicious|AreRefused|IsRefused|NotRead|Missing|Drops)\w*)\(`)
)

// parsers are the packages below the formats that take bytes from outside apart,
// and those that do it live. What they allocate, and how fast they are, is held
// where the formats are.
var parsers = []string{
	"internal/arrowipc", "internal/compression", "internal/hdf5", "internal/hdf5/blosc", "internal/hdf5/ecf", "internal/matfile",
	"internal/sqlite", "sources/tcp", "sources/udp",
}

// TestEveryDecoderIsHeld: each format has a fuzz target and is in the kit that its
// package gives to formattest.Suite (cut at every byte, bits flipped, memory
// bounded, nothing allocated) and to formattest.BenchmarkDecode; each parser below
// has a fuzz target and tests of cut and of damaged input. docs/testing.md has them
// all.
func TestEveryDecoderIsHeld(t *testing.T) {
	t.Parallel()
	want, faults := decoders(files(t, ".go"))
	for _, f := range faults {
		t.Error(f)
	}
	name := shareddata.Project(t, "docs", "testing.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), decodersBegin)
	have, after, ends := strings.Cut(rest, decodersEnd)
	if !begins || !ends {
		t.Fatalf("docs/testing.md has no %q and %q", decodersBegin, decodersEnd)
	}
	if *update {
		if err := os.WriteFile(name, []byte(before+decodersBegin+want+decodersEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		have = want
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Errorf("the decoders of docs/testing.md are not those of the packages; go test ./internal/lint -update:\n%s", d)
	}
}

// decoders is a table of what holds each decoder, and what is missing.
func decoders(all []source) (table string, faults []string) {
	code, tests := map[string]string{}, map[string]string{} // by folder
	var folders []string
	for _, f := range all {
		if f.isTest() {
			tests[f.folder()] += f.text
			continue
		}
		if code[f.folder()] == "" {
			folders = append(folders, f.folder())
		}
		code[f.folder()] += f.text
	}
	formats, libraries := "", ""
	for _, folder := range folders {
		found := constructor.FindAllStringSubmatch(code[folder], -1)
		if n := len(constructs.FindAllString(code[folder], -1)); n != len(found) {
			faults = append(faults, fmt.Sprintf("%s: %d formats, of which %d begin with their name", folder, n, len(found)))
		}
		for _, m := range found {
			row, missing := formatRow(folder, m[1], m[2], tests[folder])
			formats, faults = formats+row, append(faults, missing...)
		}
		if slices.Contains(parsers, folder) {
			row, missing := parserRow(folder, tests[folder])
			libraries, faults = libraries+row, append(faults, missing...)
		}
	}
	return "| format | fuzz target | the rest |\n| --- | --- | --- |\n" + formats +
		"\n| parser | fuzz targets | cut input | damaged input |\n| --- | --- | --- | --- |\n" + libraries, faults
}

// formatRow is the row of a format, and what its package lacks.
func formatRow(folder, makes, name, tests string) (row string, missing []string) {
	fuzz := regexp.MustCompile(`func (Fuzz\w+)\(f \*testing\.F\) +\{ formattest\.Fuzz\(f, kit, "` + name + `"\)`).FindStringSubmatch(tests)
	if fuzz == nil {
		missing = append(missing, fmt.Sprintf("%s: format %s has no fuzz target", folder, name))
		fuzz = []string{"", ""}
	}
	kit := regexp.MustCompile(`Formats: +\[\]format\.Format\{[^}]*\b` + makes + `\(\)`)
	for what, is := range map[string]bool{
		"in the kit of its package":                  kit.MatchString(tests),
		"given to formattest.Suite, by its kit":      strings.Contains(tests, "formattest.Suite(t, kit)"),
		"given to formattest.BenchmarkDecode, by it": strings.Contains(tests, "formattest.BenchmarkDecode(b, kit)"),
	} {
		if !is {
			missing = append(missing, fmt.Sprintf("%s: format %s is not %s", folder, name, what))
		}
	}
	return fmt.Sprintf("| `%s` | `%s` | `TestFormats`, `BenchmarkDecode` of `%s` |\n", name, fuzz[1], folder), missing
}

// parserRow is the row of a parser, and what its package lacks.
func parserRow(folder, tests string) (row string, missing []string) {
	row = fmt.Sprintf("| `%s` |", folder)
	for _, c := range []struct {
		what string
		find *regexp.Regexp
		most int
	}{{"fuzz target", fuzzTarget, 5}, {"test of cut input", cutTest, 1}, {"test of damaged input", damageTest, 1}} {
		found := c.find.FindAllStringSubmatch(tests, c.most)
		if len(found) == 0 {
			missing = append(missing, fmt.Sprintf("%s: no %s", folder, c.what))
		}
		var names []string
		for _, f := range found {
			names = append(names, "`"+f[1]+"`")
		}
		row += " " + strings.Join(names, ", ") + " |"
	}
	return row + "\n", missing
}

func TestADecoderThatNothingHoldsIsFound(t *testing.T) {
	t.Parallel()
	_, faults := decoders([]source{
		{"sources/format/x/x.go", "func X() format.Format {\n\treturn format.Format{\n\t\tName: \"x\"\n"},
		{"sources/format/y/y.go", "func Y() format.Format {\n\treturn y\n"},
		{"internal/sqlite/x.go", "package sqlite"},
	})
	if len(faults) != 8 {
		t.Errorf("%d faults: %q", len(faults), faults)
	}
}
