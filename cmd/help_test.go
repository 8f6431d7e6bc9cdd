package cmd

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestEveryCommandHasHelpWithAnExampleOfItself(t *testing.T) {
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			if c.Name() != "help" && c.Name() != "completion" {
				if c.Short == "" || !strings.Contains(c.Example, c.CommandPath()) {
					t.Errorf("%s: summary %q, example %q", c.CommandPath(), c.Short, c.Example)
				}
				visit(c)
			}
		}
	}
	visit(ganglion.newRoot())
}
