package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/sinks/arrow"
)

func (p program) newDescribe() *cobra.Command {
	return &cobra.Command{
		Use:   "describe [KIND] NAME",
		Short: "explain a component and its config keys",
		Example: `  ganglion describe recording
  ganglion describe readout motion`,
		Args: cobra.RangeArgs(1, 2),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			specs, err := p.lookUp(args)
			if err != nil {
				return usage(err)
			}
			texts := make([]string, len(specs))
			for i, s := range specs {
				texts[i] = s.Describe()
			}
			_, err = io.WriteString(cmd.OutOrStdout(), strings.Join(texts, "\n"))
			return err
		}),
	}
}

func (p program) newSchema() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema [[KIND] NAME]",
		Short: "print the JSON Schema of a configuration, or of one component",
		Example: `  ganglion schema > pipeline.schema.json
  ganglion schema network motion`,
		Args: cobra.MaximumNArgs(2),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			schema := config.Schema(p.configOptions(nil))
			if len(args) > 0 {
				specs, err := p.lookUp(args)
				if err != nil {
					return usage(err)
				}
				schema = componentSchema(specs)
			}
			encoder := json.NewEncoder(cmd.OutOrStdout())
			encoder.SetIndent("", "  ")
			return encoder.Encode(schema)
		}),
	}
	cmd.AddCommand(newSchemaDetection())
	return cmd
}

// lookUp finds the components of [KIND] NAME.
func (p program) lookUp(args []string) (component.Table, error) {
	table, name := p.components, args[len(args)-1]
	if len(args) == 2 {
		kind, err := kindOf(args[0])
		if err != nil {
			return nil, err
		}
		table = table.OfKind(kind)
	}
	if found := table.Named(name); len(found) > 0 {
		return found, nil
	}
	hint := component.DidYouMean(name, table.Names())
	if hint == "" {
		hint = ", know " + strings.Join(table.Names(), ", ")
	}
	return nil, fmt.Errorf("unknown component %q%s", name, hint)
}

func componentSchema(specs component.Table) component.Schema {
	if len(specs) == 1 {
		schema := specs[0].Schema()
		schema["$schema"] = component.SchemaDialect
		return schema
	}
	schemas := make([]component.Schema, len(specs))
	for i, s := range specs {
		schemas[i] = s.Schema()
	}
	return component.Schema{"$schema": component.SchemaDialect, "oneOf": schemas}
}

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
