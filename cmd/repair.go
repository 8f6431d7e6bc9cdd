package cmd

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"ganglion/sinks/arrow"
	"ganglion/sinks/jsonl"
	"ganglion/sinks/parquet"
)

func newRepair() *cobra.Command {
	return &cobra.Command{
		Use:   "repair FILE...",
		Short: "make the file that a killed run left whole for every reader",
		Long: `Make Arrow files and JSON lines that a killed process left whole: what lies
behind the last whole record batch or line is cut off, and an Arrow file gets
its index. A Parquet file is made of the rows that lie beside it (.parquet.rows).
Files that are whole stay as they are.`,
		Example: `  ganglion repair out/motion.arrow
  ganglion repair out/*.arrow.tmp out/motion.jsonl out/motion.parquet.rows`,
		Args: cobra.MinimumNArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			for _, path := range args {
				if _, err := os.Stat(path); err != nil { // opening would make it
					return err
				}
				if parquet.IsRows(path) {
					made, rows, err := parquet.Repair(path)
					if err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %d rows\n", made, rows)
					continue
				}
				if !arrow.IsArrow(path) {
					cut, err := jsonl.Repair(path)
					if err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes of an unfinished line cut off\n", path, cut)
					continue
				}
				batches, cut, err := arrow.Repair(path)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %d record batches, %d bytes cut off\n", path, batches, cut)
			}
			return nil
		}),
	}
}
