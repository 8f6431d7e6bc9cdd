package pipeline

import (
	"regexp"
	"strings"
	"testing"
)

func TestNamesHaveTheirForm(t *testing.T) {
	t.Parallel()
	form, yes := regexp.MustCompile(NameForm), 0
	names := []string{"", "a", "9", "cam-1", "_a", "-a", "a_", "a.b", "a b", "a\n", "ä", "a/b",
		strings.Repeat("x", 64), strings.Repeat("x", 65)}
	for c := range 256 {
		names = append(names, string([]byte{byte(c)}), string([]byte{'a', byte(c)}))
	}
	for _, name := range names {
		if IsName(name) != form.MatchString(name) {
			t.Errorf("%q: %t, the form says %t", name, IsName(name), form.MatchString(name))
		}
		if IsName(name) {
			yes++
		}
	}
	if yes < 100 {
		t.Errorf("%d names", yes)
	}
}
