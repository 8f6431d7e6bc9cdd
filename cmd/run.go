package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ganglion/cmd/hints"
	"ganglion/cmd/livepage"
	"ganglion/cmd/service"
	"ganglion/internal/outfile"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry"
)

type runFlags struct {
	input   string
	sets    []string
	summary string
	dryRun  bool
	watch   bool
	view    string // address of the live page, empty for none
	hold    bool   // servers of this process stay after the run

	overrides []config.Override // all that replace values of the files

	checkpoint checkpointFlags

	logLevel slog.Level
	logJSON  bool
}

func (p program) newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run CONFIG...",
		Short: "run pipelines",
		Long: `Run the pipelines of one or more configurations side by side until their input
ends, and print a summary of each. Ctrl-C stops reading and drains what is on
its way; a second Ctrl-C ends at once. SIGHUP, and with --watch a change of the
files, reads the configuration again: thresholds of readouts change at once,
other pipelines that changed are drained and begin again, and a faulty
configuration leaves all as they are.`,
		Example: `  ganglion run configs/motion.yaml
  ganglion run configs/motion.yaml --view
  ganglion run configs/motion.yaml --input recording.raw --summary summary.json
  ganglion run configs/motion.yaml --checkpoint state --checkpoint-every 10s --resume
  ganglion run configs/motion.yaml --set network.shards=2 --set 'sinks=[{type: jsonl, path: "-"}]'`,
		Args: cobra.MinimumNArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error { return p.runPipelines(cmd, args, f) }),
	}
	cmd.Flags().StringVar(&f.input, "input", "", "`PATH` that replaces the source's")
	cmd.Flags().StringArrayVar(&f.sets, "set", nil, "`KEY=VALUE` of the configuration, the value in YAML; may be repeated")
	cmd.Flags().StringVar(&f.summary, "summary", "", "`FILE` for the summary as JSON, one line a pipeline; - replaces the text")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "do everything but the sinks")
	cmd.Flags().BoolVar(&f.watch, "watch", false, "read the configuration again when its files change")
	cmd.Flags().StringVar(&f.view, "view", "", "show the run on a page that is served at `ADDR`, and stay until Ctrl-C")
	cmd.Flags().Lookup("view").NoOptDefVal = livepage.DefaultAddress()
	cmd.Flags().BoolVar(&f.hold, "hold", false, "keep embedded servers and telemetry up after the run, until Ctrl-C")
	f.checkpoint.register(cmd)
	cmd.Flags().TextVar(&f.logLevel, "log-level", slog.LevelInfo, "log from `LEVEL` upwards: debug, info, warn, error")
	cmd.Flags().BoolVar(&f.logJSON, "log-json", false, "log JSON lines")
	return cmd
}

func (p program) runPipelines(cmd *cobra.Command, paths []string, f runFlags) error {
	ctx, stop := stopping(cmd.Context()) // first of all, so that no signal finds nobody
	defer stop()
	var err error
	if f.overrides, err = overridesOf(f.sets); err != nil {
		return err
	}
	if f.input != "" {
		f.overrides = append(f.overrides, config.SetString("--input", "source.path", f.input))
	}
	load := func() ([]*config.Pipeline, error) { return p.loadRun(paths, f) }
	pipelines, err := load()
	if a, ok := addressAmong(paths); err != nil && ok && f.view != "" {
		return usage(fmt.Errorf("the address of the page stands behind an equals sign: --view=%s", a))
	}
	if err != nil {
		return err
	}
	if err := f.checkpoint.check(f.dryRun); err != nil {
		return usage(err)
	}
	log := telemetry.NewLog(cmd.ErrOrStderr(), f.logLevel, f.logJSON)
	captureLog(log)
	bar := newProgress(os.Stderr)
	if f.logJSON {
		bar.out = nil
	}
	if !f.dryRun {
		noteSinkless(log, pipelines)
	}
	page, err := livepage.Open(ctx, f.view, log)
	if err != nil {
		return err
	}
	defer page.Close(ctx)
	runs, err := service.New(ctx, pipelines, service.Options{
		Version: version(), DryRun: f.dryRun, Hold: f.hold || f.view != "", Checkpoint: f.checkpoint.of(),
		Log: log, Identity: identity, Progress: bar.of,
		Extend: func(c *config.Pipeline, parts *runner.Pipeline) error {
			return page.Join(parts, p.offer(c, f.overrides), log)
		},
		Load: load, Check: precheck, Watch: watched(paths, f.watch),
	})
	if _, ok := errors.AsType[service.ConfigError](err); ok {
		return usage(err)
	}
	if err != nil {
		return err
	}
	defer onHangup(runs.Reload)()
	supervised, err := underManager(ctx, runs.Alive)
	if err != nil {
		log.Warn("the service manager is not told", "error", err)
	}
	pipelines, summaries, runErr := runs.Run(ctx)
	supervised()
	bar.finish()
	failure := errors.Join(runErr, f.report(cmd.OutOrStdout(), cmd.ErrOrStderr(), log, pipelines, summaries))
	for i := range summaries {
		hints.Nothing(cmd.ErrOrStderr(), pipelines[i], &summaries[i])
		if interactive() && !f.dryRun {
			hints.Next(os.Stderr, pipelines[i], &summaries[i], f.view != "", f.hold || f.view != "")
		}
	}
	switch {
	case f.view != "":
		page.Stay(ctx)
	case f.hold && ctx.Err() == nil && failure == nil:
		fmt.Fprintln(os.Stderr, "The run has ended; servers stay until Ctrl-C.")
		<-ctx.Done()
	}
	if err := runs.Close(ctx); err != nil {
		log.Warn("a server did not end in time", "error", err)
	}
	lost := losses(pipelines, summaries)
	switch {
	case failure != nil:
		return errors.Join(failure, lost)
	case lost != nil:
		return dropped(lost)
	}
	return nil
}

