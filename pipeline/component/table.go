package component

import (
	"errors"
	"fmt"
	"strings"
)

// Table is every component that a program offers, in the order of the listing.
type Table []Spec

// OfKind returns the components of one kind.
func (t Table) OfKind(k Kind) Table {
	var specs Table
	for _, s := range t {
		if s.Kind == k {
			specs = append(specs, s)
		}
	}
	return specs
}

// Named returns the components of one name; several kinds may share it.
func (t Table) Named(name string) Table {
	var specs Table
	for _, s := range t {
		if s.Name == name {
			specs = append(specs, s)
		}
	}
	return specs
}

// Names lists the names, each once.
func (t Table) Names() []string {
	seen := map[string]bool{}
	var names []string
	for _, s := range t {
		if !seen[s.Name] {
			seen[s.Name] = true
			names = append(names, s.Name)
		}
	}
	return names
}

// Find returns the component of a kind and name, or an error that lists the
// names and suggests the nearest. A component that is declared wrongly is
// refused here, where it is used: checking all of them costs every start.
func (t Table) Find(k Kind, name string) (Spec, error) {
	specs := t.OfKind(k)
	if found := specs.Named(name); len(found) > 0 {
		return found[0], found.Check()
	}
	names := specs.Names()
	hint := DidYouMean(name, names)
	if hint == "" {
		hint = ", know " + strings.Join(names, ", ")
	}
	return Spec{}, fmt.Errorf("unknown %s %q%s", k, name, hint)
}

// CheckNames reports every name that two components of a kind have.
func (t Table) CheckNames() error {
	var errs []error
	seen := map[string]bool{}
	for _, s := range t {
		id := string(s.Kind) + " " + s.Name
		if seen[id] {
			errs = append(errs, fmt.Errorf("%s is declared twice", id))
		}
		seen[id] = true
	}
	return errors.Join(errs...)
}

// Check reports every mistake in the declarations. It takes milliseconds.
func (t Table) Check() error {
	errs := []error{t.CheckNames()}
	for _, s := range t {
		errs = append(errs, s.Check())
	}
	return errors.Join(errs...)
}

// DidYouMean returns `, did you mean "x"?` for the name nearest to word, or
// nothing when none is near.
func DidYouMean(word string, names []string) string {
	if near := nearest(word, names); near != "" {
		return fmt.Sprintf(", did you mean %q?", near)
	}
	return ""
}

// nearest returns the name with the smallest edit distance to word, the first
// of several, or "" when more than a third of the word differs.
func nearest(word string, names []string) string {
	best, limit := "", (len(word)+2)/3
	for _, name := range names {
		if d := editDistance(strings.ToLower(word), strings.ToLower(name)); d <= limit {
			best, limit = name, d-1
		}
	}
	return best
}

// editDistance is Levenshtein's, over bytes. Long words are not compared.
func editDistance(a, b string) int {
	const longest = 64
	if len(a) > longest || len(b) > longest {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
