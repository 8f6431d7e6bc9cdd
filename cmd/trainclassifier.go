package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ganglion/network/nir"
	"ganglion/network/train/bptt"
	"ganglion/network/train/classifier"
	"ganglion/network/train/exam"
)

// trainClassifierFlags are the flags of train classifier.
type trainClassifierFlags struct {
	trainingFlags
	data, test, labels, names string
	heldOut                   int
}

func newTrainClassifier() *cobra.Command {
	var f trainClassifierFlags
	cmd := &cobra.Command{
		Use:   "classifier --data DIR|LIST --out FILE.nir",
		Short: "learn to tell camera recordings apart by surrogate gradients",
		Long: "Train a convolutional spiking network on labelled camera recordings and write it\n" +
			"as NIR. --data, --labels and --classes are those of `eval nir`: a folder for each\n" +
			"class, labels beside the recordings (DVS128 Gesture), or a list. Of each class one\n" +
			"recording in --held-out is not learned from, and tested on in the end as `eval nir`\n" +
			"does; --test names other recordings for that.\n\n" +
			"In every epoch each recording is seen at another place and angle, with other events\n" +
			"left out and at other times (--set vary.shift, vary.turn, vary.scale, vary.mirror,\n" +
			"vary.jitter, vary.drop, vary.noise). Without training.convolutions two are taken\n" +
			"that fit the sensor.\n\n" +
			"After every epoch FILE.nir.checkpoint is written; --resume continues from\n" +
			"there as if the training had never stopped.",
		Example: "  ganglion train classifier --data nmnist --out digits.nir\n" +
			"  ganglion eval nir digits.nir --data other --profile auto --bin 0\n" +
			"  ganglion train classifier --data shapes --out shapes.nir --set vary.mirror=true --set window=600ms \\\n" +
			"    --set 'training.convolutions=[{channels: 8, kernel: 5, stride: 4, padding: 2}, {channels: 16, kernel: 3, pool: 2}]'",
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error { return trainClassifier(cmd, f) }),
	}
	cmd.Flags().StringVar(&f.data, "data", "", "`DIR` of recordings, or a list of them (required)")
	cmd.Flags().StringVar(&f.labels, "labels", "", "`FILE` of lines PATH,LABEL")
	cmd.Flags().StringVar(&f.names, "classes", "", "labels of the outputs in order, `A,B,...`")
	cmd.Flags().IntVar(&f.heldOut, "held-out", 5, "of each class one recording in `N` is tested on; 0 for none")
	cmd.Flags().StringVar(&f.test, "test", "", "`DIR` or list of recordings to test on instead")
	f.add(cmd.Flags(), "the first weights, the order, the split and the augmentation", "is seen")
	return cmd
}

// command is the command line that makes the same model, but for paths.
func (f trainClassifierFlags) command() string {
	words := []string{"ganglion train classifier --data DIR --out FILE.nir", fmt.Sprintf("--seed %d --held-out %d", f.seed, f.heldOut)}
	if f.epochs != 0 {
		words = append(words, fmt.Sprintf("--epochs %d", f.epochs))
	}
	if f.names != "" {
		words = append(words, "--classes '"+f.names+"'")
	}
	if f.test != "" {
		words = append(words, "--test DIR")
	}
	return f.trainingFlags.command(words...)
}

func trainClassifier(cmd *cobra.Command, f trainClassifierFlags) error {
	switch {
	case f.data == "" || f.out == "":
		return usage(errors.New("train classifier: --data and --out are required"))
	case f.heldOut < 0 || f.heldOut == 1:
		return usage(fmt.Errorf("train classifier: --held-out %d leaves nothing to learn from", f.heldOut))
	}
	recipe := classifier.NewDefaultRecipe()
	if err := f.apply(&recipe, &recipe.Training); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	train, test, labels, err := f.samples()
	if err != nil {
		return err
	}
	data := classifier.Data{Samples: train, Read: readEvents}
	if data.Width, data.Height, err = sensorOf(append(train, test...)); err != nil {
		return err
	}
	file := bptt.NewFile(f.out+".checkpoint", f.command())
	show := newTrainingProgress(os.Stderr, cmd.ErrOrStderr(), time.Now)
	m, result, err := recipe.Train(ctx, data, labels, file, f.resume, bptt.Watch{Batch: show.at, Epoch: show.epoch})
	show.finish()
	if err != nil {
		return err
	}
	if len(test) > 0 {
		if err := f.judge(ctx, m, test, result); err != nil {
			return err
		}
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
	return writeClassifierTraining(cmd.OutOrStdout(), f.out, m, result)
}

// samples are what is learned from, what is tested on, and the labels of the
// outputs.
func (f trainClassifierFlags) samples() (train, test []exam.Sample, labels []string, err error) {
	all, err := exam.Find(f.data, f.labels)
	if err != nil {
		return nil, nil, nil, err
	}
	if f.names != "" {
		labels = strings.Split(f.names, ",")
	}
	distinct := map[string]bool{}
	for _, s := range all {
		distinct[s.Label] = true
	}
	if labels, err = exam.Labels(all, labels, nil, max(len(distinct), len(labels))); err != nil {
		return nil, nil, nil, fmt.Errorf("%s: %w", f.data, err)
	}
	if f.test == "" {
		train, test = classifier.HoldOut(all, f.heldOut, f.seed)
		return train, test, labels, nil
	}
	if test, err = exam.Find(f.test, f.labels); err != nil {
		return nil, nil, nil, err
	}
	if _, err = exam.Labels(test, labels, nil, len(labels)); err != nil {
		err = fmt.Errorf("%s: %w", f.test, err)
	}
	return all, test, labels, err
}

// sensorOf is the size, px, that holds all recordings.
func sensorOf(samples []exam.Sample) (width, height int, err error) {
	path := ""
	for _, s := range samples {
		if s.Path == path {
			continue
		}
		path = s.Path
		_, w, h, err := readRecording(path)
		if err != nil {
			return 0, 0, err
		}
		width, height = max(width, w), max(height, h)
	}
	return width, height, nil
}

// judge tests a model as eval nir does.
func (f trainClassifierFlags) judge(ctx context.Context, m *classifier.Model, test []exam.Sample, result *classifier.Result) (err error) {
	bar := newProgress(os.Stderr)
	defer bar.finish()
	result.Test, err = m.Test(ctx, test, readEvents, exam.Config{
		Workers: min(runtime.GOMAXPROCS(0), len(test)), Now: time.Now,
		Progress: func(done, total int) { bar.set(int64(done), int64(total), "samples") },
	})
	return err
}

func writeClassifierTraining(out io.Writer, path string, m *classifier.Model, r *classifier.Result) error {
	fmt.Fprintf(out, "network   %d parameters, %d epochs of %d recordings: loss %.3f, %.1f %% right with variations\n",
		r.Parameters, r.Epochs, r.Examples, r.Loss, 100*r.Accuracy)
	if r.Test != nil {
		fmt.Fprintf(out, "held out  %s\n", r.Test)
	}
	_, err := fmt.Fprintf(out, "%s: ganglion eval nir %s --data DIR --profile auto --bin %v\n", path, path, m.Step)
	return err
}
