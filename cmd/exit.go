package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"go.opentelemetry.io/otel"

	"ganglion/internal/redact"
	"ganglion/internal/screen"
	"ganglion/pipeline/telemetry"
	"ganglion/sources/audio"
)

// The exit codes.
const (
	exitFailed  = 1 // at run time
	exitUsage   = 2 // wrong use or configuration
	exitDropped = 3 // done, but something was dropped
)

// codedError is an error with the exit code that it asks for.
type codedError struct {
	code int
	error
}

func (e codedError) Unwrap() error { return e.error }

func usage(err error) error { return codedError{exitUsage, err} }

func dropped(err error) error { return codedError{exitDropped, err} }

// exitCode is what the process ends with. An error without a code comes from
// cobra, before any command ran: wrong use.
func exitCode(err error) int {
	var coded codedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &coded):
		return coded.code
	}
	return exitUsage
}

// failing makes a command's function report its errors as failures at run
// time unless they carry another code.
func failing(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		var coded codedError
		if err == nil || errors.As(err, &coded) {
			return err
		}
		return codedError{exitFailed, err}
	}
}

// longestLine bounds a line of an error, characters.
const longestLine = 300

// tell prints why a command failed, a line for each fault, without secrets; as
// the log is, where that is JSON lines.
func tell(out io.Writer, cmd *cobra.Command, args []string, err error) {
	logJSON := slices.Contains(args, "--log-json") // in case the flags could not be read
	if f := cmd.Flags().Lookup("log-json"); f != nil {
		logJSON = logJSON || f.Value.String() == "true"
	}
	l := telemetry.NewLog(out, slog.LevelInfo, true)
	lines := strings.Split(redact.Text(err.Error()), "\n")
	for i, line := range lines {
		if slices.Contains(lines[:i], line) {
			continue // what failed and was closed tells the same twice
		}
		if logJSON {
			l.Error(line, "exit_code", exitCode(err))
		} else {
			fmt.Fprintln(out, screen.Line(shortened(line, longestLine)))
		}
	}
}

// standardOutput keeps the first error of a write, for commands that
// do not look at theirs, and takes nothing more after it.
type standardOutput struct {
	to io.Writer

	mu  sync.Mutex // guards err
	err error
}

// Write implements [io.Writer].
func (o *standardOutput) Write(p []byte) (n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		n, o.err = o.to.Write(p)
	}
	return n, o.err
}

// failure is what went wrong with the output.
func (o *standardOutput) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return codedError{exitFailed, o.err}
	}
	return nil
}

// readerLeft reports whether all that is wrong is that the reader of standard output
// has left, as head does: nobody is told of it.
func readerLeft(err error) bool {
	path, ok := errors.AsType[*fs.PathError](err)
	return ok && path.Path == os.Stdout.Name() && errors.Is(path, syscall.EPIPE) && err.Error() == path.Error()
}

// captureLog takes what libraries tell, on the standard log or by means of their
// own, into ours.
func captureLog(l *slog.Logger) {
	otel.SetErrorHandler(telemetry.ErrorHandler(l))
	otel.SetLogger(logr.FromSlogHandler(l.Handler()))
	log.SetFlags(0)
	log.SetOutput(audio.FilterLog(logLines{l}))
}

// logLines logs every line that is written to it.
type logLines struct{ log *slog.Logger }

func (w logLines) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		w.log.Warn(strings.TrimSpace(string(line)))
	}
	return len(p), nil
}
