package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ganglion/pipeline/runner"
)

// NewTop makes the command top. clear begins a new screen; empty prints one table
// below the other.
func NewTop(clear string) *cobra.Command {
	t := top{clear: clear}
	cmd := &cobra.Command{
		Use:   "top",
		Short: "watch the stages of a running pipeline",
		Long: `Show the rates, queues, drops and latencies of the pipelines of a running process,
stage by stage, until Ctrl-C or until the process ends. The process needs
telemetry: {listen: "127.0.0.1:9464"} in a configuration.`,
		Example: `  ganglion run camera.yaml --set telemetry.listen=127.0.0.1:9464
  ganglion top
  ganglion top --address 127.0.0.1:9464 --interval 5s`,
		Args: cobra.NoArgs,
	}
	t.address = addressFlag(cmd)
	cmd.Flags().DurationVar(&t.interval, "interval", time.Second, "time between two looks")
	cmd.Flags().IntVar(&t.count, "count", 0, "looks; 0 for no end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return t.run(cmd.Context(), cmd.OutOrStdout()) }
	return cmd
}

type top struct {
	address  *string
	interval time.Duration
	count    int
	clear    string
}

func (t *top) run(ctx context.Context, out io.Writer) error {
	if t.interval < 10*time.Millisecond {
		return fmt.Errorf("--interval: %v is less than 10ms", t.interval)
	}
	before := map[string]runner.Summary{}
	tick := time.NewTicker(t.interval)
	defer tick.Stop()
	for n := 1; ; n++ {
		list, err := t.look(ctx)
		if err != nil {
			if n > 1 || ctx.Err() != nil {
				fmt.Fprintln(out, "The process has ended.")
				return nil
			}
			return err
		}
		if _, err := fmt.Fprint(out, t.clear); err != nil {
			return err
		}
		for i := range list {
			s := &list[i]
			old := before[s.Name]
			if old.Run != s.Run || old.WallS > s.WallS {
				old = runner.Summary{}
			}
			if err := stages(out, s, &old); err != nil {
				return err
			}
			before[s.Name] = *s
		}
		if n == t.count {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (t *top) look(ctx context.Context) (list []runner.Summary, err error) {
	body, err := get(ctx, *t.address, "/summary")
	if err != nil {
		return nil, err
	}
	if err := json.NewDecoder(body).Decode(&list); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", *t.address, err), body.Close())
	}
	return list, body.Close()
}

// stages prints what each stage of a run did since old.
func stages(out io.Writer, s, old *runner.Summary) error {
	wall := s.WallS - old.WallS
	rate := func(now, before uint64) string {
		if wall <= 0 || now < before {
			return "-"
		}
		return figure(float64(now-before)/wall) + "/s"
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	pace := 0.
	if wall > 0 {
		pace = (s.SensorS - old.SensorS) / wall
	}
	fmt.Fprintf(w, "%s\t%s\t%.2fx real time\t%.1f s\n", s.Name, s.Stream.Modality, pace, s.SensorS)
	fmt.Fprintf(w, "STAGE\tRATE\tQUEUE\tDROPPED\n")
	in := &s.Input
	fmt.Fprintf(w, "source\t%s\t%d/%d\t%d\n", rate(in.Events.In, old.Input.Events.In), in.Batches.Queued, in.Queue.Capacity,
		in.Events.Dropped+in.LeftOut)
	fmt.Fprintf(w, "encoder\t%s\t\t\n", rate(s.Encoder.Spikes, old.Encoder.Spikes))
	for i, l := range s.Layers {
		var before uint64
		if i < len(old.Layers) {
			before = old.Layers[i].Spikes
		}
		fmt.Fprintf(w, "layer %s\t%s\t\t\n", l.Name, rate(l.Spikes, before))
	}
	fmt.Fprintf(w, "readout\t%s\t\t%d\n", rate(s.Detections.Total, old.Detections.Total), s.Detections.LeftOut)
	for i, k := range s.Sinks {
		var before uint64
		if i < len(old.Sinks) {
			before = old.Sinks[i].Written
		}
		fmt.Fprintf(w, "sink %s\t%s\t%d/%d\t%d\n", k.Name, rate(k.Written, before), k.Queued, k.Queue.Capacity, k.Dropped)
	}
	fmt.Fprintf(w, "latency\tp50 %.2f\tp90 %.2f\tp99 %.2f ms\n", s.Latency.P50MS, s.Latency.P90MS, s.Latency.P99MS)
	fmt.Fprintf(w, "synops\t%s\tenergy\t~%sJ\n\n", rate(s.SynOps, old.SynOps), runner.SI(s.Energy.EventDrivenJ))
	return w.Flush()
}

// figure is a number with three digits and an SI prefix.
func figure(v float64) string {
	for _, p := range []struct {
		scale float64
		name  string
	}{{1e9, " G"}, {1e6, " M"}, {1e3, " k"}} {
		if v >= p.scale {
			return fmt.Sprintf("%.3g%s", v/p.scale, p.name)
		}
	}
	return fmt.Sprint(math.Round(v*10) / 10)
}
