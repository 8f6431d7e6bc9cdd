package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ganglion/network/nir"
	"ganglion/network/train/bptt"
	"ganglion/network/train/spotting"
)

// trainTrunkFlags are the flags of train trunk.
type trainTrunkFlags struct {
	trainingFlags
	words, negatives, noise []string
}

func newTrainTrunk() *cobra.Command {
	var f trainTrunkFlags
	cmd := &cobra.Command{
		Use:   "trunk --words DIR --negatives DIR [--noise DIR] --out FILE.nir",
		Short: "learn to tell many words apart, for a word of your own to begin from",
		Long: "Train a network to tell many words apart in running speech. Each folder of a\n" +
			"--words folder holds recordings of the word that it is named after, once in each.\n" +
			"`train keyword --from FILE.nir` begins from its neurons, where few recordings\n" +
			"are too few to learn from nothing; the trunk that comes with the program is\n" +
			"builtin:trunk.\n\n" +
			"After every epoch FILE.nir.checkpoint is written; --resume continues from\n" +
			"there as if the training had never stopped.",
		Example: "  ganglion train trunk --words words --negatives speech --noise kitchen.wav --out trunk.nir\n" +
			"  ganglion train keyword --from trunk.nir --word computer --positives computer --negatives speech",
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error { return trainTrunk(cmd, f) }),
	}
	cmd.Flags().StringArrayVar(&f.words, "words", nil, "`DIR` with a folder of recordings for each word (required, repeatable)")
	cmd.Flags().StringArrayVar(&f.negatives, "negatives", nil, "`DIR` of speech without the words (required, repeatable)")
	cmd.Flags().StringArrayVar(&f.noise, "noise", nil, "`DIR` or file of noise (repeatable)")
	f.add(cmd.Flags(), "the first weights, the order and the windows", "is heard")
	return cmd
}

// command is the command line that makes the same trunk, but for paths.
func (f *trainTrunkFlags) command() string {
	line := "ganglion train trunk" + strings.Repeat(" --words DIR", len(f.words)) + strings.Repeat(" --negatives DIR", len(f.negatives)) +
		strings.Repeat(" --noise DIR", len(f.noise)) + fmt.Sprintf(" --out FILE.nir --seed %d", f.seed)
	if f.epochs > 0 {
		line += fmt.Sprintf(" --epochs %d", f.epochs)
	}
	return f.trainingFlags.command(line)
}

func trainTrunk(cmd *cobra.Command, f trainTrunkFlags) error {
	if len(f.words) == 0 || len(f.negatives) == 0 || f.out == "" {
		return usage(errors.New("train trunk: --words, --negatives and --out are required"))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	t, err := f.trunk(ctx, cmd)
	if err != nil {
		return err
	}
	show := newTrainingProgress(os.Stderr, cmd.ErrOrStderr(), time.Now)
	t.Watch = func(r spotting.Round) {
		show.at(r.Progress)
		if r.Done == r.Total {
			show.epoch(r.Progress)
		}
	}
	net, last, err := t.Run(ctx)
	show.finish()
	if err != nil {
		return err
	}
	if err := nir.WriteFile(f.out, &nir.Model{Graph: t.Graph(net, last, f.command(), f.credit)}); err != nil {
		return err
	}
	if err := t.File.Remove(); err != nil {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{
			"words": len(t.Words), "parameters": net.Parameters(), "epochs": t.Training.Epochs, "loss": last.Loss, "accuracy": last.Accuracy,
		})
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d words, %d parameters; train keyword --from %s begins from it\n", f.out, len(t.Words),
		net.Parameters(), f.out)
	return err
}

// trunk is what the flags ask for, with all recordings read.
func (f *trainTrunkFlags) trunk(ctx context.Context, cmd *cobra.Command) (*spotting.Trunk, error) {
	t := &spotting.Trunk{
		Recipe: spotting.NewDefaultTrunkRecipe(), Notes: cmd.ErrOrStderr(), File: bptt.NewFile(f.out+".checkpoint", f.command()),
		Resume: f.resume,
	}
	if err := f.apply(&t.Recipe, &t.Training); err != nil {
		return nil, err
	}
	folders, err := wordFolders(f.words)
	if err != nil {
		return nil, err
	}
	for _, word := range slices.Sorted(maps.Keys(folders)) {
		all, err := readSounds(ctx, folders[word], t.Rate, everything, t.Notes)
		if err != nil {
			return nil, err
		}
		t.Words = append(t.Words, spotting.Said{Word: word, Recordings: all})
	}
	if t.Negatives, err = readSounds(ctx, f.negatives, t.Rate, everything, t.Notes); err != nil {
		return nil, err
	}
	if t.Noise, err = readSounds(ctx, f.noise, t.Rate, everything, t.Notes); err != nil {
		return nil, err
	}
	if err := t.Settle(); err != nil {
		return nil, usage(err)
	}
	return t, nil
}

// wordFolders are the folders of folders, by their names: those of one name are
// of one word.
func wordFolders(dirs []string) (map[string][]string, error) {
	folders := map[string][]string{}
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if path := filepath.Join(dir, e.Name()); isFolder(path) {
				folders[e.Name()] = append(folders[e.Name()], path)
			}
		}
	}
	if len(folders) < 2 {
		return nil, usage(fmt.Errorf("train trunk: --words: %d folders of words: want 2 or more", len(folders)))
	}
	return folders, nil
}

// isFolder reports whether a path is one, through links.
func isFolder(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}
