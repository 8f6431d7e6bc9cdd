package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"ganglion/network/sound/hearing"
	"ganglion/network/sound/keyword"
	"ganglion/network/train/spotting"
)

// evalKeywordsFlags are the flags of eval keywords.
type evalKeywordsFlags struct {
	model, word, part, picture  string
	positives, negatives, noise []string
	snrs                        []float64
	seed                        uint64
	joined, asJSON              bool
}

func newEvalKeywords() *cobra.Command {
	var f evalKeywordsFlags
	cmd := &cobra.Command{
		Use:   "keywords --model FILE.nir --word WORD --positives DIR --negatives DIR",
		Short: "test how a model hears a word: misses against false accepts per hour",
		Long: "Play recordings through the encoder, the network and the readout of a model that\n" +
			"`ganglion train keyword` wrote, and count at each threshold the misses and the\n" +
			"false accepts per hour, with 95 % intervals (Wilson, Garwood), and the time from\n" +
			"the end of the word to its detection. Each positive recording holds the word\n" +
			"once; where, its energy tells. A second detection of one utterance is false.\n\n" +
			"With --noise and --snr-db, noise is mixed in so far below the sound of each\n" +
			"recording. --part test takes the files that the model was not trained on, and of\n" +
			"the noise the second half, which no training hears.",
		Example: `  ganglion eval keywords --model configs/computer.nir --word computer --positives computer --negatives speech --part test
  ganglion eval keywords --model configs/computer.nir --word computer --positives computer --negatives speech \
    --noise kitchen.wav --snr-db 20,10,0 --picture curve.png --json`,
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error { return evalKeywords(cmd, f) }),
	}
	cmd.Flags().StringVar(&f.model, "model", "", "`FILE.nir` to test (required)")
	cmd.Flags().StringVar(&f.word, "word", "", "`WORD` to count (default: the model's only one)")
	cmd.Flags().StringArrayVar(&f.positives, "positives", nil, "`DIR` or file with the word, once in each (required, repeatable)")
	cmd.Flags().StringArrayVar(&f.negatives, "negatives", nil, "`DIR` or file without the word (required, repeatable)")
	cmd.Flags().StringArrayVar(&f.noise, "noise", nil, "`FILE` or folder of noise to mix in (repeatable)")
	cmd.Flags().Float64SliceVar(&f.snrs, "snr-db", nil, "how far the noise lies below the sound, `DB`, a list for several trials beside "+
		"the clean one")
	cmd.Flags().StringVar(&f.part, "part", "all", "which recordings: `all|test`, those held out of training, or train")
	cmd.Flags().BoolVar(&f.joined, "joined", false, "play all negatives as one stream, without a rest between them")
	cmd.Flags().StringVar(&f.picture, "picture", "", "draw the trade-off to `FILE.png`")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "varies which noise each recording gets")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON, an object on a line for each trial")
	return cmd
}

func (f evalKeywordsFlags) check() error {
	switch {
	case f.model == "" || len(f.positives) == 0 || len(f.negatives) == 0:
		return errors.New("eval keywords: --model, --positives and --negatives are required")
	case len(f.noise) > 0 != (len(f.snrs) > 0):
		return errors.New("eval keywords: --noise and --snr-db go together")
	case !slices.Contains([]string{"all", "test", "train"}, f.part):
		return fmt.Errorf("eval keywords: --part %s: want all, test or train", f.part)
	}
	return nil
}

func evalKeywords(cmd *cobra.Command, f evalKeywordsFlags) error {
	if err := f.check(); err != nil {
		return usage(err)
	}
	if err := checkPicture("picture", f.picture); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := hearing.ReadListener(f.model)
	if err != nil {
		return err
	}
	if f.word, err = l.Word(f.word); err != nil {
		return usage(err)
	}
	want, err := f.selects(l)
	if err != nil {
		return err
	}
	notes := cmd.ErrOrStderr()
	t := hearing.Trial{Word: f.word, Seed: f.seed}
	if t.Positives, err = readSounds(ctx, f.positives, l.Rate, want, notes); err != nil {
		return err
	}
	if t.Negatives, err = readSounds(ctx, f.negatives, l.Rate, want, notes); err != nil {
		return err
	}
	noise, err := readSounds(ctx, f.noise, l.Rate, everything, notes)
	if err != nil {
		return err
	}
	if f.joined {
		t.Negatives = joined(t.Negatives)
	}
	threshold := l.Words.Threshold(f.word)
	thresholds := keyword.ThresholdsWith(threshold)
	var tables []*hearing.Table
	for k := -1; k < len(f.snrs); k++ {
		table := &hearing.Table{Model: f.model, Word: f.word}
		if k >= 0 {
			t.SNR, table.SNR, t.Noise = f.snrs[k], &f.snrs[k], f.heard(noise)
		}
		counts, err := t.Run(ctx, l, thresholds)
		if err != nil {
			return err
		}
		table.Thresholds = hearing.Results(counts, thresholds)
		table.Chosen, _ = table.At(threshold)
		tables = append(tables, table)
	}
	if f.picture != "" {
		if err := drawTables(f.picture, tables); err != nil {
			return err
		}
	}
	return f.print(cmd, tables)
}

func (f evalKeywordsFlags) print(cmd *cobra.Command, tables []*hearing.Table) error {
	for _, t := range tables {
		var err error
		if f.asJSON {
			err = json.NewEncoder(cmd.OutOrStdout()).Encode(t)
		} else {
			err = t.Write(cmd.OutOrStdout())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// selects chooses the recordings of the part that is asked for.
func (f evalKeywordsFlags) selects(l *hearing.Listener) (func(string) bool, error) {
	p := spotting.Part{Folds: l.Folds}
	switch {
	case f.part == "all":
		return everything, nil
	case l.Folds < 2:
		return nil, fmt.Errorf("%s: does not say what was held out of its training: give --part all", f.model)
	case f.part == "test":
		return p.Test, nil
	}
	return p.Train, nil
}

// heard is the noise of the part that is asked for.
func (f evalKeywordsFlags) heard(noise []hearing.Recording) (pcm []float32) {
	if f.part == "test" {
		return spotting.SecondHalf(noise)
	}
	return joined(noise)[0].PCM
}

// joined is sounds one after another.
func joined(sounds []hearing.Recording) []hearing.Recording {
	var pcm []float32
	for _, s := range sounds {
		pcm = append(pcm, s.PCM...)
	}
	return []hearing.Recording{{Path: "the joined recordings", PCM: pcm}}
}
