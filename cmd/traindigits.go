package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ganglion/network/nir"
	"ganglion/network/train/bptt"
	"ganglion/network/train/digits"
	"ganglion/sources/audio"
)

// trainDigitsFlags are the flags of train digits.
type trainDigitsFlags struct {
	trainingFlags
	data, heldOut, takes string
}

func newTrainDigits() *cobra.Command {
	f := trainDigitsFlags{}
	cmd := &cobra.Command{
		Use:   "digits --data DIR --out FILE.nir",
		Short: "learn spoken words by surrogate gradients",
		Long: "Train a recurrent network of adaptive neurons on recordings of words, such as the\n" +
			"Free Spoken Digit Dataset, and write it as NIR with all that is needed to run it.\n" +
			"DIR holds files LABEL_SPEAKER_N.wav. The recordings with N in --recordings are\n" +
			"held out and tested on in the end; so is, if named, all of one speaker.\n\n" +
			"After every epoch FILE.nir.checkpoint is written; --resume continues from\n" +
			"there as if the training had never stopped.",
		Example: "  ganglion train digits --data digits --out digits.nir\n" +
			"  ganglion train digits --data digits --out noel.nir --held-out-speaker george\n" +
			"  ganglion train digits --data digits --out pcen.nir --set encoder.mel.gain=pcen --epochs 10",
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error { return trainDigits(cmd, f) }),
	}
	cmd.Flags().StringVar(&f.data, "data", "", "`DIR` of recordings (required)")
	cmd.Flags().StringVar(&f.heldOut, "held-out-speaker", "", "train without `NAME` and test on all that NAME said")
	cmd.Flags().StringVar(&f.takes, "recordings", "5-9", "numbers `N` or FIRST-LAST of the recordings held out")
	f.add(cmd.Flags(), "the first weights, the order and the augmentation", "is heard")
	return cmd
}

// command is the command line that makes the same model, but for paths.
func (f trainDigitsFlags) command() string {
	words := []string{"ganglion train digits --data DIR --out FILE.nir", fmt.Sprintf("--seed %d", f.seed)}
	if f.epochs != 0 {
		words = append(words, fmt.Sprintf("--epochs %d", f.epochs))
	}
	if f.takes != "5-9" {
		words = append(words, "--recordings "+f.takes)
	}
	if f.heldOut != "" {
		words = append(words, "--held-out-speaker "+f.heldOut)
	}
	return f.trainingFlags.command(words...)
}

func trainDigits(cmd *cobra.Command, f trainDigitsFlags) error {
	if f.data == "" || f.out == "" {
		return usage(errors.New("train digits: --data and --out are required"))
	}
	recipe, split, err := f.recipe()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	words, err := readWords(ctx, f.data, digits.Rate, func(r digits.Recording) bool { return !split.HoldsOut(r) })
	if err != nil {
		return err
	}
	file := bptt.NewFile(f.out+".checkpoint", f.command())
	show := newTrainingProgress(os.Stderr, cmd.ErrOrStderr(), time.Now)
	m, result, err := recipe.Train(ctx, words, file, f.resume, bptt.Watch{Batch: show.at, Epoch: show.epoch})
	show.finish()
	if err != nil {
		return err
	}
	held, err := readWords(ctx, f.data, digits.Rate, split.Tests)
	if err != nil {
		return err
	}
	if err := m.TestHeldOut(ctx, held, result); err != nil {
		return err
	}
	m.Graph.Metadata = m.Describe(f.command(), f.credit, result)
	if err := nir.WriteFile(f.out, &nir.Model{Graph: m.Graph}); err != nil {
		return err
	}
	if err := file.Remove(); err != nil {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
	}
	return writeDigitsTraining(cmd.OutOrStdout(), f.out, result)
}

// recipe is what is trained, and on which recordings.
func (f trainDigitsFlags) recipe() (r digits.Recipe, split digits.Takes, err error) {
	r = digits.NewDefaultRecipe()
	if err := f.apply(&r, &r.Training); err != nil {
		return r, split, err
	}
	if split, err = digits.ParseTakes(f.takes, f.heldOut); err != nil {
		err = usage(err)
	}
	return r, split, err
}

// readWords reads the recordings of a folder that want takes, mixed to one
// channel at a rate.
func readWords(ctx context.Context, dir string, rate int, want func(digits.Recording) bool) ([]digits.Word, error) {
	recordings, _, err := digits.Recordings(dir)
	if err != nil {
		return nil, err
	}
	var words []digits.Word
	for _, r := range recordings {
		if !want(r) {
			continue
		}
		pcm, _, damage, err := audio.Load(ctx, r.Path, rate)
		if err != nil {
			return nil, err
		}
		if len(damage) > 0 {
			return nil, fmt.Errorf("%s: %v", r.Path, damage[0])
		}
		words = append(words, digits.Word{Recording: r, PCM: pcm})
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("%s: no recording is left to take", dir)
	}
	return words, nil
}

func writeDigitsTraining(out io.Writer, path string, r *digits.Result) error {
	fmt.Fprintf(out, "network   %d parameters, %d epochs of %d words: loss %.3f, %.1f %% right with augmentation\n",
		r.Parameters, r.Epochs, r.Examples, r.Loss, 100*r.Accuracy)
	for _, t := range r.Test {
		fmt.Fprintf(out, "held out  %.1f %% of %d words right, noise %g dB below them\n", 100*t.Accuracy, t.N, t.SNR)
	}
	_, err := fmt.Fprintf(out, "%s: what it takes to run it is in its metadata\n", path)
	return err
}
