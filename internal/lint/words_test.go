package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
)

// term is a row of the glossary: what is written, and patterns of what is not.
type term struct {
	write string
	not   []*regexp.Regexp
}

// anySpace is what stands between two words: also the end of a line, and what
// begins the next line of a comment.
const anySpace = `(?: |\n\t*(?:// )?)`

// glossary reads the table "write | not" of CONTRIBUTING.md. Every piece in
// backticks of the second column is a regular expression of whole words, in
// lower case, with / for |.
func glossary(t *testing.T) []term {
	t.Helper()
	text, err := os.ReadFile(shareddata.Project(t, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "| write | not |\n| --- | --- |\n")
	if !ok {
		t.Fatal("CONTRIBUTING.md has no table of words")
	}
	var terms []term
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, " | ")
		if !strings.HasPrefix(line, "|") || len(cells) < 2 {
			break
		}
		row := term{write: strings.TrimPrefix(cells[0], "| ")}
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
			words := strings.ReplaceAll(strings.ReplaceAll(m[1], "/", "|"), " ", anySpace)
			row.not = append(row.not, regexp.MustCompile(words))
		}
		terms = append(terms, row)
	}
	return terms
}

// in finds a term's wrong words in a text in lower case, as whole words. (A \b in
// the expression would make the search several times as slow.)
func (t term) in(text string) (places [][]int) {
	letter := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= 'a' && text[i] <= 'z' }
	for _, not := range t.not {
		for _, at := range not.FindAllStringIndex(text, -1) {
			if !letter(at[0]-1) && !letter(at[1]) {
				places = append(places, at)
			}
		}
	}
	return places
}

func TestWordsAreTheFieldsOwn(t *testing.T) {
	t.Parallel()
	terms := glossary(t)
	if len(terms) < 8 {
		t.Fatalf("the glossary has %d rows", len(terms))
	}
	for _, f := range files(t, ".go", ".md", ".s", ".sh", "Makefile", ".ci/") {
		if f.path == "CONTRIBUTING.md" || strings.HasPrefix(f.path, "internal/lint/") {
			continue
		}
		text := strings.ToLower(strings.ReplaceAll(f.text, "Refractory time.Duration", "")) // a field, and its type
		for _, term := range terms {
			for _, at := range term.in(text) {
				t.Errorf("%s:%d: %q: write %s", f.path, 1+strings.Count(text[:at[0]], "\n"), text[at[0]:at[1]], term.write)
			}
		}
	}
}

func TestTheGlossaryFindsItsOwnWords(t *testing.T) {
	t.Parallel()
	text := "it says\n\t// whether the refractory time is over; what goes\non is no number, 3 an hour"
	found := 0
	for _, term := range glossary(t) {
		found += len(term.in(text))
	}
	if found != 5 {
		t.Errorf("%d terms of the glossary are found in %q", found, text)
	}
}

// TestConfigKeysAreSentences: the doc tag of every config key begins with a capital letter and
// ends with a full stop.
func TestConfigKeysAreSentences(t *testing.T) {
	t.Parallel()
	keys := 0
	for _, f := range files(t, ".go") {
		if f.isTest() {
			continue
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, f.path, f.text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil {
				return true
			}
			tag, err := strconv.Unquote(field.Tag.Value)
			if err != nil {
				t.Fatal(err)
			}
			if doc, ok := reflect.StructTag(tag).Lookup("doc"); ok {
				keys++
				if !strings.HasSuffix(doc, ".") && !strings.HasSuffix(doc, "?") || strings.ToLower(doc[:1]) == doc[:1] && doc[0] >= 'a' {
					t.Errorf("%s: %q: want a capital letter and a full stop", fset.Position(field.Pos()), doc)
				}
			}
			return true
		})
	}
	if keys < 100 {
		t.Errorf("only %d config keys were found", keys)
	}
}