// addressAmong finds an address where configurations are named.
func addressAmong(paths []string) (address string, ok bool) {
	for _, p := range paths {
		if _, port, err := net.SplitHostPort(p); err == nil {
			if _, err := strconv.ParseUint(port, 10, 16); err == nil {
				return p, true
			}
		}
	}
	return "", false
}

// loadRun reads the configurations with the flags of run.
func (p program) loadRun(paths []string, f runFlags) ([]*config.Pipeline, error) {
	pipelines, err := config.Load(paths, p.configOptions(f.overrides))
	if err != nil {
		return nil, usage(err)
	}
	if f.input != "" && len(pipelines) > 1 {
		return nil, usage(fmt.Errorf("--input: %d pipelines would read the same input", len(pipelines)))
	}
	if err := oneReaderOfStdin(pipelines); err != nil {
		return nil, usage(err)
	}
	if err := distinctFiles(paths, f.summary, pipelines); err != nil {
		return nil, usage(err)
	}
	return pipelines, nil
}

// watched are the files and folders to watch, none unless that is asked for.
func watched(paths []string, on bool) []string {
	if on {
		return paths
	}
	return nil
}

// oneReaderOfStdin refuses pipelines that would share the bytes of standard
// input, of which each would get a part.
func oneReaderOfStdin(pipelines []*config.Pipeline) error {
	var names []string
	for _, p := range pipelines {
		for _, v := range p.Resolved() {
			if v.Path == "source.path" && v.Text == `"-"` {
				names = append(names, p.Name)
			}
		}
	}
	if len(names) > 1 {
		return fmt.Errorf("source.path: pipelines %s would all read standard input, and each would get a part of it; "+
			"one pipeline hears several words (network.models and readout.models)", strings.Join(names, ", "))
	}
	return nil
}

// noteSinkless tells of pipelines that compute what nobody gets.
func noteSinkless(log *slog.Logger, pipelines []*config.Pipeline) {
	for _, p := range pipelines {
		if note := sinkless(p); note != "" {
			log.Warn(note, "stream", p.Name)
		}
	}
}

// sinkless is what to say of a pipeline without sinks, or "".
func sinkless(p *config.Pipeline) string {
	if len(p.Sinks) > 0 {
		return ""
	}
	return "the pipeline has no sinks: its detections are counted and go nowhere"
}

// report prints the summaries and checks their accounts.
func (f *runFlags) report(out, aside io.Writer, log *slog.Logger, pipelines []*config.Pipeline, summaries []runner.Summary) error {
	var errs []error
	if f.summary != "" {
		errs = append(errs, writeSummaries(out, f.summary, summaries))
	}
	for i := range summaries {
		s := &summaries[i]
		switch owned := ownsStdout(pipelines[i]); {
		case f.summary == "-", s.Stream.Modality == "": // of what was not opened the error tells
		case owned && f.logJSON:
			log.Info("summary", "summary", s)
		case owned:
			errs = append(errs, s.WriteText(aside))
		default:
			errs = append(errs, s.WriteText(out))
		}
		if err := s.Verify(); err != nil {
			errs = append(errs, fmt.Errorf("pipeline %q: the account does not add up: %w", s.Name, err))
		}
	}
	return errors.Join(errs...)
}

// losses reports what was dropped, if anything was.
func losses(pipelines []*config.Pipeline, summaries []runner.Summary) error {
	var errs []error
	for i := range summaries {
		s := &summaries[i]
		if events, detections := s.Lost(); events+detections > 0 {
			errs = append(errs, fmt.Errorf("pipeline %q: %d %s and %d detections were dropped", s.Name, events, s.Input.Unit, detections))
		}
		if n := s.Input.Overruns(); n > 0 {
			errs = append(errs, fmt.Errorf("pipeline %q: the operating system dropped %d datagrams that were not read in time", s.Name, n))
		}
		if n := s.LostClips(); n > 0 {
			errs = append(errs, fmt.Errorf("pipeline %q: %d clips of detections were not kept", s.Name, n))
		}
		if n := s.Detections.LeftOut; n > 0 {
			errs = append(errs, fmt.Errorf("pipeline %q: the readout left out %d spikes or clusters, more than it takes (%s): "+
				"raise the limit, or filter noise and flashes (encoder.filters); clusters that span half of the sensor count too",
				s.Name, n, limits(pipelines[i])))
		}
	}
	return errors.Join(errs...)
}

// limits names the keys that bound what a readout takes, and their values.
func limits(p *config.Pipeline) string {
	var list []string
	for _, v := range p.Resolved() {
		if name := v.Path[strings.LastIndexByte(v.Path, '.')+1:]; strings.HasPrefix(v.Path, "readout.") && strings.HasPrefix(name, "most") {
			list = append(list, v.Path+": "+v.Text)
		}
	}
	return strings.Join(list, ", ")
}

// ownsStdout reports that a sink writes to standard output, so that nothing else
// may.
func ownsStdout(p *config.Pipeline) bool {
	for _, v := range p.Resolved() {
		if v.Text == `"-"` && filepath.Ext(v.Path) == ".path" && v.Path != "source.path" {
			return true
		}
	}
	return false
}

func writeSummaries(out io.Writer, file string, summaries []runner.Summary) error {
	write := func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		for i := range summaries {
			if err := encoder.Encode(&summaries[i]); err != nil {
				return err
			}
		}
		return nil
	}
	var err error
	if file == "-" {
		err = write(out)
	} else if err = os.MkdirAll(filepath.Dir(file), 0o755); err == nil {
		err = outfile.Replace(file, write)
	}
	if err != nil {
		return fmt.Errorf("summary: %w", err)
	}
	return nil
}
