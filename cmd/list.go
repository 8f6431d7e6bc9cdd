package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ganglion/pipeline/component"
)

func (p program) newList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [KIND]",
		Short: "list the components",
		Long:  "List the components, all or those of one kind: source, encoder, network, readout, sink.",
		Example: `  ganglion list
  ganglion list sink --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			table := p.components
			if err := table.Check(); err != nil {
				return fmt.Errorf("the table of components: %w", err)
			}
			if len(args) == 1 {
				kind, err := kindOf(args[0])
				if err != nil {
					return usage(err)
				}
				table = table.OfKind(kind)
			}
			if asJSON {
				return listJSON(cmd.OutOrStdout(), table)
			}
			return listText(cmd.OutOrStdout(), table)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// kindOf reads a kind in the singular or the plural.
func kindOf(word string) (component.Kind, error) {
	var names []string
	for _, k := range component.Kinds() {
		if s := string(k); word == s || word == s+"s" {
			return k, nil
		}
		names = append(names, string(k))
	}
	hint := component.DidYouMean(word, names)
	if hint == "" {
		hint = ", know " + strings.Join(names, ", ")
	}
	return "", fmt.Errorf("unknown kind %q%s", word, hint)
}

func listText(out io.Writer, table component.Table) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range table {
		fmt.Fprintf(t, "%s\t%s\t%s\n", s.Kind, s.Name, s.Summary)
	}
	return t.Flush()
}

func listJSON(out io.Writer, table component.Table) error {
	type entry struct {
		Kind    component.Kind `json:"kind"`
		Name    string         `json:"name"`
		Summary string         `json:"summary"`
	}
	entries := make([]entry, len(table))
	for i, s := range table {
		entries[i] = entry{s.Kind, s.Name, s.Summary}
	}
	return json.NewEncoder(out).Encode(entries)
}
