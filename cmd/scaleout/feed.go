package scaleout

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/cluster"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

func (p Program) newFeed() *cobra.Command {
	var f flags
	var input, key string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "feed CONFIG...",
		Short: "send streams to a cluster over JetStream",
		Long: `Read the source of each pipeline and send it to the cluster's input as packets
of sensor time, for "ganglion work". A recording that was sent in part is resumed
behind its last packet, and one that was sent whole is not sent again. A server
that is away, slow or full holds a recording back.`,
		Example: `  ganglion feed configs/motion.yaml
  ganglion feed configs/motion.yaml --input recording.raw --key cam-17`,
		Args: cobra.MinimumNArgs(1),
		RunE: p.Failing(func(cmd *cobra.Command, args []string) error { return p.feed(cmd, args, f, input, key, asJSON) }),
	}
	f.register(cmd)
	cmd.Flags().StringVar(&input, "input", "", "`PATH` that replaces the source's")
	cmd.Flags().StringVar(&key, "key", "", "`KEY` of the stream, in place of the pipeline's name")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the account as JSON, one line a stream")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would be created or changed on the servers, and end")
	return cmd
}

func (p Program) feed(cmd *cobra.Command, paths []string, f flags, input, key string, asJSON bool) error {
	var overrides []config.Override
	if input != "" {
		overrides = append(overrides, config.SetString("--input", "source.path", input))
	}
	pipelines, err := p.Load(paths, f.sets, overrides...)
	if err != nil {
		return err
	}
	if (key != "" || input != "") && len(pipelines) > 1 {
		return p.Usage(fmt.Errorf("--key and --input are for one pipeline, these are %d: name a file with one of them, its cluster section "+
			"being the same", len(pipelines)))
	}
	c, err := p.clusterOf(pipelines, &f)
	if err != nil {
		return err
	}
	if key != "" {
		if err := cluster.CheckKey(key); err != nil {
			return p.Usage(fmt.Errorf("--key: %w", err))
		}
	}
	for _, one := range pipelines { // before servers are waited for
		if err := p.precheck(cmd.Context(), one, f); err != nil {
			return p.Usage(err)
		}
	}
	ctx, stop := p.Stopping(cmd.Context())
	defer stop()
	cc, err := p.dial(ctx, &f, c, "feed")
	if err != nil {
		return err
	}
	defer cc.close(ctx)
	if err := cc.prepare(ctx, cmd.OutOrStdout(), f.dryRun); err != nil || f.dryRun {
		return err
	}
	shown, err := p.show(ctx, pipelines, cc.log)
	if err != nil {
		return err
	}
	defer shown.close(ctx)
	for _, one := range pipelines {
		if name := cmp.Or(key, one.Name); !slices.ContainsFunc(pipelines, func(p *config.Pipeline) bool { return of(p).Takes(p.Name, name) }) {
			cc.log.Warn("no pipeline of this configuration takes the stream, see cluster.streams", "stream", name)
		}
	}
	summaries, errs := make([]cluster.FeedSummary, len(pipelines)), make([]error, len(pipelines))
	var group errgroup.Group
	for i, of := range pipelines {
		one, err := p.feedOf(of, c, cc, key)
		if err == nil {
			one.Tracer = shown.by[p.Telemetry(of)].Tracer()
			err = shown.watch(p.Telemetry(of), one.Account)
		}
		if errs[i] = err; err == nil {
			group.Go(func() error {
				summaries[i], errs[i] = one.Run(ctx)
				return nil
			})
		}
	}
	_ = group.Wait() // the errors are in errs
	for _, s := range summaries {
		errs = append(errs, writeFed(cmd.OutOrStdout(), s, asJSON))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var lost []error
	for _, s := range summaries {
		if s.Dropped > 0 {
			lost = append(lost, fmt.Errorf("stream %q: %d packets were dropped", s.Key, s.Dropped))
		}
		if s.LeftOut > 0 {
			lost = append(lost, fmt.Errorf("stream %q: the source dropped %d events or samples that were not read in time", s.Key, s.LeftOut))
		}
		if in := (runner.Input{Damage: s.Damage}); in.Overruns() > 0 {
			lost = append(lost, fmt.Errorf("stream %q: the operating system dropped %d datagrams that were not read in time", s.Key, in.Overruns()))
		}
	}
	if err := errors.Join(lost...); err != nil {
		return p.Dropped(err)
	}
	return nil
}

func (p Program) feedOf(of *config.Pipeline, c cluster.Config, cc *servers, key string) (*cluster.Feed, error) {
	parts, err := p.Assemble(of, cc.log)
	if err != nil {
		return nil, p.Usage(fmt.Errorf("%s: pipeline %q: %w", of.File, of.Name, err))
	}
	id, err := p.Identity(of)
	if err != nil {
		return nil, p.Usage(err)
	}
	if key == "" {
		key = of.Name
	}
	return &cluster.Feed{Config: c, Key: key, Source: parts.Source, Identity: ofSource(id), Conn: cc.nc,
		Log: cc.log, Now: time.Now, Account: cluster.NewAccount(key, cc.nc, time.Now, cc.probe.Health)}, nil
}

// precheck reports what the source or a folder lacks, as far as that shows without
// opening anything.
func (p Program) precheck(ctx context.Context, one *config.Pipeline, f flags) error {
	parts, err := p.Assemble(one, f.log())
	if err != nil {
		return fmt.Errorf("%s: pipeline %q: %w", one.File, one.Name, err)
	}
	if s, ok := parts.Source.(pipeline.Prechecked); ok {
		if err := s.Precheck(); err != nil {
			return one.Fault("source", err)
		}
	}
	if s, ok := parts.Source.(pipeline.Peeked); ok {
		if _, _, err := s.Peek(ctx); err != nil {
			return one.Fault("source", err)
		}
	}
	if err := of(one).Precheck(); err != nil {
		return one.Fault(sectionKey, err)
	}
	return nil
}

// ofSource are the values that decide what a source delivers.
func ofSource(id checkpoint.Identity) (of checkpoint.Identity) {
	for _, v := range id {
		if len(v.Key) > 7 && v.Key[:7] == "source." {
			of = append(of, v)
		}
	}
	return of
}

func writeFed(out io.Writer, s cluster.FeedSummary, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(s)
	}
	if s.Key == "" {
		return nil // it never began
	}
	perItem := ""
	if s.Items > 0 {
		perItem = fmt.Sprintf(", %.2f bytes each", float64(s.Bytes)/float64(s.Items))
	}
	_, err := fmt.Fprintf(out, "stream %s: partition %d, run %s, %d packets sent, %d there before, %d events or samples, %d bytes%s\n", s.Key,
		s.Partition, s.Run, s.Sent, s.There, s.Items, s.Bytes, perItem)
	return err
}
