// Command manual writes the manual pages of the program into a folder, for
// packages: go run ./cmd/manual DIR. It is not a command of the program, whose
// start would pay for it.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra/doc"

	"ganglion/cmd"
	"ganglion/cmd/standard"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: manual DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(1)
	}
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
