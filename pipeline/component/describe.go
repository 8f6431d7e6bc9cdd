package component

import (
	"fmt"
	"strings"
)

// Describe explains the component for a terminal: summary, every config key
// with type, default, limits, unit and meaning, and an example.
func (s Spec) Describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n", s.Kind, s.Name, s.Summary)
	if s.Text != "" {
		b.WriteString("\n" + s.Text)
	}
	if fields := s.Fields(); len(fields) > 0 {
		b.WriteString("\nConfig keys:\n")
		describeFields(&b, "  ", fields)
	}
	b.WriteString("\nExample:\n")
	for line := range strings.Lines(s.Example()) {
		b.WriteString("  " + line)
	}
	return b.String()
}

func describeFields(b *strings.Builder, indent string, fields []Field) {
	for _, f := range fields {
		fmt.Fprintf(b, "%s%s  %s\n%s    %s\n", indent, f.Key, f.Facts(), indent, f.Doc)
		describeFields(b, indent+"  ", f.Nested())
	}
}

// Nested returns the keys below a section or a list of sections.
func (f Field) Nested() []Field {
	if f.Elem != nil {
		return f.Elem.Nested()
	}
	return f.Fields
}

// Facts joins type, unit, default and limits: "number (px), default 4, 0 to 9".
// A key that can change while the component runs is "live".
func (f Field) Facts() string {
	facts := f.TypeText()
	if f.Unit != "" {
		facts += " (" + f.Unit + ")"
	}
	switch {
	case f.Required:
		facts += ", required"
	case f.Default != "" && f.Default != `""` && f.Default != "[]":
		facts += ", default " + f.Default
	}
	if limits := f.limits(); limits != "" {
		facts += ", " + limits
	}
	if f.Live {
		facts += ", live"
	}
	return facts
}

// Example is a section of a pipeline config that uses the component with its
// required keys and those that declare an example.
func (s Spec) Example() string {
	lines := []string{s.Kind.Selector() + ": " + yamlString(s.Name)}
	for _, f := range s.Fields() {
		if f.Example != "" {
			lines = append(lines, f.Key+": "+f.ExampleText())
		}
	}
	if s.Kind == KindSink {
		return "sinks:\n  - " + strings.Join(lines, "\n    ") + "\n"
	}
	return string(s.Kind) + ":\n  " + strings.Join(lines, "\n  ") + "\n"
}

// ExampleText is the example as YAML.
func (f Field) ExampleText() string {
	if f.Type == TypeString || f.Type == TypeSecret {
		return yamlString(f.Example)
	}
	return f.Example
}
