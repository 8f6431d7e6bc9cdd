package cmd

import (
	"errors"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"ganglion/cmd/completion"
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
	catchBrokenPipes()
	p := program{components}
	stderr := screen.NewWriter(os.Stderr)
	if err := p.components.CheckNames(); err != nil { // the rest is checked where a component is used
		fmt.Fprintln(stderr, "the table of components:", err)
		return exitFailed
	}
	log.SetOutput(audio.FilterLog(log.Writer()))
	root := p.newRoot()
	out := &standardOutput{to: screen.NewWriter(os.Stdout)}
	root.SetOut(out)
	root.SetErr(stderr)
	cmd, err := root.ExecuteC()
	if err == nil {
		err = out.failure()
	}
	if err != nil && !readerLeft(err) {
		var coded codedError
		if !errors.As(err, &coded) { // cobra's own words name no command
			err = fmt.Errorf("%s: %s; see %[1]s --help", cmd.CommandPath(), explained(cmd, err.Error()))
		}
		tell(stderr, cmd, os.Args[1:], err)
	}
	return exitCode(err)
}

// explained is what cobra says in a line, with what a command wants.
func explained(cmd *cobra.Command, says string) string {
	if what, names, ok := strings.Cut(says, "\n\nDid you mean this?\n"); ok {
		return fmt.Sprintf("%s, did you mean \"%s\"?", what, strings.Join(strings.Fields(names), `" or "`))
	}
	if strings.Contains(says, " arg(s), ") {
		usage, _, _ := strings.Cut(cmd.UseLine(), " [flags]")
		says += ": " + usage
	}
	return strings.TrimSpace(says)
}

// Root is the tree of commands of a program with components, for what describes
// it, such as its manual pages.
func Root(components ...component.Spec) *cobra.Command { return program{components}.newRoot() }

func (p program) newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "ganglion",
		Short: "spiking neural networks on event cameras: recordings in, detections out",
		Long: "ganglion reads address events, encodes them as spikes, runs a sharded spiking\nneural network and publishes " +
			"what the network detects.\n\nExit codes: 0 done, 1 failed, 2 wrong use or config, 3 done but something was dropped. " +
			"A\ncrash ends the process by SIGABRT.",
		PersistentPreRunE: guardOutputs,
		// The words are cobra's: a template of our own would call methods by name, and
		// the linker would keep each exported method of the program, a sixth of it.
		Version: version(),

		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		p.newRun(), p.newValidate(), p.newTest(), p.newCreate(), newInspect(), newConvert(), p.newView(), newSimulate(), newInfer(), newNIR(),
		newTrain(), p.newEval(), p.newList(), p.newDescribe(), p.newSchema(), newVersion(), newRepair(), newTop(), newTail(),
	)
	root.AddCommand(p.scaleOut().Commands()...)
	completion.Add(root, p.components)
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "print version, toolchain and platform",
		Example: "  ganglion version",
		Args:    cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), versionLine())
			return err
		}),
	}
}

// versionLine is what version prints.
func versionLine() string {
	return fmt.Sprintf("ganglion %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// release is the version that the linker states: -ldflags "-X ganglion/cmd.release=v1".
var release string

// version is the release, else the module's version, or the commit it was built from.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && info.Main.Version == "(devel)" {
			return s.Value
		}
	}
	return info.Main.Version
}
