package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ganglion/network/score"
	"ganglion/pipeline"
	"ganglion/sinks/arrow"
)

func newEval() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "eval",
		Short:   "hold results against truth",
		Example: "  ganglion eval motion --truth crossing.jsonl --detections out/detections.jsonl --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage(errors.New("ganglion eval: name what to evaluate: motion"))
		},
	}
	cmd.AddCommand(newEvalMotion())
	return cmd
}

func newEvalMotion() *cobra.Command {
	var truth, detections string
	var length time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "motion --truth FILE --detections FILE",
		Short: "score motion detections",
		Long:  "Score the boxes, tracks and velocities of motion detections (a .arrow or .jsonl\nfile) against the ground truth that `ganglion simulate --truth` wrote.",
		Example: `  ganglion eval motion --truth crossing.jsonl --detections out/detections.arrow
  ganglion eval motion --truth crossing.jsonl --detections out/detections.jsonl --json`,
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error {
			result, err := evalMotion(truth, detections, length)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
			}
			var table score.Table
			table.Add(filepath.Base(truth), result)
			return table.WriteMarkdown(cmd.OutOrStdout())
		}),
	}
	cmd.Flags().StringVar(&truth, "truth", "", "`FILE` with the ground truth, JSON lines")
	cmd.Flags().StringVar(&detections, "detections", "", "`FILE` with the detections, .arrow or .jsonl")
	cmd.Flags().DurationVar(&length, "duration", 0, "length of the recording (default: to the last truth or box)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.MarkFlagRequired("truth")      //nolint:errcheck // the flag exists
	cmd.MarkFlagRequired("detections") //nolint:errcheck // the flag exists
	return cmd
}

func evalMotion(truthFile, detectionsFile string, length time.Duration) (score.Result, error) {
	truth, err := readAll(truthFile, score.Truths)
	if err != nil {
		return score.Result{}, err
	}
	detections, err := readDetections(detectionsFile)
	if err != nil {
		return score.Result{}, err
	}
	if length > 0 {
		return score.MotionWithin(length, truth, detections), nil
	}
	return score.Motion(truth, detections), nil
}

func readDetections(file string) ([]pipeline.Detection, error) {
	if strings.HasPrefix(filepath.Ext(file), ".arrow") {
		return arrow.ReadDetections(file)
	}
	return readAll(file, score.Detections)
}

// readAll collects what a reader finds in a file.
func readAll[T any](file string, read func(io.Reader) iter.Seq2[T, error]) ([]T, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []T
	for v, err := range read(f) {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, v)
	}
	return all, nil
}
