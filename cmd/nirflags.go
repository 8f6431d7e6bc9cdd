package cmd

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ganglion/network/nir/nirnet"
)

// nirFlags say which network is run, and how.
type nirFlags struct {
	profile string
	bin, dt time.Duration
	loose   bool
}

func (f *nirFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.profile, "profile", nirnet.NewDefaultConfig().Profile, "whose numerics")
	flags.DurationVar(&f.bin, "bin", nirnet.NewDefaultConfig().Step, "sensor time of one network step")
	flags.DurationVar(&f.dt, "dt", 0, "time step of the equations; 0 takes the profile's")
	flags.BoolVar(&f.loose, "no-type-check", false, "accept shapes that do not fit together")
}

// load reads a network and notes on standard error what is to be known of it.
func (f *nirFlags) load(cmd *cobra.Command, model string) (*nirnet.Lowered, error) {
	if f.bin < time.Microsecond || f.bin%time.Microsecond != 0 {
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
