// Package livepage ties the live page (sinks/dashboard) to the program: where run
// --view serves it, and what it may do with a pipeline: replay it, change its
// readout, save its configuration.
package livepage

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"ganglion/pipeline/component"
	"ganglion/pipeline/runner"
	"ganglion/sinks/dashboard"
)

// DefaultAddress is where run --view serves the page unless told otherwise.
func DefaultAddress() string { return dashboard.NewDefaultConfig().Listen }

// ports is how many ports from the one of the default address on are tried.
const ports = 20

// shutdownTime bounds how long viewers may take to leave.
const shutdownTime = 2 * time.Second

// Page is the page of run --view, held while the process runs. A nil one is none.
type Page struct {
	config dashboard.Config
	server *dashboard.Server
}

// Open serves the page at an address and says where it is; no address gives a nil
// page. The port of the default address may be taken: then the next free one is as
// good. An address that others can reach gets a token.
func Open(ctx context.Context, address string, log *slog.Logger) (*Page, error) {
	if address == "" {
		return nil, nil
	}
	p, err := open(ctx, address, log)
	if err != nil {
		return nil, fmt.Errorf("--view: %w", err)
	}
	fmt.Fprintln(os.Stderr, "See it live:", p.server.URL())
	return p, nil
}

func open(ctx context.Context, address string, log *slog.Logger) (*Page, error) {
	c := dashboard.NewDefaultConfig()
	tries := 1
	if address == c.Listen {
		tries = ports
	}
	c.Listen = address
	if c.Validate() != nil {
		c.Token = component.Secret(randomToken())
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return nil, err
	}
	first, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("port %q is not a number", port)
	}
	for i := 0; ; i++ {
		c.Listen = net.JoinHostPort(host, strconv.Itoa(first+i))
		server, err := dashboard.Acquire(ctx, c, log)
		if err == nil {
			return &Page{c, server}, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) || i == tries-1 {
			return nil, err
		}
	}
}

func randomToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// Join gives a pipeline one more sink, the page, and tells the pages among its
// sinks what the program can do for them.
func (p *Page) Join(parts *runner.Pipeline, o Offer, log *slog.Logger) error {
	if p != nil {
		s, err := dashboard.New(p.config, component.Env{Log: log.With("stream", parts.Name), Now: time.Now, Name: parts.Name})
		if err != nil {
			return err
		}
		parts.Sinks = append(parts.Sinks, runner.Sink{Name: "page", Sink: s})
	}
	o.to(parts.Sinks)
	return nil
}

// Stay waits, once the runs have ended, for whoever looks at the page.
func (p *Page) Stay(ctx context.Context) {
	if p == nil || ctx.Err() != nil {
		return
	}
	fmt.Fprintln(os.Stderr, "The run has ended; the page stays until Ctrl-C:", p.server.URL())
	<-ctx.Done()
}

// Close leaves the page, also after the context has ended.
func (p *Page) Close(ctx context.Context) {
	if p == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	_ = p.server.Release(ctx) // viewers that do not leave are cut off
}
