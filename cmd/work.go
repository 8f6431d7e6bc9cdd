package cmd

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"ganglion/pipeline/cluster"
	"ganglion/pipeline/config"
	"ganglion/sinks/keep"
)

func (p program) newWork() *cobra.Command {
	var f clusterFlags
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
		RunE: failing(func(cmd *cobra.Command, args []string) error { return p.work(cmd, args, f) }),
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", "address of the server that --nats embedded runs in this process")
	cmd.Flags().StringVar(&f.store, "store", "", "folder of the server that --nats embedded runs; empty is a temporary one")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would be created or changed on the servers, and end")
	return cmd
}

func (p program) work(cmd *cobra.Command, paths []string, f clusterFlags) error {
	pipelines, err := p.loadPipelines(paths, f.sets)
	if err != nil {
		return err
	}
	c, err := clusterOf(pipelines, &f)
	if err != nil {
		return err
	}
	ctx, stop := stopping(cmd.Context())
	defer stop()
	cc, err := f.dial(ctx, c, "work")
	if err != nil {
		return err
	}
	defer cc.close(ctx)
	if err := cc.prepare(ctx, cmd.OutOrStdout(), f.dryRun); err != nil || f.dryRun {
		return err
	}
	var list []*cluster.Pipeline
	for _, p := range pipelines {
		one, err := clusterPipeline(p, c, cc)
		if err != nil {
			return usage(fmt.Errorf("%s: pipeline %q: %w", p.File, p.Name, err))
		}
		list = append(list, one)
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	w, err := cluster.NewWorker(ctx, cluster.Options{Conn: cc.nc, Log: cc.log, Now: time.Now, Host: host}, list)
	if err != nil {
		return err
	}
	return w.Run(ctx)
}

// clusterPipeline is a pipeline as workers run it: without source and sinks.
func clusterPipeline(p *config.Pipeline, c cluster.Config, cc *clusterConn) (*cluster.Pipeline, error) {
	if k := p.Sections.Of(keepSection).(*keep.Config); k.Dir != "" {
		return nil, fmt.Errorf("keep: clips are kept by run alone, not by work")
	}
	parts, err := assemble(p, true, cc.log)
	if err != nil {
		return nil, err
	}
	id, err := identity(p)
	if err != nil {
		return nil, err
	}
	c.Streams = p.Sections.Of(clusterSection).(*cluster.Config).Streams
	return &cluster.Pipeline{Pipeline: parts, Identity: id, Config: c}, nil
}
