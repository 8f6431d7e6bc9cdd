package cmd

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
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
	profile, dt := nirnet.Auto, time.Duration(0)
	cmd := &cobra.Command{
		Use:   "info FILE",
		Short: "say what a network is made of and which profile it wants, or what was recorded of one (.nird)",
		Long: "info lists the nodes of a network, proposes the numeric profile that the file\n" +
			"itself speaks for, with the reason, and warns where neurons cannot work at the\n" +
			"chosen dt.",
		Example: "  ganglion nir info model.nir\n  ganglion nir info model.nir --profile norse --dt 100us\n  ganglion nir info model.nir --json",
		Args:    cobra.ExactArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			report, err := describeNIR(args[0], nir.Options{SkipTypeCheck: loose}, profile, dt)
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
	cmd.Flags().StringVar(&profile, "profile", profile, "look at it under this profile")
	cmd.Flags().DurationVar(&dt, "dt", 0, "time step of the equations; 0 takes the profile's")
	return cmd
}

// networkReport is a report on a network with what it wants to be run with.
type networkReport struct {
	*nir.Report
	Run *nirnet.Advice `json:"run"`
}

func (r networkReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v\nprofile: %s, dt %v s\n", r.Report, r.Run.Profile, r.Run.DT)
	if r.Run.Why != "" {
		fmt.Fprintf(&b, "reason: %s\n", r.Run.Why)
	}
	for _, w := range r.Run.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// describeNIR is the report on a network, or on recorded activity.
func describeNIR(path string, o nir.Options, profile string, dt time.Duration) (any, error) {
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
	advice, err := nirnet.Advise(m, profile, dt.Seconds())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return networkReport{r, advice}, nil
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
			return nir.WriteFile(args[1], m)
		}),
	}
	cmd.Flags().BoolVar(&flat, "flat", false, "take nested graphs apart")
	cmd.Flags().BoolVar(&loose, "no-type-check", false, "accept shapes that do not fit together")
	return cmd
}

// nirFlags say which network is run, and how.
type nirFlags struct {
	profile string
	bin, dt time.Duration
	loose   bool
}

func (f *nirFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.profile, "profile", nirnet.NewDefaultConfig().Profile, "whose numerics")
	flags.DurationVar(&f.bin, "bin", nirnet.NewDefaultConfig().Step, "sensor time of one network step; 0 takes the file's own")
	flags.DurationVar(&f.dt, "dt", 0, "time step of the equations; 0 takes the profile's")
	flags.BoolVar(&f.loose, "no-type-check", false, "accept shapes that do not fit together")
}

// load reads a network and notes on standard error what is to be known of it.
func (f *nirFlags) load(cmd *cobra.Command, model string) (*nirnet.Lowered, error) {
	if f.bin < 0 || f.bin%time.Microsecond != 0 {
		return nil, usage(fmt.Errorf("%s: --bin %v is not a whole number of µs", cmd.Name(), f.bin))
	}
	if f.profile != nirnet.Auto {
		if _, err := nirnet.ProfileByName(f.profile); err != nil {
			return nil, usage(fmt.Errorf("%s: %w", cmd.Name(), err))
		}
	}
	c := nirnet.Config{Path: model, Profile: f.profile, Step: f.bin, DT: f.dt, Strict: !f.loose}
	lowered, err := c.Load()
	if err != nil {
		return nil, err
	}
	for _, note := range lowered.Notes {
		fmt.Fprintln(cmd.ErrOrStderr(), note)
	}
	return lowered, nil
}
