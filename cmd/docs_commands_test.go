package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// printed is a command of the program that a document prints, with what it says that
// the command prints: the lines behind one with a prompt, or the block behind
// [promise].
type printed struct {
	file   string
	line   int
	args   []string
	prints []string
}

// promise is a line before a block of what the last command that a test can run
// prints. Some of its lines suffice, in their order.
const promise = "<!-- prints -->"

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
	seen, ran, compared := 0, 0, 0
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
				var out bytes.Buffer
				root.SetOut(&out)
				root.SetErr(&out)
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
				compared += len(c.prints)
				if line, ok := missing(c.prints, out.String()); ok {
					t.Errorf("%s:%d: ganglion %s does not print %q, or not there:\n%s", c.file, c.line, strings.Join(c.args, " "), line, &out)
				}
			}
		})
	}
	if seen < 40 || ran < 10 || compared < 20 {
		t.Errorf("%d commands, of which %d ran, and %d lines of output compared: are they still found?", seen, ran, compared)
	}
}

// varying are what a run prints of time, which is another in each.
var varying = []struct{ of, as *regexp.Regexp }{
	{regexp.MustCompile(`^(?:speed|latency) .*`), regexp.MustCompile(`[\d.]+( [kM] )?`)},
	{regexp.MustCompile(`^synops .*`), regexp.MustCompile(`[\d.]+ [kMG]?/s`)},
}

// steady is a line without what varies and without the widths of columns.
func steady(line string) string {
	line = strings.Join(strings.Fields(line), " ")
	for _, v := range varying {
		if v.of.MatchString(line) {
			line = v.as.ReplaceAllString(line, "#")
		}
	}
	return line
}

// missing is the first of the lines that an output does not have behind those before
// it.
func missing(lines []string, output string) (line string, ok bool) {
	rest := strings.Split(output, "\n")
	for _, line := range lines {
		at := slices.IndexFunc(rest, func(l string) bool { return steady(l) == steady(line) })
		if at < 0 {
			return line, true
		}
		rest = rest[at+1:]
	}
	return "", false
}

func TestWhatIsPrintedIsComparedButForWhatVaries(t *testing.T) {
	t.Parallel()
	output := "sink nats          371 written\nspeed              515 k events/s, 0.131 s, 15.3x real time\n" +
		"synops             1,005,630, 7.67 M/s (dense: 1,431,584,000)\nlatency            p50 4.85  p90 7.86  p99 15.5  max 17.8 ms\n"
	for _, c := range []struct{ printed, missing string }{
		{output, ""},
		{"sink nats 371 written\nlatency p50 1  p90 2  p99 3  max 44.1 ms", ""},
		{"speed 2.1 M events/s, 0.03 s, 63x real time", ""},
		{"synops 1,005,630, 901 k/s (dense: 1,431,584,000)", ""},
		{"sink nats 372 written", "sink nats 372 written"},
		{"synops 1,005,631, 7.67 M/s (dense: 1,431,584,000)", "synops 1,005,631, 7.67 M/s (dense: 1,431,584,000)"},
		{"speed 515 k events/s, 0.131 s\n", "speed 515 k events/s, 0.131 s"},
		{"latency p50 4.85 p90 7.86 p99 15.5 max 17.8 ms\nsink nats 371 written", "sink nats 371 written"},
	} {
		if got, _ := missing(strings.Split(strings.TrimSuffix(c.printed, "\n"), "\n"), output); got != c.missing {
			t.Errorf("%q: %q is missing, want %q", c.printed, got, c.missing)
		}
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
		return errors.New("is not a command")
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
	prompt := regexp.MustCompile(`^\s*\$ `)
	fenced, promised, joined := false, false, ""
	var says *printed // of which the lines that follow are
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			if fenced = !fenced; !fenced {
				promised = false
			}
			says = nil
			if fenced && promised {
				says = lastToRun(list)
			}
			continue
		case line == promise:
			promised = true
			continue
		case !fenced && !strings.HasPrefix(line, "    "):
			continue
		}
		if says != nil && !prompt.MatchString(line) {
			says.prints = append(says.prints, line)
			continue
		}
		line = joined + line
		joined, says = "", nil
		m := start.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if before, ok := strings.CutSuffix(line, `\`); ok {
			joined = before
			continue
		}
		if args := words(m[1]); len(args) > 0 {
			list = append(list, printed{file: filepath.Base(page), line: i + 1, args: args})
			if fenced && prompt.MatchString(line) {
				says = &list[len(list)-1]
			}
		}
	}
	return list
}

// lastToRun is the last command that the test runs.
func lastToRun(list []printed) *printed {
	for i := len(list) - 1; i >= 0; i-- {
		if reason(list[i].args) == "" {
			return &list[i]
		}
	}
	return nil
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
