package cmd

import (
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ganglion/cmd/service"
	"ganglion/pipeline/config"
)

func (p program) newValidate() *cobra.Command {
	var sets []string
	var resolved, connects bool
	cmd := &cobra.Command{
		Use:   "validate CONFIG...",
		Short: "check configurations without running them",
		Long: `Check files or folders of configurations. Every fault is listed with file, line
and column, key path, cause and the nearest valid name. Recorded inputs and
models are looked into; nothing is written or connected to. With --connect the
source is opened and every server is asked too.`,
		Example: `  ganglion validate configs
  ganglion validate configs/motion.yaml --set network.shards=2 --resolved`,
		Args: cobra.MinimumNArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			pipelines, err := p.loadPipelines(args, sets)
			if err != nil {
				return err
			}
			if err := distinctFiles(args, "", pipelines); err != nil {
				return usage(err)
			}
			for _, p := range pipelines {
				parts, err := service.Assemble(p, false, slog.New(slog.DiscardHandler))
				if err != nil {
					return usage(fmt.Errorf("%s: pipeline %q: %w", p.File, p.Name, err))
				}
				if err := precheck(cmd.Context(), p, parts); err != nil {
					return usage(err)
				}
				if connects {
					if err := connect(cmd.Context(), p, parts); err != nil {
						return err
					}
				}
				if err := writeValid(cmd.OutOrStdout(), p, resolved); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	cmd.Flags().StringArrayVar(&sets, "set", nil, "`KEY=VALUE` of the configuration, the value in YAML; may be repeated")
	cmd.Flags().BoolVar(&connects, "connect", false, "open the source and ask every server, too")
	cmd.Flags().BoolVar(&resolved, "resolved", false, "print every value, defaults filled in, and where it comes from")
	return cmd
}

func writeValid(out io.Writer, p *config.Pipeline, resolved bool) error {
	fmt.Fprintf(out, "%s: pipeline %q is valid, config hash %s\n", p.File, p.Name, p.Hash)
	if note := sinkless(p); note != "" {
		fmt.Fprintf(out, "%s: note: %s\n", p.File, note)
	}
	if !resolved {
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, v := range p.Resolved() {
		fmt.Fprintf(t, "  %s=%s\t%s\n", v.Path, v.Text, v.Origin)
	}
	return t.Flush()
}
