package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"ganglion/network/nir"
	"ganglion/network/stdp"
)

func newTrain() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "train",
		Short:   "train a network and write it as NIR",
		Example: "  ganglion train stdp --data nmnist/train --out digits.nir",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage(errors.New("ganglion train: name how to train: stdp, digits"))
		},
	}
	cmd.AddCommand(newTrainSTDP(), newTrainDigits())
	return cmd
}

// trainFlags are the flags of train stdp.
type trainFlags struct {
	data, out string
	seed      uint64
	asJSON    bool
}

func newTrainSTDP() *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use:   "stdp --data DIR --out FILE.nir",
		Short: "learn features without labels, by the times of spikes",
		Long: "Learn the kernels of a convolution from recordings without their labels, by\n" +
			"spike-timing-dependent plasticity with winner-take-all inhibition and\n" +
			"homeostatic thresholds, then fit a linear readout to the labels of four fifths\n" +
			"of the recordings and test on the others. The recordings of class N, 34x34 px\n" +
			"as in N-MNIST, are the files of DIR/N.",
		Example: "  ganglion train stdp --data nmnist/train --out digits.nir\n  ganglion infer digits.nir --input digit.bin --dt 1ms",
		Args:    cobra.NoArgs,
		RunE:    failing(func(cmd *cobra.Command, _ []string) error { return trainSTDP(cmd, f) }),
	}
	cmd.Flags().StringVar(&f.data, "data", "", "`DIR` with a folder of recordings for each class (required)")
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "`FILE.nir` to write (required)")
	cmd.Flags().Uint64Var(&f.seed, "seed", stdp.Default.Seed, "varies the first weights and the split")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return cmd
}

func trainSTDP(cmd *cobra.Command, f trainFlags) error {
	if f.data == "" || f.out == "" {
		return usage(errors.New("train stdp: --data and --out are required"))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	recordings, err := readClasses(f.data)
	if err != nil {
		return err
	}
	c := stdp.Default
	c.Seed = f.seed
	bar := newProgress(os.Stderr)
	result, err := stdp.Train(ctx, c, recordings, func(stage string, done, total int) {
		bar.set(int64(done), int64(total), stage)
	})
	bar.finish()
	if err != nil {
		return err
	}
	if err := writeModel(f.out, result.Graph); err != nil {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
	}
	return writeTraining(cmd.OutOrStdout(), f.out, c, result)
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

func writeModel(path string, g *nir.Graph) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(nir.Write(file, &nir.Model{Graph: g}), file.Close())
}

func writeTraining(out io.Writer, path string, c stdp.Config, r *stdp.Result) error {
	_, err := fmt.Fprintf(out, "features  %d, learned from %d recordings without labels (weights drifted by %.0f %%)\n"+
		"accuracy  %.1f %% of %d test recordings, %.1f %% of the %d the readout was fitted to\n"+
		"%s: run it with --profile %s --dt %v\n",
		c.Channels, r.Learned, 100*r.Drift, 100*r.TestRate, r.Test, 100*r.TrainRate, r.Train, path, stdp.Profile, c.Step)
	return err
}
