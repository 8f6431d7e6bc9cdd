package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

type runFlags struct {
	input   string
	sets    []string
	summary string
	dryRun  bool
}

func newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run CONFIG...",
		Short: "run pipelines",
		Long: `Run the pipelines of one or more configurations side by side until their input
ends, and print a summary of each. Ctrl-C stops reading and drains what is on
its way; a second Ctrl-C ends at once.`,
		Example: `  ganglion run configs/motion.yaml
  ganglion run configs/motion.yaml --input recording.raw --summary summary.json
  ganglion run configs/motion.yaml --set network.shards=2 --set 'sinks=[{type: jsonl, path: "-"}]'`,
		Args: cobra.MinimumNArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error { return runPipelines(cmd, args, f) }),
	}
	cmd.Flags().StringVar(&f.input, "input", "", "`PATH` that replaces the source's")
	cmd.Flags().StringArrayVar(&f.sets, "set", nil, "`KEY=VALUE` of the configuration, the value in YAML; may be repeated")
	cmd.Flags().StringVar(&f.summary, "summary", "", "`FILE` for the summary as JSON, one line a pipeline; - replaces the text")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "do everything but the sinks")
	return cmd
}

func runPipelines(cmd *cobra.Command, paths []string, f runFlags) error {
	var overrides []config.Override
	if f.input != "" {
		overrides = append(overrides, config.SetString("--input", "source.path", f.input))
	}
	pipelines, err := loadPipelines(paths, f.sets, overrides...)
	if err != nil {
		return err
	}
	if f.input != "" && len(pipelines) > 1 {
		return usage(fmt.Errorf("--input: %d pipelines would read the same input", len(pipelines)))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second signal then ends the process

	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	bar := newProgress(os.Stderr)
	summaries, runErr := runAll(ctx, pipelines, f.dryRun, log, bar)
	bar.finish()
	if runErr != nil && summaries == nil {
		return runErr
	}
	return errors.Join(runErr, report(cmd.OutOrStdout(), f.summary, pipelines, summaries))
}

// runAll runs the pipelines side by side. One that fails does not stop the
// others.
func runAll(ctx context.Context, pipelines []*config.Pipeline, dryRun bool, log *slog.Logger, bar *progress) ([]runner.Summary, error) {
	parts := make([]runner.Pipeline, len(pipelines))
	for i, p := range pipelines {
		var err error
		if parts[i], err = assemble(p, dryRun, log); err != nil {
			return nil, usage(fmt.Errorf("%s: pipeline %q: %w", p.File, p.Name, err))
		}
	}
	summaries := make([]runner.Summary, len(parts))
	errs := make([]error, len(parts))
	var group errgroup.Group
	for i, p := range parts {
		group.Go(func() error {
			o := runner.Options{Log: log, Progress: bar.of(i)}
			if summaries[i], errs[i] = runner.Run(ctx, p, o); errs[i] != nil {
				errs[i] = fmt.Errorf("pipeline %q: %w", p.Name, errs[i])
			}
			return nil
		})
	}
	group.Wait() //nolint:errcheck // the errors are kept by pipeline
	return summaries, errors.Join(errs...)
}

// report prints the summaries and says what was dropped.
func report(out io.Writer, file string, pipelines []*config.Pipeline, summaries []runner.Summary) error {
	if file != "" {
		if err := writeSummaries(out, file, summaries); err != nil {
			return err
		}
	}
	var errs []error
	for i := range summaries {
		s := &summaries[i]
		if file != "-" {
			w := out
			if ownsStdout(pipelines[i]) {
				w = os.Stderr
			}
			errs = append(errs, s.WriteText(w))
		}
		if events, detections := s.Lost(); events+detections > 0 {
			errs = append(errs, dropped("pipeline %q: %d %s and %d detections were dropped", s.Name, events, s.Input.Unit, detections))
		}
		if err := s.Verify(); err != nil {
			errs = append(errs, fmt.Errorf("pipeline %q: the account does not add up: %w", s.Name, err))
		}
	}
	return errors.Join(errs...)
}

// ownsStdout says that a sink writes to standard output, so that nothing else
// may.
func ownsStdout(p *config.Pipeline) bool {
	for _, v := range p.Resolved() {
		if v.Text == `"-"` && filepath.Ext(v.Path) == ".path" && v.Path != "source.path" {
			return true
		}
	}
	return false
}

func writeSummaries(out io.Writer, file string, summaries []runner.Summary) (err error) {
	if file != "-" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fmt.Errorf("summary: %w", err)
		}
		f, err := os.Create(file)
		if err != nil {
			return fmt.Errorf("summary: %w", err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	encoder := json.NewEncoder(out)
	for i := range summaries {
		if err := encoder.Encode(&summaries[i]); err != nil {
			return fmt.Errorf("summary: %w", err)
		}
	}
	return nil
}
