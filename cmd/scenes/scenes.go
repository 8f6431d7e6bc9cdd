package scenes

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"

	"golang.org/x/sync/errgroup"

	"ganglion/cmd/service"
	"ganglion/network/score"
	"ganglion/pipeline"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

// Result is how one pipeline did.
type Result struct {
	Config string                  `json:"config"`
	Mean   score.Result            `json:"mean"` // over the scenes with objects, each its median
	Scenes map[string]score.Result `json:"scenes"`

	objects, others score.Table
}

// Score runs the encoder, network and readout of every pipeline on every take, and
// tells what their detections are worth.
func Score(ctx context.Context, pipelines []*config.Pipeline, takes []Take) ([]*Result, error) {
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
