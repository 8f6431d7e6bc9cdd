package cmd

import (
	"errors"
	"fmt"
	"log"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"ganglion/internal/screen"
	"ganglion/pipeline/component"
	"ganglion/sources/audio"
)

// program is the command line over a table of components.
type program struct{ components component.Table }

// Main runs the command line of the process with components, in the order of
// `list`, and returns the exit code. Command ganglion passes those of package
// cmd/standard; a program of your own appends its own, or leaves some out.
func Main(components ...component.Spec) int {
	debug.SetTraceback("crash") // a crash ends by SIGABRT, because exit code 2 is wrong use
	p := program{components}
	stderr := screen.NewWriter(os.Stderr)
	if err := p.components.Check(); err != nil {
		fmt.Fprintln(stderr, "the table of components:", err)
		return exitFailed
	}
	log.SetOutput(audio.FilterLog(log.Writer()))
	root := p.newRoot()
	root.SetOut(screen.NewWriter(os.Stdout))
	root.SetErr(stderr)
	cmd, err := root.ExecuteC()
	if err != nil {
		var coded codedError
		if !errors.As(err, &coded) { // cobra's own words name no command
			err = fmt.Errorf("%s: %w; see %[1]s --help", cmd.CommandPath(), err)
		}
		tell(stderr, cmd, os.Args[1:], err)
	}
	return exitCode(err)
}

func (p program) newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "ganglion",
		Short: "spiking neural networks on event cameras: recordings in, detections out",
		Long: "ganglion reads address events, encodes them as spikes, runs a sharded spiking\nneural network and publishes " +
			"what the network detects.\n\nExit codes: 0 done, 1 failed, 2 wrong use or config, 3 done but something was dropped. " +
			"A\ncrash ends the process by SIGABRT.",
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
