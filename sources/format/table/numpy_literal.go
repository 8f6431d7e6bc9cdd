package table

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// pyLiteral is a piece of the Python literal in a NumPy header: a string, a
// number, a bool or None as text, or a list of others (lists, tuples, and dicts
// as key, value, key, value).
type pyLiteral struct {
	text   string
	quoted bool
	list   []pyLiteral // not nil for what has brackets
}

// pyDepth bounds how deep a literal may be nested.
const pyDepth = 8

var errLiteral = errors.New("is not a Python literal")

// parsePython reads one literal.
func parsePython(s string) (pyLiteral, error) {
	v, rest, err := pyValue(s, pyDepth)
	if err == nil && strings.TrimSpace(rest) != "" {
		err = fmt.Errorf("%w: %.20q follows it", errLiteral, rest)
	}
	return v, err
}

// pyValue reads the literal at the front of s and returns what follows it.
func pyValue(s string, depth int) (v pyLiteral, rest string, err error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return v, s, fmt.Errorf("%w: it ends early", errLiteral)
	case s[0] == '\'' || s[0] == '"':
		text, rest, ok := strings.Cut(s[1:], s[:1])
		if !ok || strings.Contains(text, `\`) {
			return v, s, fmt.Errorf("%w: string %.20q", errLiteral, s)
		}
		return pyLiteral{text: text, quoted: true}, rest, nil
	case strings.IndexByte("[({", s[0]) >= 0:
		if depth == 0 {
			return v, s, fmt.Errorf("%w: it is nested deeper than %d", errLiteral, pyDepth)
		}
		return pyList(s[1:], depth-1)
	}
	n := strings.IndexAny(s, ",:])} \t\r\n")
	if n < 0 {
		n = len(s)
	}
	if n == 0 {
		return v, s, fmt.Errorf("%w: unexpected %q", errLiteral, s[0])
	}
	return pyLiteral{text: s[:n]}, s[n:], nil
}

// pyList reads the elements up to the closing bracket.
func pyList(s string, depth int) (v pyLiteral, rest string, err error) {
	v.list = []pyLiteral{}
	for {
		s = strings.TrimSpace(s)
		if s != "" && strings.IndexByte("])}", s[0]) >= 0 {
			return v, s[1:], nil
		}
		e, rest, err := pyValue(s, depth)
		if err != nil {
			return v, s, err
		}
		v.list = append(v.list, e)
		s = strings.TrimSpace(rest)
		if s != "" && (s[0] == ',' || s[0] == ':') {
			s = s[1:]
		} else if s == "" || strings.IndexByte("])}", s[0]) < 0 {
			return v, s, fmt.Errorf("%w: a comma or bracket is missing at %.20q", errLiteral, s)
		}
	}
}

// get is the value of a key of a dict, or the zero literal.
func (v pyLiteral) get(key string) pyLiteral {
	for i := 0; i+1 < len(v.list); i += 2 {
		if v.list[i].quoted && v.list[i].text == key {
			return v.list[i+1]
		}
	}
	return pyLiteral{}
}

// int is the literal as a number that is not negative.
func (v pyLiteral) int() (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSuffix(v.text, "L"), 10, 64)
	return n, err == nil && n >= 0 && !v.quoted && v.list == nil
}
