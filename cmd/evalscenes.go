package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"ganglion/cmd/service"
	"ganglion/network/motion/score"
	"ganglion/pipeline"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/sources/simulator"
)

// The scenes of --scenes all: those that the mean is taken over, and those
// that stand beside it.
var (
	objectScenes = []string{"disk", "bar-0", "bar-45", "bar-90", "bar-135", "bar-180", "bar-225", "bar-270", "bar-315",
		"three", "crossing", "occlusion", "small-fast", "slow", "low-contrast", "looming", "accelerate"}
	otherScenes = []string{"flicker", "noise"}
)

// sceneFlags are the flags of eval motion on simulated scenes.
type sceneFlags struct {
	scenes, seeds string
	recordings    []string
	sets          []string
	noise, rate   float64
	width, height int
}

// sceneResult is how one config did.
type sceneResult struct {
	Config string                  `json:"config"`
	Mean   score.Result            `json:"mean"` // over the scenes with objects, each its median
	Scenes map[string]score.Result `json:"scenes"`

	objects, others score.Table
}

// evalScenes runs every config on every scene and seed, and on every recording.
func (p program) evalScenes(ctx context.Context, f sceneFlags, configs []string) ([]*sceneResult, error) {
	takes, err := f.takes()
	if err != nil {
		return nil, usage(err)
	}
	pipelines, err := p.loadPipelines(configs, f.sets)
	if err != nil {
		return nil, err
	}
	results := make([]score.Result, len(pipelines)*len(takes))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, t := range takes {
		group.Go(func() error { // one recording on all configs; the group waits for it
			shown, err := t.load(ctx)
			if err != nil {
				return err
			}
			for k, p := range pipelines {
				found, err := detect(ctx, p, shown)
				if err != nil {
					return fmt.Errorf("scene %q: %w", t.scene, err)
				}
				results[k*len(takes)+i] = score.MotionWithin(shown.length(), shown.truth, found)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return tabulate(pipelines, takes, results), nil
}

// takes lists what is to be scored.
func (f sceneFlags) takes() (takes []take, err error) {
	if f.scenes != "" {
		scenes, err := chosenScenes(f.scenes)
		if err != nil {
			return nil, err
		}
		seeds, err := seedList(f.seeds)
		if err != nil {
			return nil, err
		}
		for _, scene := range scenes {
			for _, seed := range seeds {
				takes = append(takes, simulatedTake(simulator.Config{Scene: scene, Seed: seed, Noise: f.noise, Width: f.width, Height: f.height}))
			}
		}
	}
	for _, pattern := range f.recordings {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			return nil, fmt.Errorf("--recordings: no file is like %q", pattern)
		}
		for _, path := range paths {
			takes = append(takes, recordedTake(path, f.rate))
		}
	}
	return takes, nil
}

func tabulate(pipelines []*config.Pipeline, takes []take, results []score.Result) []*sceneResult {
	var all []*sceneResult
	for k, p := range pipelines {
		s := &sceneResult{Config: p.Name, Scenes: map[string]score.Result{}}
		of := map[string]*score.Table{}
		for i, t := range takes {
			r := results[k*len(takes)+i]
			if of[t.scene] == nil {
				of[t.scene] = &s.objects
				if slices.Contains(otherScenes, t.scene) || !r.F1.Defined() || !r.Recall.Defined() {
					of[t.scene] = &s.others
				}
			}
			of[t.scene].Add(t.scene, r)
		}
		for scene, table := range of {
			s.Scenes[scene] = table.Scene(scene)
		}
		s.Mean = s.objects.Mean()
		all = append(all, s)
	}
	return all
}

// detect runs a pipeline's encoder, network and readout on a recording.
func detect(ctx context.Context, p *config.Pipeline, f *footage) ([]pipeline.Detection, error) {
	quiet := slog.New(slog.DiscardHandler)
	parts, err := service.Assemble(p, true, quiet)
	if err != nil {
		return nil, err
	}
	var kept keeper
	parts.Source = &replay{footage: f}
	parts.Sinks = []runner.Sink{{Name: "keep", Sink: &kept, Queue: runner.NewDefaultSinkQueue()}}
	summary, err := runner.Run(ctx, parts, runner.Options{Log: quiet})
	if err != nil {
		return nil, err
	}
	if events, detections := summary.Lost(); events+detections > 0 {
		return nil, fmt.Errorf("%d events and %d detections were lost", events, detections)
	}
	return kept.all, ctx.Err()
}

func chosenScenes(text string) ([]string, error) {
	if text == "all" {
		return append(slices.Clone(objectScenes), otherScenes...), nil
	}
	known := simulator.Scenes()
	var scenes []string
	for _, name := range strings.Split(text, ",") {
		if !slices.ContainsFunc(known, func(s simulator.Scene) bool { return s.Name == name }) {
			return nil, fmt.Errorf("--scenes: no scene %q; all, or a list of those of ganglion simulate", name)
		}
		scenes = append(scenes, name)
	}
	return scenes, nil
}

// maxSeeds bounds a range of seeds.
const maxSeeds = 1000

// seedList reads "7" or "11-15".
func seedList(text string) ([]uint64, error) {
	low, high, ranged := strings.Cut(text, "-")
	first, err1 := strconv.ParseUint(low, 10, 32)
	last, err2 := first, error(nil)
	if ranged {
		last, err2 = strconv.ParseUint(high, 10, 32)
	}
	if errors.Join(err1, err2) != nil || last < first || last-first >= maxSeeds {
		return nil, fmt.Errorf("--seeds: %q is neither a seed nor a range such as 11-15 of up to %d", text, maxSeeds)
	}
	var seeds []uint64
	for s := first; s <= last; s++ {
		seeds = append(seeds, s)
	}
	return seeds, nil
}

// writeScenes prints a table for each config, and one that compares them.
func writeScenes(out io.Writer, results []*sceneResult) error {
	for _, r := range results {
		for _, t := range []struct {
			title string
			table *score.Table
		}{{r.Config, &r.objects}, {r.Config + ": beside the mean", &r.others}} {
			if len(t.table.Scenes()) == 0 {
				continue
			}
			fmt.Fprintf(out, "### %s\n\n", t.title)
			if err := t.table.WriteMarkdown(out); err != nil {
				return err
			}
			fmt.Fprintln(out)
		}
	}
	if len(results) < 2 {
		return nil
	}
	fmt.Fprint(out, "### side by side: F1 / IDF1 / direction error, degrees\n\n| scene |")
	for _, r := range results {
		fmt.Fprintf(out, " %s |", r.Config)
	}
	fmt.Fprintf(out, "\n| --- |%s\n", strings.Repeat(" --- |", len(results)))
	row := func(name string, of func(*sceneResult) score.Result) {
		fmt.Fprintf(out, "| %s |", name)
		for _, r := range results {
			s := of(r)
			fmt.Fprintf(out, " %s / %s / %s |", figure(s.F1, 3), figure(s.IDF1, 3), figure(s.DirectionErrDegMedian, 1))
		}
		fmt.Fprintln(out)
	}
	for _, scene := range append(results[0].objects.Scenes(), results[0].others.Scenes()...) {
		row(scene, func(r *sceneResult) score.Result { return r.Scenes[scene] })
	}
	row("**mean**", func(r *sceneResult) score.Result { return r.Mean })
	return nil
}

func figure(f score.Figure, digits int) string {
	if !f.Defined() {
		return "-"
	}
	return strconv.FormatFloat(float64(f), 'f', digits, 64)
}
