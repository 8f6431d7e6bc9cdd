package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"ganglion/network/nir"
)

func newNIR() *cobra.Command {
	cmd := &cobra.Command{
		Use: "nir", Short: "look into and rewrite NIR files",
		Example: "  ganglion nir info model.nir\n  ganglion nir convert old.nir new.nir",
	}
	cmd.AddCommand(newNIRInfo(), newNIRConvert())
	return cmd
}

func newNIRInfo() *cobra.Command {
	var asJSON, loose bool
	cmd := &cobra.Command{
		Use:     "info FILE",
		Short:   "say what a network is made of, or what was recorded of one (.nird)",
		Example: "  ganglion nir info model.nir\n  ganglion nir info model.nir --json",
		Args:    cobra.ExactArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			report, err := describeNIR(args[0], nir.Options{SkipTypeCheck: loose})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(report)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), report)
			return err
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&loose, "no-type-check", false, "accept shapes that do not fit together")
	return cmd
}

// describeNIR is the report on a network, or on recorded activity.
func describeNIR(path string, o nir.Options) (any, error) {
	if filepath.Ext(path) == recordExt {
		d, err := nir.ReadDataFile(path)
		if err != nil {
			return nil, err
		}
		return nir.DescribeData(d), nil
	}
	m, err := nir.ReadFile(path, o)
	if err != nil {
		return nil, err
	}
	r, err := nir.Describe(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func newNIRConvert() *cobra.Command {
	var flat, loose bool
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "rewrite a network in the layout of the current nir package",
		Long: "convert reads a network of any version and writes it as the nir package reads\n" +
			"it today: missing parameters filled in, edges that stand twice once.",
		Example: "  ganglion nir convert old.nir new.nir\n  ganglion nir convert nested.nir flat.nir --flat",
		Args:    cobra.ExactArgs(2),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			m, err := nir.ReadFile(args[0], nir.Options{SkipTypeCheck: loose})
			if err != nil {
				return err
			}
			for _, n := range m.Notes {
				fmt.Fprintln(cmd.ErrOrStderr(), n)
			}
			if flat {
				if m.Graph, err = m.Graph.Flat(); err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
			}
			var b bytes.Buffer
			if err := nir.Write(&b, m); err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}
			return os.WriteFile(args[1], b.Bytes(), 0o644)
		}),
	}
	cmd.Flags().BoolVar(&flat, "flat", false, "take nested graphs apart")
	cmd.Flags().BoolVar(&loose, "no-type-check", false, "accept shapes that do not fit together")
	return cmd
}
