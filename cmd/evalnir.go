package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ganglion/network/train/exam"
	"ganglion/sinks/picture"
)

// evalNIRFlags are the flags of eval nir.
type evalNIRFlags struct {
	network nirFlags
	data    string
	labels  string
	names   string
	plot    string
	workers int
	asJSON  bool
}

func newEvalNIR() *cobra.Command {
	var f evalNIRFlags
	cmd := &cobra.Command{
		Use:   "nir MODEL.nir --data DIR|LIST",
		Short: "judge a classifier on labelled recordings",
		Long: "Run every labelled recording through a network and report how many are told\n" +
			"right (with the 95 % interval of Wilson), which are taken for which, precision and\n" +
			"recall of each class, spikes, sparsity, synaptic operations, energy and time.\n\n" +
			"DIR holds a folder for each class (N-MNIST and the like, at any depth), recordings\n" +
			"with NAME_labels.csv beside them (DVS128 Gesture), or NIRData (.nird). LIST is a\n" +
			"text file of recordings, one a line, with a label behind a comma or in the\n" +
			"folder's name. --labels FILE has lines PATH,LABEL, or INDEX,LABEL for the samples of\n" +
			"NIRData. Recordings may be NumPy arrays of steps x neurons (.npy). The outputs'\n" +
			"labels are those of --classes, or those that the model states; else labels that\n" +
			"are numbers count the outputs from 0 on (from 1 in the layout of DVS128 Gesture, or\n" +
			"where the greatest is their number), and others stand in the order of their names.",
		Example: `  ganglion eval nir model.nir --data nmnist/test --profile sinabs
  ganglion eval nir model.nir --data DvsGesture/trials_to_test.txt --json
  ganglion eval nir model.nir --data test.nird --labels labels.csv --plot confusion.png`,
		Args: cobra.ExactArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error { return evalNIR(cmd, args[0], f) }),
	}
	f.network.add(cmd.Flags())
	cmd.Flags().StringVar(&f.data, "data", "", "`DIR` of recordings, or a list of them (required)")
	cmd.Flags().StringVar(&f.labels, "labels", "", "`FILE` of lines PATH,LABEL or INDEX,LABEL")
	cmd.Flags().StringVar(&f.names, "classes", "", "labels of the outputs in order, `A,B,...`")
	cmd.Flags().StringVar(&f.plot, "plot", "", "draw the confusion matrix to `FILE.png`")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "samples at a time; 0 takes all cores")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return cmd
}

func evalNIR(cmd *cobra.Command, model string, f evalNIRFlags) error {
	switch {
	case f.data == "":
		return usage(errors.New("eval nir: --data is required"))
	case f.workers < 0:
		return usage(fmt.Errorf("eval nir: --workers %d", f.workers))
	case f.workers == 0:
		f.workers = runtime.GOMAXPROCS(0)
	}
	if err := checkPicture("plot", f.plot); err != nil {
		return err
	}
	lowered, err := f.network.load(cmd, model)
	if err != nil {
		return err
	}
	samples, err := exam.Find(f.data, f.labels)
	if err != nil {
		return err
	}
	var names []string
	if f.names != "" {
		names = strings.Split(f.names, ",")
	}
	if names, err = exam.Labels(samples, names, lowered.Labels(), lowered.Outputs()); err != nil {
		return fmt.Errorf("%s: %w", f.data, err)
	}
	bar := newProgress(os.Stderr)
	report, err := exam.Run(cmd.Context(), lowered, samples, names, readEvents, exam.Config{
		Workers: min(f.workers, len(samples)), Now: time.Now,
		Progress: func(done, total int) { bar.set(int64(done), int64(total), "samples") },
	})
	bar.finish()
	if err != nil {
		return err
	}
	report.Model = filepath.Base(model)
	if f.plot != "" {
		c := picture.Confusion{Labels: report.Labels, Counts: report.Confusion}
		c.Title = fmt.Sprintf("%s: %.1f %% of %d", report.Model, 100*report.Accuracy, report.N)
		if _, err := savePicture(f.plot, c.Paint); err != nil {
			return err
		}
	}
	if f.asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(report)
	} else {
		_, err = fmt.Fprint(cmd.OutOrStdout(), report)
	}
	if err == nil && len(report.Failed) > 0 {
		err = dropped(fmt.Errorf("%d of %d samples could not be run", len(report.Failed), len(samples)))
	}
	return err
}
