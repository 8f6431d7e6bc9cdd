package cmd

import (
	"errors"

	"github.com/spf13/cobra"
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
