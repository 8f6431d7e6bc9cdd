package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ganglion/network/nir"
	"ganglion/network/train/bptt"
	"ganglion/network/train/stdp"
)

func newTrain() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "train",
		Short:   "train a network and write it as NIR",
		Example: "  ganglion train stdp --data nmnist/train --out digits.nir",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage(errors.New("ganglion train: name how to train: stdp, digits, keyword, trunk, classifier"))
		},
	}
	cmd.AddCommand(newTrainSTDP(), newTrainDigits(), newTrainKeyword(), newTrainTrunk(), newTrainClassifier())
	return cmd
}

// trainingFlags are those of every training by gradients.
type trainingFlags struct {
	out, credit    string
	epochs         int
	seed           uint64
	resume, asJSON bool
	sets           []string
}

// add adds the flags; varies is what hangs on the seed, and heard what is done
// with every example in an epoch.
func (f *trainingFlags) add(flags *pflag.FlagSet, varies, heard string) {
	flags.StringVarP(&f.out, "out", "o", "", "`FILE.nir` to write (required)")
	flags.Uint64Var(&f.seed, "seed", 1, "varies "+varies)
	flags.IntVar(&f.epochs, "epochs", 0, "how often every recording "+heard+" (default: the recipe's)")
	flags.StringVar(&f.credit, "credit", "", "`TEXT` that names the recordings' source and licence in the model")
	flags.BoolVar(&f.resume, "resume", false, "resume from FILE.nir.checkpoint")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	flags.StringArrayVar(&f.sets, "set", nil, "replace a value of the recipe, `KEY=VALUE`")
}

// command is the command line that makes the same model, but for paths, with
// what is a training's own.
func (f *trainingFlags) command(words ...string) string {
	for _, s := range f.sets {
		words = append(words, "--set '"+s+"'")
	}
	if f.credit != "" {
		words = append(words, "--credit '"+f.credit+"'")
	}
	return strings.Join(words, " ")
}

// apply puts the flags into a recipe, whose training is c.
func (f *trainingFlags) apply(recipe any, c *bptt.Config) error {
	if err := applySets(recipe, f.sets); err != nil {
		return err
	}
	c.Seed = f.seed
	if f.epochs > 0 {
		c.Epochs = f.epochs
	}
	return nil
}

// trainFlags are the flags of train stdp.
type trainFlags struct {
	data, input, out string
	seed             uint64
	asJSON           bool
}

func newTrainSTDP() *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use:   "stdp --data DIR | --input RECORDING --out FILE.nir",
		Short: "learn features without labels, by the times of spikes",
		Long: "Learn the kernels of a convolution from recordings without their labels, by\n" +
			"spike-timing-dependent plasticity with winner-take-all inhibition and\n" +
			"homeostatic thresholds, then fit a linear readout to the labels of four fifths\n" +
			"of the recordings and test on the others. The recordings of class N, 34x34 px\n" +
			"as in N-MNIST, are the files of DIR/N.\n\n" +
			"With --input, learn from patches of 34x34 px and 100 ms of one camera recording,\n" +
			"which needs no label; the network then gives the spikes of its features.",
		Example: "  ganglion train stdp --data nmnist/train --out digits.nir\n  ganglion infer digits.nir --input digit.bin --dt 1ms\n  " +
			"ganglion train stdp --input street.raw --out features.nir",
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error { return trainSTDP(cmd, f) }),
	}
	cmd.Flags().StringVar(&f.data, "data", "", "`DIR` with a folder of recordings for each class")
	cmd.Flags().StringVar(&f.input, "input", "", "camera `RECORDING` to learn features from, without labels")
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "`FILE.nir` to write (required)")
	cmd.Flags().Uint64Var(&f.seed, "seed", stdp.NewDefaultConfig().Seed, "varies the first weights and the split")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return cmd
}

func trainSTDP(cmd *cobra.Command, f trainFlags) error {
	if (f.data == "") == (f.input == "") || f.out == "" {
		return usage(errors.New("train stdp: --out and one of --data and --input are required"))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if f.input != "" {
		return trainPatches(ctx, cmd, f)
	}
	recordings, err := readClasses(f.data)
	if err != nil {
		return err
	}
	c := stdp.NewDefaultConfig()
	c.Seed = f.seed
	bar := newProgress(os.Stderr)
	result, err := stdp.Train(ctx, c, recordings, func(stage string, done, total int) {
		bar.set(int64(done), int64(total), stage)
	})
	bar.finish()
	if err != nil {
		return err
	}
	if err := nir.WriteFile(f.out, &nir.Model{Graph: result.Graph}); err != nil {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
	}
	return writeTraining(cmd.OutOrStdout(), f.out, c, result)
}

// trainPatches learns from one camera recording.
func trainPatches(ctx context.Context, cmd *cobra.Command, f trainFlags) error {
	events, width, height, err := readRecording(f.input)
	if err != nil {
		return err
	}
	c := stdp.NewDefaultConfig()
	c.Seed, c.Learn = f.seed, 2*c.Learn
	bar := newProgress(os.Stderr)
	result, err := stdp.LearnPatches(ctx, c, events, width, height, func(stage string, done, total int) {
		bar.set(int64(done), int64(total), stage)
	})
	bar.finish()
	if err != nil {
		return fmt.Errorf("%s: %w", f.input, err)
	}
	if err := nir.WriteFile(f.out, &nir.Model{Graph: result.Graph}); err != nil {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "features  %d, learned from %d patches without labels (weights drifted by %.0f %%), %d of "+
		"them used\n"+
		"%s: run it with --profile %s --dt %v\n", c.Channels, result.Patches, 100*result.Drift, result.Used, f.out, stdp.Profile, c.Step)
	return err
}

// readClasses reads the recordings of every folder whose name is a number, in
// order of their names.
func readClasses(dir string) ([]stdp.Recording, error) {
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []stdp.Recording
	for _, folder := range folders {
		label, err := strconv.Atoi(folder.Name())
		if err != nil || label < 0 || label > stdp.MaxLabel {
			continue
		}
		files, err := os.ReadDir(filepath.Join(dir, folder.Name()))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			path := filepath.Join(dir, folder.Name(), file.Name())
			events, err := readEvents(path)
			if err != nil {
				return nil, err
			}
			all = append(all, stdp.Recording{Name: path, Label: label, Events: events})
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no folder of recordings is named by its class, 0, 1, 2 and so on", dir)
	}
	return all, nil
}

func writeTraining(out io.Writer, path string, c stdp.Config, r *stdp.Result) error {
	_, err := fmt.Fprintf(out, "features  %d, learned from %d recordings without labels (weights drifted by %.0f %%)\n"+
		"accuracy  %.1f %% of %d test recordings, %.1f %% of the %d the readout was fitted to\n"+
		"%s: run it with --profile %s --dt %v\n",
		c.Channels, r.Learned, 100*r.Drift, 100*r.TestRate, r.Test, 100*r.TrainRate, r.Train, path, stdp.Profile, c.Step)
	return err
}
