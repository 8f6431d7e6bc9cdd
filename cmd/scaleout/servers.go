package scaleout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"ganglion/internal/screen"
	"ganglion/internal/sleep"
	"ganglion/pipeline/cluster"
	"ganglion/pipeline/config"
	"ganglion/pipeline/natsconn"
	"ganglion/pipeline/telemetry"
	"ganglion/sinks/nats/embedded"
)

// flags are the flags that feed, work and status have in common.
type flags struct {
	sets     []string
	nats     string
	listen   string
	store    string
	dryRun   bool
	once     bool // servers that are not there are not waited for; of a dry run they never are
	logLevel slog.Level
	logJSON  bool
}

func (f *flags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.sets, "set", nil, "`KEY=VALUE` of the configuration, the value in YAML; may be repeated")
	cmd.Flags().StringVar(&f.nats, "nats", "", "`URL` of the servers, in place of cluster.url")
	cmd.Flags().TextVar(&f.logLevel, "log-level", slog.LevelInfo, "log from `LEVEL` upwards: debug, info, warn, error")
	cmd.Flags().BoolVar(&f.logJSON, "log-json", false, "log JSON lines")
}

// log is that of the command.
func (f *flags) log() *slog.Logger {
	return telemetry.NewLog(screen.NewWriter(os.Stderr), f.logLevel, f.logJSON)
}

// servers is an open connection to the servers of a cluster.
type servers struct {
	cfg    cluster.Config
	nc     *nats.Conn
	probe  *natsconn.Probe
	js     jetstream.JetStream
	server *embedded.Server
	log    *slog.Logger
}

// clusterOf is the configuration that all pipelines have in common.
func (p Program) clusterOf(pipelines []*config.Pipeline, f *flags) (cluster.Config, error) {
	c := of(pipelines[0]).Shared()
	for _, one := range pipelines {
		if fmt.Sprintf("%+v", of(one).Shared()) != fmt.Sprintf("%+v", c) {
			return c, p.Usage(fmt.Errorf("%s: pipeline %q: cluster: differs in more than streams from that of pipeline %q", one.File, one.Name,
				pipelines[0].Name))
		}
	}
	if f.nats != "" && f.nats != natsEmbedded {
		c.URL = f.nats
		if err := c.Validate(); err != nil {
			return c, p.Usage(fmt.Errorf("--nats: %w", err))
		}
	}
	return c, nil
}

const natsEmbedded = "embedded"

// dial connects to the servers of a cluster, waiting for them as long as the
// context allows, or runs one in this process.
func (p Program) dial(ctx context.Context, f *flags, c cluster.Config, name string) (_ *servers, err error) {
	cc := &servers{cfg: c, log: f.log()}
	if f.nats == natsEmbedded {
		if c.Replicas > 1 {
			return nil, p.Usage(fmt.Errorf("cluster.replicas: the embedded server is one and cannot keep %d copies", c.Replicas))
		}
		access, err := embedded.AccessOf(c.Access)
		if err != nil {
			return nil, p.Usage(fmt.Errorf("cluster: %w", err))
		}
		if _, err := embedded.Check(f.listen, access); err != nil {
			return nil, p.Usage(fmt.Errorf("--listen: %w", err))
		}
		cc.server, err = embedded.Acquire(embedded.Options{Listen: f.listen, Access: access, JetStream: true, StoreDir: f.store, Log: cc.log})
		if err != nil {
			return nil, err
		}
		if cc.nc, err = natsconn.Loopback(cc.server.URL(), name, c.Access, cc.log); err != nil {
			return nil, errors.Join(err, cc.server.Release(ctx))
		}
	} else {
		for told := false; ; told = true {
			cc.nc, err = natsconn.Connect(ctx, natsconn.Server{URL: c.URL, Name: name, Access: c.Access, Timeout: 5 * time.Second, Log: cc.log})
			if err == nil {
				break
			}
			if f.once || f.dryRun || errors.Is(err, nats.ErrAuthorization) { // no patience makes credentials right
				return nil, err
			}
			if !told {
				cc.log.Warn("waiting for the servers", "error", err)
			}
			if sleep.For(ctx, time.Second) != nil {
				return nil, err
			}
		}
	}
	cc.probe = natsconn.NewProbe(cc.nc)
	if cc.js, err = jetstream.New(cc.nc); err != nil {
		cc.close(ctx)
		return nil, err
	}
	return cc, nil
}

func (cc *servers) close(ctx context.Context) {
	cc.probe.Close()
	cc.nc.Close()
	if cc.server != nil {
		if err := cc.server.Release(context.WithoutCancel(ctx)); err != nil {
			cc.log.Warn("the embedded server did not end in order", "error", err)
		}
	}
}

// plan asks with patience for one answer: servers that have just begun do not
// answer at all.
func (cc *servers) plan(ctx context.Context) ([]cluster.Step, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return cluster.Plan(ctx, cc.js, cc.cfg)
}

// prepare makes what the cluster lacks on its servers, or prints it for a dry
// run. A server that has just begun is asked again.
func (cc *servers) prepare(ctx context.Context, out io.Writer, dryRun bool) error {
	once, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		steps, err := cc.plan(once)
		if err == nil && dryRun {
			for _, s := range steps {
				fmt.Fprintln(out, s.Text)
			}
			if len(steps) == 0 {
				fmt.Fprintln(out, "nothing to change")
			}
			return nil
		}
		if err == nil {
			err = cluster.Apply(once, steps)
		}
		if err == nil {
			for _, s := range steps {
				cc.log.Info(s.Text)
			}
			return nil
		}
		if !errors.Is(err, jetstream.ErrJetStreamNotEnabled) && !errors.Is(err, nats.ErrNoResponders) &&
			!errors.Is(err, context.DeadlineExceeded) || sleep.For(once, 200*time.Millisecond) != nil {
			return err
		}
	}
}
