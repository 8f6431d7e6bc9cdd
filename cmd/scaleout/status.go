package scaleout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"ganglion/pipeline/cluster"
	"ganglion/pipeline/config"
)

func (p Program) newStatus() *cobra.Command {
	var f flags
	var asJSON bool
	var apart time.Duration
	cmd := &cobra.Command{
		Use:   "status CONFIG...",
		Short: "show how a cluster does: partitions, owners, lag, rates",
		Long: `Show the workers of a cluster, and of each stream its owner, how many packets and
how much sensor time it is behind, when it was committed last, and how much is
processed in a second. Streams that are set aside are listed with the reason.`,
		Example: `  ganglion status configs/motion.yaml
  ganglion status configs/motion.yaml --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: p.Failing(func(cmd *cobra.Command, args []string) error {
			pipelines, err := p.Load(args, f.sets)
			if err != nil {
				return err
			}
			c, err := p.clusterOf(pipelines, &f)
			if err != nil {
				return err
			}
			ctx, stop := p.Stopping(cmd.Context())
			defer stop()
			ctx, cancel := context.WithTimeout(ctx, apart+30*time.Second)
			defer cancel()
			f.once = true
			cc, err := p.dial(ctx, &f, c, "status")
			if err != nil {
				return err
			}
			defer cc.close(ctx)
			s, err := cluster.ReadStatus(ctx, cc.js, c, apart)
			if errors.Is(err, jetstream.ErrStreamNotFound) {
				return fmt.Errorf("%w: no feed and no work has made the cluster %q here yet", err, c.Name)
			}
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(s)
			}
			taken := func(key string) bool {
				return slices.ContainsFunc(pipelines, func(p *config.Pipeline) bool { return of(p).Takes(p.Name, key) })
			}
			return WriteStatus(cmd.OutOrStdout(), s, time.Now(), taken)
		}),
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().DurationVar(&apart, "over", time.Second, "time over which rates are measured; 0 measures none")
	return cmd
}

// WriteStatus writes the status as text. taken reports whether a pipeline takes the stream
// of a key.
func WriteStatus(out io.Writer, s *cluster.Status, now time.Time, taken func(key string) bool) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "cluster\t%s\t%d packets behind, %.0f packets/s, %.3g events or samples/s\n", s.Cluster, s.LagPackets, s.PacketsPerS,
		s.ItemsPerS)
	fmt.Fprintf(t, "input\t%d messages\t%.1f MiB\n", s.Input.Messages, float64(s.Input.Bytes)/(1<<20))
	fmt.Fprintf(t, "output\t%d messages\t%.1f MiB\n", s.Output.Messages, float64(s.Output.Bytes)/(1<<20))
	for _, w := range s.Workers {
		fmt.Fprintf(t, "worker\t%s\tpartitions %v, roll-out %d, since %s\n", w.ID, w.Partitions, w.Rollout, w.Since.Format(time.RFC3339))
	}
	if len(s.Workers) == 0 {
		fmt.Fprintf(t, "worker\tnone\t\n")
	}
	if err := t.Flush(); err != nil {
		return err
	}
	t = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "PARTITION\tSTREAM\tPIPELINE\tOWNER\tBEHIND\tCOMMITTED\tRATE\tDETECTIONS\tSTATE")
	for _, p := range s.Partitions {
		for _, l := range p.Streams {
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%d packets, %.2f s\t%s\t%.3g/s\t%d\t%s\n", p.Partition, l.Key, or(l.Pipeline, "-"), or(p.Owner, "-"),
				l.LagPackets, l.LagS, since(p.CommittedMS, now), l.ItemsPerS, l.Detections, stateOf(l, taken))
		}
	}
	return t.Flush()
}

func stateOf(l cluster.StreamStatus, taken func(key string) bool) string {
	switch {
	case l.Aside != "":
		return "set aside: " + l.Aside
	case l.Pipeline == "" && !taken(l.Key):
		return "no pipeline takes it, see cluster.streams"
	case l.Pipeline == "":
		return "not taken yet"
	case l.Ended:
		return "ended"
	case l.Lost > 0:
		return fmt.Sprintf("%d packets LOST", l.Lost)
	}
	return "running"
}

func since(ms int64, now time.Time) string {
	if ms == 0 {
		return "never"
	}
	age := max(0, now.Sub(time.UnixMilli(ms))) // the worker's clock may be ahead of this one
	return age.Round(100*time.Millisecond).String() + " ago"
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
