package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"slices"
	"strings"

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
	for line := range strings.SplitSeq(redact.Text(err.Error()), "\n") {
		if logJSON {
			l.Error(line, "exit_code", exitCode(err))
		} else {
			fmt.Fprintln(out, screen.Line(shortened(line, longestLine)))
		}
	}
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
