package cmd

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"ganglion/pipeline"
	"ganglion/sinks/arrow"
)

// newSchemaDetection is the command below schema that prints the record.
func newSchemaDetection() *cobra.Command {
	var columns bool
	cmd := &cobra.Command{
		Use:   "detection",
		Short: "print the JSON Schema of a detection, or its Arrow schema",
		Example: `  ganglion schema detection > detection.schema.json
  ganglion schema detection --arrow`,
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error {
			if columns {
				_, err := cmd.OutOrStdout().Write([]byte(arrow.DescribeSchema()))
				return err
			}
			e := json.NewEncoder(cmd.OutOrStdout())
			e.SetIndent("", "  ")
			return e.Encode(pipeline.DetectionSchema())
		}),
	}
	cmd.Flags().BoolVar(&columns, "arrow", false, "the columns of the Arrow form, name, type and nullability a line")
	return cmd
}
