// Command manual writes the manual pages of the program into a folder, for
// packages: go run ./cmd/manual DIR. It is not a command of the program, whose
// start would pay for it.
package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra/doc"

	"ganglion/cmd"
	"ganglion/cmd/standard"
)

func main() { os.Exit(run(os.Args[1:], os.Stderr)) }

// run is main with its arguments; it returns the exit code.
func run(args []string, stderr io.Writer) int {
	if len(args) != 1 {
		fmt.Fprintln(stderr, "usage: manual DIR")
		return 2
	}
	if err := write(args[0]); err != nil {
		fmt.Fprintln(stderr, "manual:", err)
		return 1
	}
	return 0
}

// write writes a page for each command into dir: the same at any time.
func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	epoch := time.Unix(0, 0)
	header := &doc.GenManHeader{Title: "GANGLION", Section: "1", Source: "ganglion", Date: &epoch}
	return doc.GenManTree(cmd.Root(standard.Components()...), header, dir)
}
