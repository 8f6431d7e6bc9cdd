package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"ganglion/cmd/labels"
	"ganglion/cmd/scenes"
	"ganglion/network/score"
	"ganglion/pipeline"
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
	var asJSON, wide, anyRecording bool
	var f scenes.Options
	var sets []string
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
			if f.Scenes != "" || len(f.Recordings) > 0 {
				if truth != "" || detections != "" || len(args) == 0 {
					return usage(errors.New("eval motion: --scenes and --recordings take configs, and neither --truth nor --detections"))
				}
				results, err := p.evalScenes(cmd.Context(), f, args, sets)
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(results)
				}
				return scenes.WriteMarkdown(cmd.OutOrStdout(), wide, results)
			}
			if truth == "" || detections == "" || len(args) > 0 {
				return usage(errors.New("eval motion: want --truth and --detections, or --scenes or --recordings, and configs"))
			}
			result, err := evalMotion(truth, f.Rate, detections, length, anyRecording)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
			}
			var table score.Table
			table.Add(filepath.Base(truth), result)
			return table.WriteMarkdown(cmd.OutOrStdout(), wide)
		}),
	}
	cmd.Flags().StringVar(&truth, "truth", "", "`FILE` with the ground truth: JSON lines, labels of Prophesee's data sets (NAME_bbox.npy) or of the "+
		"MOTChallenge (.txt)")
	cmd.Flags().Float64Var(&f.Rate, "rate", 0, "frames per second of labels of the MOTChallenge, `HZ` (default: by their seqinfo.ini)")
	cmd.Flags().StringVar(&detections, "detections", "", "`FILE` with the detections, .arrow or .jsonl")
	cmd.Flags().DurationVar(&length, "duration", 0, "length of the recording (default: to the last truth or box)")
	cmd.Flags().BoolVar(&anyRecording, "any-recording", false,
		"score detections of another recording than the truth's, such as a copy in another format")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&wide, "wide", false, "print every figure; such a table is wider than 100 columns")
	cmd.Flags().StringVar(&f.Scenes, "scenes", "", "simulate these scenes: all, or a `LIST` such as disk,crossing")
	cmd.Flags().StringArrayVar(&f.Recordings, "recordings", nil, "recordings that fit a `PATTERN`, each with its truth beside it")
	cmd.Flags().StringVar(&f.Seeds, "seeds", "11-15", "seeds of the scenes, `N` or FIRST-LAST; settings were tuned on 1 to 10")
	cmd.Flags().Float64Var(&f.Noise, "noise", 5, "shot noise of the scenes, `HZ` a pixel")
	cmd.Flags().IntVar(&f.Width, "width", 128, "sensor width of the scenes, `PX`")
	cmd.Flags().IntVar(&f.Height, "height", 128, "sensor height of the scenes, `PX`")
	cmd.Flags().StringArrayVar(&sets, "set", nil, "replace a value of the configs, `KEY=VALUE`")
	return cmd
}

// evalScenes runs every config on every scene and seed, and on every recording.
func (p program) evalScenes(ctx context.Context, o scenes.Options, configs, sets []string) ([]*scenes.Result, error) {
	takes, err := o.Takes()
	if err != nil {
		return nil, usage(err)
	}
	pipelines, err := p.loadPipelines(configs, sets)
	if err != nil {
		return nil, err
	}
	return scenes.Score(ctx, pipelines, takes)
}

func evalMotion(truthFile string, rate float64, detectionsFile string, length time.Duration, anyRecording bool) (score.Result, error) {
	truth, err := readTruth(truthFile, rate)
	if err != nil {
		return score.Result{}, err
	}
	detections, err := labels.ReadDetections(detectionsFile)
	if err != nil {
		return score.Result{}, err
	}
	if !anyRecording {
		if err := refuseForeign(truthFile, detectionsFile, truth, detections); err != nil {
			return score.Result{}, err
		}
	}
	if length > 0 {
		return score.MotionWithin(length, truth, detections), nil
	}
	return score.Motion(truth, detections), nil
}

// readTruth reads where objects were, with so many frames per second where labels
// count frames.
func readTruth(file string, rate float64) ([]pipeline.Truth, error) {
	truth, err := labels.ReadTruth(file, rate)
	if errors.Is(err, labels.ErrNoRate) {
		err = usage(err)
	}
	return truth, err
}
