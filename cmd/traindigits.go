package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ganglion/network/train/bptt"
	"ganglion/network/train/corpus"
)

// trainDigitsFlags are the flags of train digits.
type trainDigitsFlags struct {
	data, out, heldOut, takes string
	credit                    string
	seed                      uint64
	epochs                    int
	resume, asJSON            bool
	sets                      []string
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
			"After every epoch FILE.nir.checkpoint is written; --resume goes on from there as\n" +
			"if it had never stopped.",
		Example: "  ganglion train digits --data digits --out digits.nir\n" +
			"  ganglion train digits --data digits --out noel.nir --held-out-speaker george\n" +
			"  ganglion train digits --data digits --out pcen.nir --set encoder.mel.gain=pcen --epochs 10",
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error { return trainDigits(cmd, f) }),
	}
	cmd.Flags().StringVar(&f.data, "data", "", "`DIR` of recordings (required)")
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "`FILE.nir` to write (required)")
	cmd.Flags().StringVar(&f.heldOut, "held-out-speaker", "", "train without `NAME` and test on all that NAME said")
	cmd.Flags().StringVar(&f.takes, "recordings", "5-9", "numbers `N` or FIRST-LAST of the recordings held out")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "varies the first weights, the order and the augmentation")
	cmd.Flags().IntVar(&f.epochs, "epochs", 0, "how often every recording is heard (default: the recipe's)")
	cmd.Flags().StringVar(&f.credit, "credit", "", "`TEXT` that names the recordings' source and licence in the model")
	cmd.Flags().BoolVar(&f.resume, "resume", false, "go on from FILE.nir.checkpoint")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	cmd.Flags().StringArrayVar(&f.sets, "set", nil, "replace a value of the recipe, `KEY=VALUE`")
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
	for _, s := range f.sets {
		words = append(words, "--set '"+s+"'")
	}
	if f.credit != "" {
		words = append(words, "--credit '"+f.credit+"'")
	}
	return strings.Join(words, " ")
}

// digitsTraining is what train digits reports.
type digitsTraining struct {
	Examples   int          `json:"examples"`
	Epochs     int          `json:"epochs"`
	Loss       float64      `json:"loss"`
	Accuracy   float64      `json:"accuracy"`
	Parameters int          `json:"parameters"`
	Test       []digitsTest `json:"test"`
}

// digitsTest is the result on what was held out.
type digitsTest struct {
	SNR      float64 `json:"snr_db"`
	N        int     `json:"n"`
	Accuracy float64 `json:"accuracy"`
}

// testSNR are the signal-to-noise ratios that a model is tested at, dB.
var testSNR = []float64{45, 20, 10}

func trainDigits(cmd *cobra.Command, f trainDigitsFlags) error {
	if f.data == "" || f.out == "" {
		return usage(errors.New("train digits: --data and --out are required"))
	}
	recipe, err := newDigitsRecipe(f.sets)
	if err != nil {
		return err
	}
	split, err := newTakes(f.takes, f.heldOut)
	if err != nil {
		return err
	}
	recipe.Training.Seed = f.seed
	if f.epochs > 0 {
		recipe.Training.Epochs = f.epochs
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	words, err := readWords(ctx, f.data, digitsRate, func(r corpus.Recording) bool { return !split.holdsOut(r) })
	if err != nil {
		return err
	}
	labels := labelsOf(words)
	result, net, err := f.learn(ctx, recipe, words, labels, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	graph := net.Graph()
	ear := trainedEar{recipe.Encoder, digitsRate, recipe.Training.Step, net.Profile()}
	d := &hearing{ear, labels, recipe.Window, graph, recipe.Pool}
	held, err := readWords(ctx, f.data, digitsRate, split.tests)
	if err != nil {
		return err
	}
	for _, snr := range testSNR {
		c, err := d.test(ctx, held, snr, 1)
		if err != nil {
			return err
		}
		result.Test = append(result.Test, digitsTest{snr, c.N, c.Accuracy})
	}
	graph.Metadata = d.metadata(f.command(), f.credit, result)
	if err := writeModel(f.out, graph); err != nil {
		return err
	}
	if err := os.Remove(f.out + ".checkpoint"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
	}
	return writeDigitsTraining(cmd.OutOrStdout(), f.out, result)
}

// learn trains the network and keeps a checkpoint of every epoch.
func (f trainDigitsFlags) learn(ctx context.Context, r digitsRecipe, words []word, labels []string, log io.Writer) (*digitsTraining, *bptt.Network, error) {
	ear, err := corpus.NewEar(r.Encoder, digitsRate)
	if err != nil {
		return nil, nil, err
	}
	c := r.Training
	c.Inputs, c.Classes, c.Steps = ear.Inputs(), len(labels), int(r.Window/r.Encoder.Mel.Hop)
	task := digitsTask{ear.NewWords(c.Steps, r.Vary, f.seed), len(labels), &r}
	for _, w := range words {
		task.Add(w.pcm, slices.Index(labels, w.Label))
	}
	trainer, err := bptt.New(c)
	if err != nil {
		return nil, nil, err
	}
	checkpoint := newTrainingCheckpoint(f.out+".checkpoint", f.command())
	if f.resume {
		if err := checkpoint.read(trainer); err != nil {
			return nil, nil, err
		}
	}
	show := newTrainingProgress(os.Stderr, log, time.Now)
	result := &digitsTraining{Examples: len(words), Epochs: c.Epochs}
	for trainer.Epochs() < c.Epochs {
		var last bptt.Progress
		if _, err := trainer.Epoch(ctx, task, func(p bptt.Progress) { show.at(p); last = p }); err != nil {
			return nil, nil, err
		}
		show.epoch(last)
		result.Loss, result.Accuracy = last.Loss, last.Accuracy
		if err := checkpoint.write(trainer); err != nil {
			return nil, nil, err
		}
	}
	show.finish()
	net := trainer.Network()
	result.Parameters = net.Parameters()
	return result, net, nil
}

func writeDigitsTraining(out io.Writer, path string, r *digitsTraining) error {
	fmt.Fprintf(out, "network   %d parameters, %d epochs of %d words: loss %.3f, %.1f %% right with augmentation\n",
		r.Parameters, r.Epochs, r.Examples, r.Loss, 100*r.Accuracy)
	for _, t := range r.Test {
		fmt.Fprintf(out, "held out  %.1f %% of %d words right, noise %g dB below them\n", 100*t.Accuracy, t.N, t.SNR)
	}
	_, err := fmt.Fprintf(out, "%s: what it takes to run it is in its metadata\n", path)
	return err
}
