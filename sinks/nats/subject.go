package nats

import (
	"fmt"
	"regexp"
	"strings"

	"ganglion/pipeline"
)

var mark = regexp.MustCompile(`\{[^}]*\}`)

// validateSubject checks a template: tokens between dots, none empty, without
// wildcards, blanks or unknown marks.
func validateSubject(template string) error {
	for _, m := range mark.FindAllString(template, -1) {
		if m != "{name}" && m != "{kind}" {
			return fmt.Errorf("subject: %s is neither {name} nor {kind}", m)
		}
	}
	if err := checkTokens(expand(template, "x", "x")); err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	return nil
}

func checkTokens(subject string) error {
	for token := range strings.SplitSeq(subject, ".") {
		if token == "" {
			return fmt.Errorf("%q has an empty token", subject)
		}
		if i := strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("*>{}", r) }); i >= 0 {
			return fmt.Errorf("%q holds %q, which a subject cannot", subject, token[i])
		}
	}
	if strings.HasPrefix(subject, "$") {
		return fmt.Errorf("%q is reserved for the server", subject)
	}
	return nil
}

func expand(template, name, kind string) string {
	return strings.NewReplacer("{name}", name, "{kind}", kind).Replace(template)
}

// covers reports whether a stream that takes the subjects of pattern takes all
// that subject, which may have wildcards itself, stands for.
func covers(pattern, subject string) bool {
	p, s := strings.Split(pattern, "."), strings.Split(subject, ".")
	for i, token := range p {
		switch {
		case token == ">":
			return len(s) > i
		case i >= len(s) || token != "*" && token != s[i]:
			return false
		}
	}
	return len(p) == len(s)
}

// subjects gives the subject of each kind of detection. Kinds are few, so each
// is put together once.
type subjects struct {
	template, name string
	by             map[pipeline.Kind]string
}

func newSubjects(template, name string) (*subjects, error) {
	if strings.Contains(template, "{name}") {
		if err := checkTokens(name); err != nil {
			return nil, fmt.Errorf("pipeline name: %w", err)
		}
		if strings.Contains(name, ".") {
			return nil, fmt.Errorf("pipeline name %q has a dot and would be several tokens of the subject", name)
		}
	}
	return &subjects{template, name, map[pipeline.Kind]string{}}, nil
}

// of returns the subject of a kind, or an error for a kind that is not a token.
func (s *subjects) of(k pipeline.Kind) (string, error) {
	if subject, ok := s.by[k]; ok {
		return subject, nil
	}
	subject := expand(s.template, s.name, string(k))
	if err := checkTokens(subject); err != nil {
		return "", err
	}
	s.by[k] = subject
	return subject, nil
}
