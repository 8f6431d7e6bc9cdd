package component

import (
	"fmt"
	"strings"
)

// Reference is the reference page of a table's components as Markdown.
func (t Table) Reference() string {
	var b strings.Builder
	b.WriteString("# Components\n\nGenerated from the declarations; `ganglion describe NAME` shows the same on the terminal.\n")
	for _, k := range Kinds() {
		for _, s := range t.OfKind(k) {
			s.reference(&b)
		}
	}
	return b.String()
}

func (s Spec) reference(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s `%s`\n\n%s.\n", s.Kind, s.Name, upperFirst(s.Summary))
	if s.Text != "" {
		b.WriteString("\n" + s.Text)
	}
	if fields := s.Fields(); len(fields) > 0 {
		b.WriteString("\n| key | type and default | meaning |\n| --- | --- | --- |\n")
		referenceRows(b, "", fields)
	}
	fmt.Fprintf(b, "\n```yaml\n%s```\n", s.Example())
}

func referenceRows(b *strings.Builder, path string, fields []Field) {
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, f := range fields {
		key := join(path, f.Key)
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", key, cell.Replace(f.Facts()), cell.Replace(f.Doc))
		if f.Type == TypeList {
			key += ".N"
		}
		referenceRows(b, key, f.Nested())
	}
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
