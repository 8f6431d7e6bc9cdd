package scaleout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/cluster"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/sinks/arrow"
)

func (p Program) newWork() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "work CONFIG...",
		Short: "take part in a cluster: run streams that come over JetStream",
		Long: `Take partitions of the streams that "ganglion feed" sends, run encoder, network
and readout over them, and commit detections and state to JetStream together.
Any number of workers may run; one that dies or is stopped is replaced by the
others, and no detection is lost or stored twice. Sinks of the configuration are
not used: detections are in the output stream. Ctrl-C hands everything over.`,
		Example: `  ganglion work configs/motion.yaml --nats embedded --listen 127.0.0.1:4222
  ganglion work configs/motion.yaml
  ganglion work configs/motion.yaml --dry-run`,
		Args: cobra.MinimumNArgs(1),
		RunE: p.Failing(func(cmd *cobra.Command, args []string) error { return p.work(cmd, args, f) }),
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", "address of the server that --nats embedded runs in this process")
	cmd.Flags().StringVar(&f.store, "store", "", "folder of the server that --nats embedded runs; empty is a temporary one")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would be created or changed on the servers, and end")
	return cmd
}

func (p Program) work(cmd *cobra.Command, paths []string, f flags) error {
	pipelines, err := p.Load(paths, f.sets)
	if err != nil {
		return err
	}
	c, err := p.clusterOf(pipelines, &f)
	if err != nil {
		return err
	}
	ctx, stop := p.Stopping(cmd.Context())
	defer stop()
	cc, err := p.dial(ctx, &f, c, "work")
	if err != nil {
		return err
	}
	defer cc.close(ctx)
	if err := cc.prepare(ctx, cmd.OutOrStdout(), f.dryRun); err != nil || f.dryRun {
		return err
	}
	var list []*cluster.Pipeline
	for _, one := range pipelines {
		parts, err := p.pipeline(one, c, cc)
		if err != nil {
			return p.Usage(fmt.Errorf("%s: pipeline %q: %w", one.File, one.Name, err))
		}
		list = append(list, parts)
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	shown, err := p.show(ctx, pipelines, cc.log)
	if err != nil {
		return err
	}
	defer shown.close(ctx)
	w, err := cluster.NewWorker(ctx, cluster.Options{Conn: cc.nc, Log: cc.log, Now: time.Now, Host: host, Parts: writePart,
		Health: cc.probe.Health, Tracer: shown.tracer()}, list)
	if err != nil {
		return err
	}
	for i, a := range w.Accounts() {
		if err := shown.watch(p.Telemetry(pipelines[i]), a); err != nil {
			return err
		}
	}
	return w.Run(ctx)
}

// writePart writes detections of one stream to a new Arrow file.
func writePart(ctx context.Context, path string, m pipeline.StreamMeta, rows []pipeline.Detection) error {
	c := arrow.NewDefaultConfig()
	c.Path, c.OnExist = path, outfile.OnReplace
	sink, err := arrow.New(c, component.Env{Log: slog.New(slog.DiscardHandler), Now: time.Now, Name: m.Name})
	if err != nil {
		return err
	}
	if err = sink.Open(ctx, m); err == nil {
		err = sink.Write(ctx, rows)
	}
	return errors.Join(err, sink.Close(ctx))
}

// pipeline is a pipeline as workers run it: without source and sinks.
func (p Program) pipeline(of *config.Pipeline, c cluster.Config, cc *servers) (*cluster.Pipeline, error) {
	parts, err := p.Assemble(of, cc.log)
	if err != nil {
		return nil, err
	}
	id, err := p.Identity(of)
	if err != nil {
		return nil, err
	}
	c.Streams = streams(of)
	return &cluster.Pipeline{Pipeline: parts, Identity: id, Config: c}, nil
}

func streams(p *config.Pipeline) []string { return of(p).Streams }
