package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"ganglion/cmd/monitor"
	"ganglion/internal/systemd"
)

// catchBrokenPipes makes writing to a pipe that nobody reads an error of that output
// and no signal, also for the last words of the process: its exit code says how it
// ended.
func catchBrokenPipes() {
	pipes := make(chan os.Signal, 1)
	signal.Notify(pipes, syscall.SIGPIPE)
}

// stopping returns a context that ends with the first signal to stop; a second
// one then ends the process.
func stopping(parent context.Context) (ctx context.Context, stop func()) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if interactive() {
		signals = append(signals, syscall.SIGHUP) // the terminal is gone
	}
	ctx, cancel := signal.NotifyContext(parent, signals...)
	again := context.AfterFunc(ctx, cancel)
	return ctx, func() {
		again()
		cancel()
	}
}

// interactive reports whether a person sits at a terminal.
func interactive() bool {
	return term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd()))
}

// onHangup calls f for every SIGHUP of a process without a terminal, until
// stop.
func onHangup(f func()) (stop func()) {
	if interactive() {
		return func() {}
	}
	hangups, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(hangups, syscall.SIGHUP)
	ended := make(chan struct{})
	// The goroutine waits for signals; stop ends it and waits for it.
	go func() {
		defer close(ended)
		for {
			select {
			case <-hangups:
				f()
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(done)
		<-ended
	}
}

// newTop and newTail look at a running pipeline from another terminal.
func newTop() *cobra.Command {
	clear := ""
	if term.IsTerminal(int(os.Stdout.Fd())) {
		clear = "\x1b[H\x1b[2J"
	}
	c := monitor.NewTop(clear)
	c.RunE = failing(c.RunE)
	return c
}

func newTail() *cobra.Command {
	c := monitor.NewTail()
	c.RunE = failing(c.RunE)
	return c
}

// underManager tells the service manager that started the process, if one did,
// when it is ready, that it lives and that it stops, until end.
func underManager(ctx context.Context, alive func() bool) (end func(), err error) {
	n, err := systemd.Open(os.Getenv, os.Getpid())
	if err != nil {
		return func() {}, err
	}
	done := make(chan struct{})
	var g errgroup.Group // owns the goroutine
	g.Go(func() error { return n.Serve(ctx, done, alive) })
	return func() {
		close(done)
		_ = g.Wait() // a manager that has gone is told nothing
		_ = n.Close()
	}, nil
}
