package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

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
	sets          []string
	noise         float64
	width, height int
}

// sceneResult is how one config did.
type sceneResult struct {
	Config string                  `json:"config"`
	Mean   score.Result            `json:"mean"` // over the scenes with objects, each its median
	Scenes map[string]score.Result `json:"scenes"`

	objects, others score.Table
}

// evalScenes runs every config on every scene and seed.
func (p program) evalScenes(ctx context.Context, f sceneFlags, configs []string) ([]*sceneResult, error) {
	scenes, err := chosenScenes(f.scenes)
	if err != nil {
		return nil, usage(err)
	}
	seeds, err := seedList(f.seeds)
	if err != nil {
		return nil, usage(err)
	}
	pipelines, err := p.loadPipelines(configs, f.sets)
	if err != nil {
		return nil, err
	}
	results := make([]score.Result, len(pipelines)*len(scenes)*len(seeds))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, scene := range scenes {
		for j, seed := range seeds {
			group.Go(func() error { // one recording on all configs; the group waits for it
				c := simulator.Config{Scene: scene, Seed: seed, Noise: f.noise, Width: f.width, Height: f.height}
				r, err := simulator.Record(c)
				if err != nil {
					return usage(fmt.Errorf("scene %q: %w", scene, err))
				}
				for k, p := range pipelines {
					found, err := detect(ctx, p, r)
					if err != nil {
						return fmt.Errorf("scene %q, seed %d: %w", scene, seed, err)
					}
					results[(k*len(scenes)+i)*len(seeds)+j] = score.MotionWithin(r.Config.Duration, r.Truth, found)
				}
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return tabulate(pipelines, scenes, len(seeds), results), nil
}

func tabulate(pipelines []*config.Pipeline, scenes []string, seeds int, results []score.Result) []*sceneResult {
	var all []*sceneResult
	for k, p := range pipelines {
		s := &sceneResult{Config: p.Name, Scenes: map[string]score.Result{}}
		for i, scene := range scenes {
			table := &s.others
			if slices.Contains(objectScenes, scene) {
				table = &s.objects
			}
			for j := range seeds {
				table.Add(scene, results[(k*len(scenes)+i)*seeds+j])
			}
			s.Scenes[scene] = table.Scene(scene)
		}
		s.Mean = s.objects.Mean()
		all = append(all, s)
	}
	return all
}

// detect runs a pipeline's encoder, network and readout on a recording.
func detect(ctx context.Context, p *config.Pipeline, r *simulator.Recording) ([]pipeline.Detection, error) {
	quiet := slog.New(slog.DiscardHandler)
	parts, err := assemble(p, true, quiet)
	if err != nil {
		return nil, err
	}
	var kept keeper
	parts.Source = &replay{recording: r}
	parts.Sinks = []runner.Sink{{Name: "keep", Sink: &kept, Queue: runner.DefaultSinkQueue}}
	summary, err := runner.Run(ctx, parts, runner.Options{Log: quiet})
	if err != nil {
		return nil, err
	}
	if events, detections := summary.Lost(); events+detections > 0 {
		return nil, fmt.Errorf("%d events and %d detections were lost", events, detections)
	}
	return kept.all, ctx.Err()
}

// replay is a source over a recording in memory.
type replay struct {
	recording *simulator.Recording
	next      int   // event
	start     int64 // of the next window
}

func (s *replay) Open(context.Context) (pipeline.StreamInfo, error) {
	c := s.recording.Config
	return pipeline.StreamInfo{Modality: pipeline.EventStream, Width: c.Width, Height: c.Height}, nil
}

func (s *replay) Read(ctx context.Context, b *pipeline.Batch) error {
	if s.start >= s.recording.Config.Duration.Microseconds() {
		return io.EOF
	}
	b.Window = pipeline.Window{Start: s.start, End: s.start + simulator.FrameUS}
	first := s.next
	for events := s.recording.Events; s.next < len(events) && events[s.next].T < b.End; s.next++ {
	}
	b.Events = append(b.Events, s.recording.Events[first:s.next]...)
	s.start = b.End
	return ctx.Err()
}

func (s *replay) Close() error { return nil }

// keeper is a sink that keeps everything.
type keeper struct{ all []pipeline.Detection }

func (k *keeper) Open(context.Context, pipeline.StreamMeta) error { return nil }

func (k *keeper) Write(_ context.Context, d []pipeline.Detection) error {
	k.all = append(k.all, d...)
	return nil
}

func (k *keeper) Close(context.Context) error { return nil }

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
