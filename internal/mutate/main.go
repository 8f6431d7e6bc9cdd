// Command mutate breaks one thing at a time in the core packages and lists what
// no test of the package noticed:
//
//	go run ./internal/mutate -n 200 -seed 1 [package folders]
//
// A mutant is the program with one comparison, boundary, logical operator or
// sum exchanged, or one statement dropped. Its package's tests run with -short
// and a time limit; nothing is written to the tree. The mutants are drawn from
// all places there are, by the seed, in equal parts from the packages. One that
// does not compile does not count.
//
// With -controls it takes each safeguard of docs/reliability.md out instead, and
// fails where the tests of that guarantee do not notice: make controls.
//
// It takes some 5 to 20 s a mutant, so it is not a part of the checks of a change;
// docs/testing.md has the last table.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// core is what is broken unless packages are named.
var core = []string{
	"network", "network/motion", "network/motion/track", "network/sound/keyword", "network/train/bptt", "encoders/code", "encoders/cochlea",
	"encoders/filter",
	"sources/format/evt", "sources/format/aedat", "sources/audio", "pipeline/runner", "sinks/nats",
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// command does what the arguments say and prints the report.
func command(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	n := flags.Int("n", 200, "mutants")
	seed := flags.Uint64("seed", 1, "of the draw")
	limit := flags.Duration("limit", time.Minute, "time of one mutant's tests")
	guarantees := flags.Bool("controls", false, "take out the safeguards of docs/reliability.md, those whose tests are named alone")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *guarantees {
		return takeOut(ctx, chosen(flags.Args()), *limit)
	}
	packages := core
	if flags.NArg() > 0 {
		packages = flags.Args()
	}
	return run(ctx, out, packages, *n, *seed, *limit)
}

// result is what the tests made of a package's mutants.
type result struct {
	tried     int
	survivors []mutant
}

func run(ctx context.Context, out io.Writer, packages []string, n int, seed uint64, limit time.Duration) error {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	results, err := draws{packages, n, seed}.run(func(pkg string, m mutant) (verdict, error) { return try(ctx, dir, pkg, m, limit) })
	if err != nil {
		return err
	}
	report(out, packages, results)
	return nil
}

// draws are n mutants, drawn from the packages in turn.
type draws struct {
	packages []string
	n        int
	seed     uint64
}

// run judges the mutants; one that is broken gives way to another.
func (d draws) run(judge func(pkg string, m mutant) (verdict, error)) (results []result, err error) {
	results = make([]result, len(d.packages))
	left := make([][]mutant, len(d.packages))
	for i, p := range d.packages {
		if left[i], err = mutants(p); err != nil {
			return nil, err
		}
		r := rand.New(rand.NewPCG(d.seed, uint64(i)))
		r.Shuffle(len(left[i]), func(a, b int) { left[i][a], left[i][b] = left[i][b], left[i][a] })
	}
	for tried := 0; tried < d.n; {
		before := tried
		for i, p := range d.packages {
			for len(left[i]) > 0 && tried < d.n {
				m := left[i][0]
				left[i] = left[i][1:]
				verdict, err := judge(p, m)
				if err != nil {
					return nil, err
				}
				if verdict == broken {
					continue // another one in its place
				}
				tried++
				results[i].tried++
				if verdict == survived {
					results[i].survivors = append(results[i].survivors, m)
				}
				fmt.Fprintf(os.Stderr, "%3d/%d %-9v %v\n", tried, d.n, verdict, m)
				break
			}
		}
		if tried == before {
			break // there are no more
		}
	}
	return results, nil
}

// verdict is what became of a mutant.
type verdict int

const (
	noticed verdict = iota
	survived
	broken  // does not compile
	failing // the tests of a control fail with its safeguard too
)

func (v verdict) String() string { return [...]string{"noticed", "SURVIVED", "broken", "FAILING"}[v] }

// try runs the tests of a package, as the further arguments say, in which m
// stands for what is there.
func try(ctx context.Context, dir, pkg string, m mutant, limit time.Duration, args ...string) (verdict, error) {
	src, err := m.apply()
	if err != nil {
		return 0, err
	}
	file, err := filepath.Abs(m.file)
	if err != nil {
		return 0, err
	}
	mutated, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {file: mutated}})
	if err != nil {
		return 0, err
	}
	if err := errors.Join(os.WriteFile(mutated, src, 0o600), os.WriteFile(overlay, list, 0o600)); err != nil {
		return 0, err
	}
	// Linking is half of the time, and debugging information half of linking.
	all := append([]string{"test", "-short", "-failfast", "-vet=off", "-ldflags=-s -w", "-overlay", overlay,
		"-timeout", limit.String()}, args...)
	test := exec.CommandContext(ctx, "go", append(all, "./"+pkg)...)
	test.Env = append(os.Environ(), "GOFLAGS=") // -cover, for one, does not go with an overlay
	test.WaitDelay = time.Second
	out, err := test.CombinedOutput()
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		return 0, fmt.Errorf("go test: %w", err) // of which no test is the cause
	}
	return judge(out, err), nil
}

// judge is the verdict of what the go command printed and how it ended.
func judge(out []byte, err error) verdict {
	switch {
	case err == nil:
		return survived
	case strings.Contains(string(out), "[build failed]") || strings.Contains(string(out), "[setup failed]"):
		return broken
	}
	return noticed
}

// report prints the table and the survivors, in Markdown.
func report(w io.Writer, packages []string, results []result) {
	fmt.Fprintln(w, "| package | mutants | not noticed |\n| --- | ---: | ---: |")
	var tried, survivors int
	for i, p := range packages {
		r := results[i]
		fmt.Fprintf(w, "| `%s` | %d | %d |\n", p, r.tried, len(r.survivors))
		tried, survivors = tried+r.tried, survivors+len(r.survivors)
	}
	fmt.Fprintf(w, "| all | %d | %d |\n\n", tried, survivors)
	for _, r := range results {
		for _, m := range r.survivors {
			fmt.Fprintf(w, "- %v\n", m)
		}
	}
}
