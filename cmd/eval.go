package cmd

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ganglion/cmd/labels"
	"ganglion/internal/portable"
	"ganglion/network/motion/score"
	"ganglion/pipeline"
	"ganglion/sinks/arrow"
	"ganglion/sources/format/table"
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
	var asJSON, anyRecording bool
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
			result, err := evalMotion(truth, f.rate, detections, length, anyRecording)
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
	cmd.Flags().StringVar(&truth, "truth", "", "`FILE` with the ground truth: JSON lines, labels of Prophesee's data sets (NAME_bbox.npy) or of the "+
		"MOTChallenge (.txt)")
	cmd.Flags().Float64Var(&f.rate, "rate", 0, "frames per second of labels of the MOTChallenge, `HZ` (default: by their seqinfo.ini)")
	cmd.Flags().StringVar(&detections, "detections", "", "`FILE` with the detections, .arrow or .jsonl")
	cmd.Flags().DurationVar(&length, "duration", 0, "length of the recording (default: to the last truth or box)")
	cmd.Flags().BoolVar(&anyRecording, "any-recording", false,
		"score detections of another recording than the truth's, such as a copy in another format")
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

func evalMotion(truthFile string, rate float64, detectionsFile string, length time.Duration, anyRecording bool) (score.Result, error) {
	truth, err := readTruth(truthFile, rate)
	if err != nil {
		return score.Result{}, err
	}
	detections, err := readDetections(detectionsFile)
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

// readTruth reads where objects were: JSON lines, the labels of Prophesee's data
// sets (NAME_bbox.npy), or those of the MOTChallenge (.txt) with so many frames per
// second, 0 for what their seqinfo.ini tells.
func readTruth(file string, rate float64) ([]pipeline.Truth, error) {
	ext := strings.ToLower(filepath.Ext(file))
	if ext == ".txt" && rate == 0 {
		var err error
		if rate, err = labels.SequenceRate(file); err != nil {
			return nil, usage(err)
		}
	}
	if ext != ".npy" && ext != ".txt" {
		return readAll(file, score.Truths)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var boxes []table.Box
	if ext == ".txt" {
		boxes, err = labels.ReadMOT(f, rate)
	} else {
		boxes, err = table.ReadBoxes(f)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return truthOf(boxes), nil
}

// Labels come at the frames of another camera, detections every 10 ms: between
// the labels of a track the box is interpolated for each multiple of truthStep,
// unless there is none for longer than truthGap.
const (
	truthStep = 10_000    // µs
	truthGap  = 1_100_000 // µs; Gen1 has one label a second and more
)

// truthOf takes labels as truth. Numbers of tracks count from 1 there. Labels do
// not say how many events an object had, so that all count.
func truthOf(boxes []table.Box) (truth []pipeline.Truth) {
	boxes = slices.Clone(boxes)
	slices.SortStableFunc(boxes, func(a, b table.Box) int { return cmp.Compare(a.T, b.T) })
	var order []int // of tracks, by their first label
	tracks := map[int][]table.Box{}
	for _, b := range boxes {
		if tracks[b.Track] == nil {
			order = append(order, b.Track)
		}
		tracks[b.Track] = append(tracks[b.Track], b)
	}
	for i, track := range order {
		labels := tracks[track]
		for k, b := range labels {
			last := k == len(labels)-1
			if last || labels[k+1].T-b.T > truthGap {
				truth = append(truth, truthAt(i+1, b, b, (b.T+truthStep/2)/truthStep*truthStep))
				continue
			}
			for t := (b.T + truthStep - 1) / truthStep * truthStep; t < labels[k+1].T; t += truthStep {
				truth = append(truth, truthAt(i+1, b, labels[k+1], t))
			}
		}
	}
	slices.SortStableFunc(truth, func(a, b pipeline.Truth) int { return cmp.Compare(a.T, b.T) })
	return slices.CompactFunc(truth, func(a, b pipeline.Truth) bool { return a.T == b.T && a.ID == b.ID })
}

// truthAt is the box at a time between two labels.
func truthAt(id int, a, b table.Box, t int64) pipeline.Truth {
	share, dt := 0.0, float64(b.T-a.T)
	if dt > 0 {
		share = float64(t-a.T) / dt
	}
	at := func(from, to float64) float64 { return from + float64(share*(to-from)) }
	x, y, w, h := at(a.X, b.X), at(a.Y, b.Y), at(a.W, b.W), at(a.H, b.H)
	g := pipeline.Truth{T: t, ID: id, X0: x, Y0: y, X1: x + w, Y1: y + h, Visible: 1, Events20ms: math.MaxInt32}
	if dt > 0 {
		g.VX, g.VY = ((b.X+b.W/2)-(a.X+a.W/2))/dt*1e6, ((b.Y+b.H/2)-(a.Y+a.H/2))/dt*1e6
	}
	return g
}

// truthNumbers is what is added to the numbers of objects, so that their boxes
// are told from those of detections.
const truthNumbers = 1000

// truthTracks are the boxes of truth as detections, to be painted: the object's
// number with a track number above those of detections.
func truthTracks(truth []pipeline.Truth, above uint64) []pipeline.Detection {
	var all []pipeline.Detection
	for _, g := range truth {
		all = append(all, pipeline.Detection{
			Kind: pipeline.MotionUpdate, T: g.T, TrackID: above + uint64(g.ID), X0: float32(g.X0), Y0: float32(g.Y0), X1: float32(g.X1),
			Y1: float32(g.Y1), CX: float32((g.X0 + g.X1) / 2), CY: float32((g.Y0 + g.Y1) / 2), VX: float32(g.VX), VY: float32(g.VY),
			SpeedPxS: float32(portable.Hypot(g.VX, g.VY)),
		})
	}
	return all
}
