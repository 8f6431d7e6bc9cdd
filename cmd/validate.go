package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ganglion/cmd/service"
	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/pipeline/expectation"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry"
)

func (p program) newValidate() *cobra.Command {
	var sets []string
	var resolved, connects bool
	cmd := &cobra.Command{
		Use:   "validate CONFIG...",
		Short: "check configurations without running them",
		Long: `Check files or folders of configurations. Every fault is listed with file, line
and column, key path, cause and the nearest valid name. Recorded inputs and
models are looked into; nothing is written or connected to. With --connect the
source is opened and every server is asked too.`,
		Example: `  ganglion validate configs
  ganglion validate configs/motion.yaml --set network.shards=2 --resolved`,
		Args: cobra.MinimumNArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			pipelines, err := p.loadPipelines(args, sets)
			if err != nil {
				return err
			}
			if err := distinctFiles(args, "", pipelines); err != nil {
				return usage(err)
			}
			for _, p := range pipelines {
				parts, err := service.Assemble(p, false, slog.New(slog.DiscardHandler))
				if err != nil {
					return usage(fmt.Errorf("%s: pipeline %q: %w", p.File, p.Name, err))
				}
				if err := precheck(cmd.Context(), p, parts); err != nil {
					return usage(err)
				}
				if connects {
					if err := connect(cmd.Context(), p, parts); err != nil {
						return err
					}
				}
				if err := writeValid(cmd.OutOrStdout(), p, resolved); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	cmd.Flags().StringArrayVar(&sets, "set", nil, "`KEY=VALUE` of the configuration, the value in YAML; may be repeated")
	cmd.Flags().BoolVar(&connects, "connect", false, "open the source and ask every server, too")
	cmd.Flags().BoolVar(&resolved, "resolved", false, "print every value, defaults filled in, and where it comes from")
	return cmd
}

func writeValid(out io.Writer, p *config.Pipeline, resolved bool) error {
	fmt.Fprintf(out, "%s: pipeline %q is valid, config hash %s\n", p.File, p.Name, p.Hash)
	if note := sinkless(p); note != "" {
		fmt.Fprintf(out, "%s: note: %s\n", p.File, note)
	}
	if !resolved {
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, v := range p.Resolved() {
		fmt.Fprintf(t, "  %s=%s\t%s\n", v.Path, v.Text, v.Origin)
	}
	return t.Flush()
}

type testFlags struct {
	sets   []string
	update bool
	asJSON bool
}

func (p program) newTest() *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test CONFIG...",
		Short: "run the tests of configurations: recorded inputs against expected detections",
		Long: `Run the pipelines of configurations on the inputs that their key "tests" names,
as fast as they go and without their sinks, and compare what is detected with
what each test expects. Every difference is told with the place of what was
expected. The exit code is 0 when all tests pass, 1 when one fails, and 2 for a
wrong configuration or one without tests.`,
		Example: `  ganglion test configs
  ganglion test configs/keywords.yaml --update
  ganglion test configs/motion.yaml --set network.shards=2 --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error { return p.testPipelines(cmd, args, f) }),
	}
	cmd.Flags().StringArrayVar(&f.sets, "set", nil, "`KEY=VALUE` of the configuration, the value in YAML; may be repeated")
	cmd.Flags().BoolVar(&f.update, "update", false, "write what is detected to the files of expected detections")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON object a test")
	return cmd
}

func (p program) testPipelines(cmd *cobra.Command, paths []string, f testFlags) error {
	pipelines, err := p.loadPipelines(paths, f.sets)
	if err != nil {
		return err
	}
	var tests []*configTest
	for _, q := range pipelines {
		for i := range service.Tests(q) {
			t, err := p.newConfigTest(q, i, f)
			if err != nil {
				return usage(err)
			}
			tests = append(tests, t)
		}
	}
	if len(tests) == 0 {
		return usage(errors.New(`no tests: give a pipeline the key "tests" (docs/configuration.md)`))
	}
	log := telemetry.NewLog(os.Stderr, slog.LevelWarn, false)
	failed := 0
	for _, t := range tests {
		t.run(cmd.Context(), log, f.update)
		if err := cmd.Context().Err(); err != nil {
			return err
		}
		if !t.Pass {
			failed++
		}
		if err := t.write(cmd.OutOrStdout(), f.asJSON); err != nil {
			return err
		}
	}
	if failed > 0 {
		return codedError{exitFailed, fmt.Errorf("%d of %d tests failed", failed, len(tests))}
	}
	return nil
}

// configTest is one test of a configuration, ready to run or over.
type configTest struct {
	pipeline *config.Pipeline
	test     *expectation.Case
	number   int
	expected []expectation.Expected

	File       string                   `json:"file"`
	Name       string                   `json:"pipeline"`
	Test       string                   `json:"test"`
	Pass       bool                     `json:"pass"`
	Updated    bool                     `json:"updated,omitempty"`
	Detections int                      `json:"detections"`
	Seconds    float64                  `json:"seconds"`
	Error      string                   `json:"error,omitempty"` // why the pipeline did not come to the end of its input
	Failures   []expectation.Difference `json:"failures,omitempty"`
}

// newConfigTest prepares a pipeline's test: the configuration is read again with what
// the test sets, and what is expected with it.
func (p program) newConfigTest(q *config.Pipeline, i int, f testFlags) (*configTest, error) {
	test := &service.Tests(q)[i]
	fail := func(key string, err error) error {
		path := fmt.Sprintf("tests.cases.%d.%s", i, key)
		return fmt.Errorf("%s: %s: %w", q.At(path), path, err)
	}
	overrides, err := overridesOf(f.sets)
	if err != nil {
		return nil, err
	}
	for j, text := range test.Set {
		o, err := config.ParseSet(text)
		if err != nil {
			return nil, fail("set."+strconv.Itoa(j), err)
		}
		o.Dir = filepath.Dir(q.File) // it stands in the file
		overrides = append(overrides, o)
	}
	if test.Input != "" {
		overrides = append(overrides, config.SetString(fmt.Sprintf("tests.cases.%d.input", i), "source.path", test.Input))
	}
	again, err := p.reread(q, overrides)
	if err != nil {
		return nil, fail("name", fmt.Errorf("test %q:\n%w", test.Name, err))
	}
	t := &configTest{pipeline: again, test: test, number: i, File: q.File, Name: q.Name, Test: test.Name}
	if f.update {
		return t, t.mayUpdate()
	}
	if test.Expect != "" {
		if t.expected, err = expectation.Read(test.Expect); errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w; --update writes it", err)
		}
		if err != nil {
			return nil, fail("expect", err)
		}
	}
	return t, nil
}

// reread reads a pipeline again with other values, and as fast as it goes.
func (p program) reread(q *config.Pipeline, overrides []config.Override) (*config.Pipeline, error) {
	load := func() (*config.Pipeline, error) {
		o := p.configOptions(overrides)
		o.Only = q.Name
		found, err := config.Load([]string{q.File}, o)
		if err == nil && len(found) != 1 {
			err = fmt.Errorf("%s: pipeline %q is not there any more", q.File, q.Name)
		}
		if err != nil {
			return nil, err
		}
		return found[0], nil
	}
	again, err := load()
	if err != nil {
		return nil, err
	}
	paced := func(f component.Field) bool { return f.Key == "pace" }
	if !slices.ContainsFunc(component.Fields(again.Source.Config), paced) {
		return again, nil
	}
	overrides = append(overrides, config.SetString("test", "source.pace", "max"))
	return load()
}

// mayUpdate refuses to write what is expected over what is read.
func (t *configTest) mayUpdate() error {
	if t.test.Expect == "" {
		return nil
	}
	inputs := []outfile.Named{{What: "the configuration", Path: t.File}}
	q := t.pipeline
	for _, part := range []config.Part{q.Source, q.Encoder, q.Network, q.Readout} {
		for _, f := range component.Files(part.Config) {
			inputs = append(inputs, outfile.Named{What: string(part.Spec.Kind) + "." + f.Path, Path: f.Text})
		}
	}
	return outfile.Distinct([]outfile.Named{{What: fmt.Sprintf("tests.cases.%d.expect", t.number), Path: t.test.Expect}}, inputs)
}

// run carries the input through the pipeline and compares.
func (t *configTest) run(ctx context.Context, log *slog.Logger, update bool) {
	began := time.Now()
	got, err := collect(ctx, t.pipeline, log)
	t.Seconds, t.Detections = time.Since(began).Seconds(), len(got)
	if err == nil && update && t.test.Expect != "" {
		if err = expectation.Write(t.test.Expect, got); err == nil {
			t.expected, err = expectation.Read(t.test.Expect)
			t.Updated = err == nil
		}
	}
	if err != nil {
		t.Error = err.Error()
		return
	}
	t.Failures = t.test.Compare(got, t.expected, func(path string) string {
		return t.pipeline.At(fmt.Sprintf("tests.cases.%d.%s", t.number, path))
	})
	t.Pass = len(t.Failures) == 0
}

// shownFailures is how many differences of a test the text shows.
const shownFailures = 20

func (t *configTest) write(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(t)
	}
	verdict := "ok  "
	switch {
	case !t.Pass:
		verdict = "FAIL"
	case t.Updated:
		verdict = "new "
	}
	_, err := fmt.Fprintf(out, "%s  %s: %s  (%d detections, %.2f s)\n", verdict, t.Name, t.Test, t.Detections, t.Seconds)
	if t.Error != "" {
		fmt.Fprintf(out, "      %s\n", t.Error)
	}
	for i, d := range t.Failures {
		if i == shownFailures {
			fmt.Fprintf(out, "      and %d more; --json lists all\n", len(t.Failures)-i)
			break
		}
		fmt.Fprintf(out, "      %s\n", d)
	}
	return err
}

// collect runs a pipeline over the whole of a recorded input, without its sinks,
// and returns everything that it detects.
func collect(ctx context.Context, p *config.Pipeline, log *slog.Logger) ([]pipeline.Detection, error) {
	parts, err := service.Assemble(p, true, log)
	if err != nil {
		return nil, err
	}
	all := new(collector)
	parts.Queue.Policy = runner.Block // nothing is dropped, or another run would differ
	parts.Sinks = []runner.Sink{{Name: "test", Sink: all, Queue: runner.SinkQueue{Detections: 1024, Policy: runner.Block}}}
	s, err := runner.Run(ctx, parts, runner.Options{Log: log})
	if err != nil {
		return nil, err
	}
	if events, detections := s.Lost(); events+detections > 0 {
		err = fmt.Errorf("%d %s and %d detections were dropped", events, s.Input.Unit, detections)
	}
	return all.list, errors.Join(s.Verify(), err)
}

// collector is a sink that keeps what it gets.
type collector struct{ list []pipeline.Detection }

func (c *collector) Open(_ context.Context, s pipeline.StreamMeta) error {
	if s.Info.Live {
		return errors.New("the source is live, and the test would never end: replace it, as in set: ['source={type: recording, path: FILE}']")
	}
	return nil
}

func (c *collector) Write(_ context.Context, ds []pipeline.Detection) error {
	c.list = append(c.list, ds...)
	return nil
}

func (c *collector) Close(context.Context) error { return nil }
