package cmd

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

	"ganglion/network/motion/score"
	"ganglion/pipeline"
	"ganglion/sinks/arrow"
)

func (p program) newEval() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "eval",
		Short:   "hold results against truth",
		Example: "  ganglion eval motion --truth crossing.jsonl --detections out/detections.jsonl --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage(errors.New("ganglion eval: name what to evaluate: motion, digits, keywords, nir"))
		},
	}
	cmd.AddCommand(p.newEvalMotion(), newEvalDigits(), newEvalKeywords(), newEvalNIR())
	return cmd
}

func (p program) newEvalMotion() *cobra.Command {
	var truth, detections string
	var length time.Duration
	var asJSON bool
	var f sceneFlags
	cmd := &cobra.Command{
		Use:   "motion (--truth FILE --detections FILE | (--scenes LIST | --recordings GLOB) CONFIG...)",
		Short: "score motion detections",
		Long: "Score the boxes, tracks and velocities of motion detections (a .arrow or .jsonl\nfile) against the ground truth that " +
			"`ganglion simulate --truth` wrote.\n\n" +
			"With --scenes, simulate scenes, run the encoder, network and readout of each\nCONFIG on them and put the scores side by side. " +
			"All scenes are the 17 with\n" +
			"objects, over which the mean is taken, and flicker and noise beside it.\n" +
			"With --recordings, run them on recordings with their truth in NAME.jsonl beside\neach; NAME without a number behind its last " +
			"hyphen is the scene.",
		Example: `  ganglion eval motion --truth crossing.jsonl --detections out/detections.arrow
  ganglion eval motion --truth crossing.jsonl --detections out/detections.jsonl --json
  ganglion eval motion --scenes all --seeds 11-15 configs/motion.yaml configs/baseline.yaml`,
		Args: cobra.ArbitraryArgs,
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			if f.scenes != "" || len(f.recordings) > 0 {
				if truth != "" || detections != "" || len(args) == 0 {
					return usage(errors.New("eval motion: --scenes and --recordings take configs, and neither --truth nor --detections"))
				}
				results, err := p.evalScenes(cmd.Context(), f, args)
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(results)
				}
				return writeScenes(cmd.OutOrStdout(), results)
			}
			if truth == "" || detections == "" || len(args) > 0 {
				return usage(errors.New("eval motion: want --truth and --detections, or --scenes or --recordings, and configs"))
			}
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
	cmd.Flags().StringVar(&f.scenes, "scenes", "", "simulate these scenes: all, or a `LIST` such as disk,crossing")
	cmd.Flags().StringArrayVar(&f.recordings, "recordings", nil, "recordings that fit a `PATTERN`, each with its truth beside it")
	cmd.Flags().StringVar(&f.seeds, "seeds", "11-15", "seeds of the scenes, `N` or FIRST-LAST; settings were tuned on 1 to 10")
	cmd.Flags().Float64Var(&f.noise, "noise", 5, "shot noise of the scenes, `HZ` a pixel")
	cmd.Flags().IntVar(&f.width, "width", 128, "sensor width of the scenes, `PX`")
	cmd.Flags().IntVar(&f.height, "height", 128, "sensor height of the scenes, `PX`")
	cmd.Flags().StringArrayVar(&f.sets, "set", nil, "replace a value of the configs, `KEY=VALUE`")
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
