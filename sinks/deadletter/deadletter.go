// Package deadletter writes what a pipeline lost for good, as JSON lines, as
// messages on NATS, or both: the top-level key "errors".
//
// A record is a [pipeline.DeadLetter]: which pipeline and run, at which stage, for
// what cause, when, where in the input, and the detection itself where it is at
// hand. Each line is written at once.
package deadletter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/natsconn"
)

// Config is the top-level key "errors".
type Config struct {
	Path    string `key:"path" file:"write" doc:"File that gets a JSON line for each loss, behind what it holds; {name} is the pipeline's name; empty writes none." example:"out/{name}.errors.jsonl"`
	URL     string `key:"url" doc:"NATS server that gets a message for each loss; empty sends none." example:"nats://127.0.0.1:4222"`
	Subject string `key:"subject" doc:"Subject of these messages; {name} is the pipeline's name."`
	Most    int    `key:"most" doc:"Records of a run; what is lost beyond is only counted." min:"1"`

	natsconn.Access `key:",squash"`
}

// NewDefaultConfig writes nothing.
func NewDefaultConfig() Config { return Config{Subject: "ganglion.{name}.errors", Most: 100_000} }

// On reports whether anything is to be written.
func (c Config) On() bool { return c.Path != "" || c.URL != "" }

// Validate checks what tags cannot say.
func (c Config) Validate() error {
	if c.URL != "" {
		if _, err := natsconn.ParseURL(c.URL); err != nil {
			return fmt.Errorf("url: %w", err)
		}
		if c.Subject == "" || strings.ContainsAny(c.Subject, " *>\t\r\n") {
			return fmt.Errorf("subject: %q cannot be published to", c.Subject)
		}
	}
	return c.Access.Validate()
}

// Route takes the dead letters of one pipeline. It implements
// [pipeline.DeadLetters].
type Route struct {
	c       Config
	name    string
	log     *slog.Logger
	file    *os.File
	nc      *nats.Conn
	subject string
	buf     []byte
}

// New makes the route of a pipeline. It opens nothing.
func New(c Config, name string, log *slog.Logger) *Route {
	return &Route{c: c, name: name, log: log, subject: strings.ReplaceAll(c.Subject, "{name}", name)}
}

// connectTime bounds how long a server may take to answer, at the start and at the
// end.
const connectTime = 2 * time.Second

// Open opens the file, behind what it holds, and connects.
func (r *Route) Open(ctx context.Context, _ pipeline.StreamMeta) (err error) {
	if r.c.Path != "" {
		if r.file, err = outfile.Open(outfile.Path(r.c.Path, r.name)); err != nil {
			return err
		}
	}
	if r.c.URL != "" {
		r.nc, err = natsconn.Connect(ctx, natsconn.Server{URL: r.c.URL, Name: r.name, Access: r.c.Access, Timeout: connectTime, Log: r.log})
	}
	return err
}

// Put writes one letter. A line that is cut off by a full disk is taken back.
func (r *Route) Put(_ context.Context, d *pipeline.DeadLetter) error {
	line, err := json.Marshal(d)
	if err != nil {
		return err
	}
	var errs []error
	if r.file != nil {
		r.buf = append(append(r.buf[:0], line...), '\n')
		errs = append(errs, r.append())
	}
	if r.nc != nil {
		errs = append(errs, r.nc.Publish(r.subject, line))
	}
	return errors.Join(errs...)
}

func (r *Route) append() error {
	n, err := r.file.Write(r.buf)
	if err == nil || n == 0 || !outfile.Regular(r.file) {
		return err
	}
	if info, serr := r.file.Stat(); serr == nil {
		err = errors.Join(err, r.file.Truncate(info.Size()-int64(n)))
	}
	return err
}

// Close ends the file and sends what is on its way.
func (r *Route) Close(ctx context.Context) error {
	var errs []error
	if r.nc != nil {
		sent, cancel := context.WithTimeout(ctx, connectTime)
		defer cancel()
		errs = append(errs, r.nc.FlushWithContext(sent))
		r.nc.Close()
	}
	if r.file != nil {
		errs = append(errs, r.file.Close())
	}
	return errors.Join(errs...)
}

var _ pipeline.DeadLetters = (*Route)(nil)
