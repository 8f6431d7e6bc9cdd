package cmd

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// Main runs the command line of the process and returns its exit code.
func Main() int {
	return execute(os.Args[1:])
}

// execute runs one command line and returns the exit code.
func execute(args []string) int {
	root := newRoot()
	root.SetArgs(args)
	cmd, err := root.ExecuteC()
	if err != nil {
		var coded codedError
		if !errors.As(err, &coded) { // cobra's own words name no command
			err = fmt.Errorf("%s: %w; see %[1]s --help", cmd.CommandPath(), err)
		}
		fmt.Fprintln(os.Stderr, err)
	}
	return exitCode(err)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "ganglion",
		Short:         "spiking neural networks on event cameras: recordings in, detections out",
		Long:          "ganglion reads address events, encodes them as spikes, runs a sharded spiking\nneural network and publishes what the network detects.\n\nExit codes: 0 done, 1 failed, 2 wrong use or config, 3 done but something was dropped.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		newRun(), newValidate(), newInspect(), newConvert(), newView(), newSimulate(), newInfer(), newNIR(), newTrain(), newEval(),
		newList(), newDescribe(), newSchema(), newVersion(),
	)
	return root
}
