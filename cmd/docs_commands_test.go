package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// printed is a command of the program that a document prints.
type printed struct {
	file string
	line int
	args []string
}

// notRun are commands that the test reads and does not run, by a part of them, and
// why.
var notRun = map[string]string{
	"train ":                "trains for minutes on recordings that are not part of the project",
	"eval digits":           "needs the recordings of spoken digits, which are not part of the project",
	"eval keywords":         "needs recordings of a word, which are not part of the project",
	"eval motion --scenes":  "simulates and tracks for minutes",
	"eval nir":              "needs labelled recordings, which are not part of the project",
	"--view":                "stays until Ctrl-C; TestThePageShowsEventsAndBoxesThatMove runs it",
	"--hold":                "stays until Ctrl-C",
	"pulse://":              "needs a microphone",
	"udp://":                "sends in real time",
	"--input -":             "reads what another program pipes into it",
	"- -":                   "reads what another program pipes into it",
	"nats://127.0.0.1:4222": "needs a NATS server",
	"[{type: nats}]":        "needs a NATS server; TestASecondRunPublishesOnTheServerThatTheFirstOneHolds has one",
	"top":                   "needs a running pipeline; TestTopAndTailLookAtARunningPipeline has one",
	"tail":                  "needs a running pipeline; TestTopAndTailLookAtARunningPipeline has one",
	"work ":                 "waits for streams of a cluster until Ctrl-C",
	"feed ":                 "needs a NATS server",
	"status ":               "needs a NATS server",
	"--watch":               "stays until Ctrl-C",
	"configs --set":         "shows values of --set that exclude each other",
}

// TestEveryPrintedCommandIsOneOfTheProgram reads each command of README and docs
// with the program's own flags, and runs those whose input is there, in a folder
// of its own, in the order in which a page prints them.
func TestEveryPrintedCommandIsOneOfTheProgram(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	seen, ran := 0, 0
	for _, page := range append([]string{"../README.md"}, pages...) {
		commands := commandsOf(t, page)
		if len(commands) == 0 {
			continue
		}
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Chdir(workspace(t, top))
			for _, c := range commands {
				seen++
				if err := understood(c.args); err != nil {
					t.Errorf("%s:%d: ganglion %s: %v", c.file, c.line, strings.Join(c.args, " "), err)
					continue
				}
				if reason(c.args) != "" || !inputsAreThere(c.args) {
					continue
				}
				ran++
				root := ganglion.newRoot()
				root.SetOut(io.Discard)
				root.SetArgs(append(c.args, quiet(c.args)...))
				ctx, cancel := context.WithTimeout(t.Context(), longest)
				err := root.ExecuteContext(ctx)
				if ctx.Err() != nil {
					err = errors.Join(err, fmt.Errorf("does not end within %v: say why in notRun", longest))
				}
				cancel()
				if err != nil {
					t.Errorf("%s:%d: ganglion %s: %v", c.file, c.line, strings.Join(c.args, " "), err)
				}
			}
		})
	}
	if seen < 40 || ran < 10 {
		t.Errorf("%d commands, of which %d ran: are they still found?", seen, ran)
	}
}

// longest is what a printed command may take.
const longest = time.Minute

// workspace is a folder with the files that the documents take for granted.
func workspace(t *testing.T, top string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"configs", "testdata"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(top, name))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "docs", "images"), 0o755); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "testdata", "crossing.raw"))
	if err == nil { // the recording that a reader has
		err = os.WriteFile(filepath.Join(dir, "recording.raw"), data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// quiet keeps a run from logging to the test's output.
func quiet(args []string) []string {
	if args[0] == "run" {
		return []string{"--log-level", "error"}
	}
	return nil
}

// understood finds the command and reads its flags.
func understood(args []string) error {
	cmd, rest, err := ganglion.newRoot().Find(args)
	if err != nil {
		return err
	}
	if cmd.Parent() == nil {
		return fmt.Errorf("is not a command")
	}
	return cmd.ParseFlags(rest)
}

func reason(args []string) string {
	line := strings.Join(args, " ") + " "
	for part, why := range notRun {
		if strings.Contains(line, part) {
			return why
		}
	}
	return ""
}

// inputsAreThere reports whether the files that a command names are: those that it
// does not write, with an ending.
func inputsAreThere(args []string) bool {
	writes := map[string]bool{"-o": true, "--out": true, "--truth": args[0] == "simulate", "--summary": true, "--plot": true, "--spikes": true}
	if args[0] == "convert" && len(args) > 2 {
		args = append(args[:2:2], args[3:]...) // the output
	}
	for i, a := range args {
		if i > 0 && writes[args[i-1]] || strings.ContainsAny(a, "={:") || !strings.Contains(filepath.Base(a), ".") || strings.HasPrefix(a, "-") {
			continue
		}
		if regexp.MustCompile(`^[\d.]+m?s?$`).MatchString(a) {
			continue
		}
		if _, err := os.Stat(a); err != nil {
			return false
		}
	}
	return true
}

// commandsOf finds the commands in the fenced and indented blocks of a page.
func commandsOf(t *testing.T, page string) (list []printed) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	start := regexp.MustCompile(`^\s*(?:\$ )?(?:go run \./cmd/ganglion|\./ganglion|ganglion) (.*)$`)
	fenced, joined := false, ""
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
			continue
		}
		if !fenced && !strings.HasPrefix(line, "    ") {
			continue
		}
		line = joined + line
		joined = ""
		m := start.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if before, ok := strings.CutSuffix(line, `\`); ok {
			joined = before
			continue
		}
		if args := words(m[1]); len(args) > 0 {
			list = append(list, printed{filepath.Base(page), i + 1, args})
		}
	}
	return list
}

// words splits a command line as a shell does, up to a comment, a pipe or a
// redirection.
func words(line string) (args []string) {
	word, quote, inWord := "", rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word += string(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ' && inWord:
			args, word, inWord = append(args, word), "", false
		case r == ' ':
		case !inWord && strings.ContainsRune("#|<>;&", r):
			return args
		default:
			word, inWord = word+string(r), true
		}
	}
	if inWord {
		args = append(args, word)
	}
	return args
}
