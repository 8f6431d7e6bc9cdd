package cmd

import (
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ganglion/pipeline/component"
	"ganglion/sources/audio"
)

// program is the command line over a table of components.
type program struct{ components component.Table }

// Main runs the command line of the process with components, in the order of
// `list`, and returns the exit code. Command ganglion passes those of package
// cmd/standard; a program of your own appends its own, or leaves some out.
func Main(components ...component.Spec) int {
	p := program{components}
	if err := p.components.Check(); err != nil {
		fmt.Fprintln(os.Stderr, "the table of components:", err)
		return exitFailed
	}
	log.SetOutput(audio.FilterLog(log.Writer()))
	cmd, err := p.newRoot().ExecuteC()
	if err != nil {
		var coded codedError
		if !errors.As(err, &coded) { // cobra's own words name no command
			err = fmt.Errorf("%s: %w; see %[1]s --help", cmd.CommandPath(), err)
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintln(os.Stderr, shortened(line, longestLine))
		}
	}
	return exitCode(err)
}

// longestLine bounds a line of an error, characters.
const longestLine = 300

func (p program) newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "ganglion",
		Short: "spiking neural networks on event cameras: recordings in, detections out",
		Long: "ganglion reads address events, encodes them as spikes, runs a sharded spiking\nneural network and publishes " +
			"what the network detects.\n\nExit codes: 0 done, 1 failed, 2 wrong use or config, 3 done but something was dropped.",
		PersistentPreRunE: guardOutputs,

		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		p.newRun(), p.newValidate(), p.newTest(), newInspect(), newConvert(), p.newView(), newSimulate(), newInfer(), newNIR(),
		newTrain(), p.newEval(), p.newList(), p.newDescribe(), p.newSchema(), newVersion(), newRepair(),
	)
	root.AddCommand(p.scaleOut().Commands()...)
	return root
}
