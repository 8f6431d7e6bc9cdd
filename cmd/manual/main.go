// Command manual writes the manual pages of the program into a folder, for
// packages: go run ./cmd/manual DIR. It is not a command of the program, whose
// start would pay for it.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
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

// write writes a page for each command into dir, dated SOURCE_DATE_EPOCH.
func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	date := time.Unix(0, 0).UTC()
	if s, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		date = time.Unix(s, 0).UTC()
	}
	header := &doc.GenManHeader{Title: "GANGLION", Section: "1", Source: "ganglion", Date: &date}
	root := cmd.Root(standard.Components()...)
	root.DisableAutoGenTag = true
	if err := doc.GenManTree(root, header, dir); err != nil {
		return err
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	for _, page := range pages {
		err = errors.Join(err, tidy(page, date))
	}
	return err
}

// option is an option as cobra writes it: a paragraph, but the first one, and a line that a tab begins.
var option = regexp.MustCompile(`(?m)^(?:\.PP\n)?(\\fB-.*)\n\t`)

// tidy gives a page the date that man expects, and options as tagged paragraphs.
func tidy(page string, date time.Time) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	text = bytes.Replace(text, []byte(date.Format(`"Jan 2006"`)), []byte(date.Format(`"2006-01-02"`)), 1)
	return os.WriteFile(page, option.ReplaceAll(text, []byte(".TP\n$1\n")), 0o644)
}
