package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ganglion/internal/outfile"
	"ganglion/network/nir"
	"ganglion/network/score"
	"ganglion/network/sound/hearing"
	"ganglion/network/sound/keyword"
	"ganglion/network/train/bptt"
	"ganglion/network/train/spotting"
)

// trainKeywordFlags are the flags of train keyword.
type trainKeywordFlags struct {
	trainingFlags
	word, picture, from         string
	positives, negatives, noise []string
	falseAlarms, threshold      float64
	folds, rounds               int
}

func newTrainKeyword() *cobra.Command {
	var f trainKeywordFlags
	cmd := &cobra.Command{
		Use:   "keyword --word NAME --positives DIR --negatives DIR [--noise DIR]",
		Short: "learn to hear a word of your own in running speech",
		Long: "Train a network to hear one word. Each recording of --positives holds the word\n" +
			"once; those of --negatives are speech without it, the more the better; --noise is\n" +
			"what may be heard beside it. One recording in --folds is held out, chosen by its\n" +
			"name, and so is the second half of each noise. The network is tested on them and\n" +
			"gets the threshold at which it makes at most --false-alarms per hour there.\n\n" +
			"With little to hold out, that is a coarse measure. --rounds N trains N networks,\n" +
			"each without another part, and takes the threshold from all of what they were\n" +
			"tested on; the first network is written. With fewer than 100 recordings of the\n" +
			"word that is done unless --rounds says otherwise. What to expect is told with 95 %\n" +
			"intervals; a threshold that hears none of what was held out is an error.\n\n" +
			"The training begins from a trunk, a network that knows many other words: by\n" +
			"default builtin:trunk, where the recipe has its ear and its layers. --from names\n" +
			"another (see train trunk), or scratch for none.\n\n" +
			"NAME.nir has all that is needed to run and to test it; NAME.yaml beside it is a\n" +
			"pipeline that hears the word on standard input.\n\n" +
			"After every epoch FILE.nir.checkpoint is written, one for each round; --resume\n" +
			"continues from there as if the training had never stopped.",
		Example: `  ganglion train keyword --word computer --positives computer --negatives speech --noise kitchen.wav
  arecord -q -f S16_LE -r 16000 -c 1 | ganglion run computer.yaml`,
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error { return trainKeyword(cmd, f) }),
	}
	cmd.Flags().StringVar(&f.word, "word", "", "the `NAME` of the word (required)")
	cmd.Flags().StringArrayVar(&f.positives, "positives", nil, "`DIR` of recordings of the word, once in each (required, repeatable)")
	cmd.Flags().StringArrayVar(&f.negatives, "negatives", nil, "`DIR` of speech without the word (required, repeatable)")
	cmd.Flags().StringArrayVar(&f.noise, "noise", nil, "`DIR` or file of noise (repeatable)")
	cmd.Flags().Float64Var(&f.falseAlarms, "false-alarms", 1, "wanted false accepts per hour")
	cmd.Flags().Float64Var(&f.threshold, "threshold", 0, "take this threshold, whatever the held-out recordings say")
	cmd.Flags().IntVar(&f.folds, "folds", 5, "one recording in `N` is held out")
	cmd.Flags().IntVar(&f.rounds, "rounds", 0, "networks to train, each with another part held out, at most as many as folds (default: "+
		"3 for fewer than 100 recordings of the word, else 1)")
	cmd.Flags().StringVar(&f.from, "from", "", "`TRUNK` to begin from, a file of train trunk, or scratch for none (default: builtin:trunk, where it fits)")
	cmd.Flags().StringVar(&f.picture, "picture", "", "draw the trade-off to `FILE.png`")
	f.add(cmd.Flags(), "the first weights, the order and the windows", "of the word is heard")
	cmd.Flags().Lookup("out").Usage = "`FILE.nir` to write (default: NAME.nir)"
	cmd.Flags().Lookup("json").Usage = "print JSON, an object on a line for each trial"
	return cmd
}

func (f *trainKeywordFlags) check() error {
	switch {
	case f.word == "" || len(f.positives) == 0 || len(f.negatives) == 0:
		return errors.New("train keyword: --word, --positives and --negatives are required")
	case !keyword.IsWord(f.word):
		return fmt.Errorf("train keyword: --word %q: a name that begins with _ is not a word", f.word)
	case !(f.falseAlarms >= 0):
		return fmt.Errorf("train keyword: --false-alarms %v", f.falseAlarms)
	case !(f.threshold >= 0 && f.threshold <= 1):
		return fmt.Errorf("train keyword: --threshold %v is outside 0 to 1", f.threshold)
	case f.folds < 2 || f.folds > 100 || f.rounds < 0 || f.rounds > f.folds:
		return fmt.Errorf("train keyword: --folds %d, --rounds %d: want 2 to 100 folds and at most as many rounds", f.folds, f.rounds)
	}
	if f.out == "" {
		f.out = f.word + ".nir"
	}
	if !strings.HasSuffix(f.out, ".nir") {
		return fmt.Errorf("train keyword: --out %s: want a name that ends in .nir", f.out)
	}
	return nil
}

// command is the command line that makes the same model, but for paths.
func (f *trainKeywordFlags) command() string {
	words := []string{
		"ganglion train keyword --word " + f.word + strings.Repeat(" --positives DIR", len(f.positives)) +
			strings.Repeat(" --negatives DIR", len(f.negatives)) + strings.Repeat(" --noise DIR", len(f.noise)),
		fmt.Sprintf("--false-alarms %g --folds %d --rounds %d --seed %d --from %s", f.falseAlarms, f.folds, f.rounds, f.seed,
			filepath.Base(f.from)),
	}
	if f.epochs > 0 {
		words = append(words, fmt.Sprintf("--epochs %d", f.epochs))
	}
	if f.threshold > 0 {
		words = append(words, fmt.Sprintf("--threshold %g", f.threshold))
	}
	return f.trainingFlags.command(words...)
}

func trainKeyword(cmd *cobra.Command, f trainKeywordFlags) error {
	if err := f.check(); err != nil {
		return usage(err)
	}
	if err := checkPicture("picture", f.picture); err != nil {
		return err
	}
	f.settleRounds()
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	show := newRoundsProgress(cmd.ErrOrStderr(), f.rounds)
	t, err := f.training(ctx, cmd.ErrOrStderr(), show.at)
	if err != nil {
		return err
	}
	tables, err := t.Run(ctx)
	show.bar.finish()
	if err != nil {
		return err
	}
	for round := range f.rounds {
		if err := f.file(round).Remove(); err != nil {
			return err
		}
	}
	if f.picture != "" {
		if err := drawTables(f.picture, tables); err != nil {
			return err
		}
	}
	return f.report(cmd.OutOrStdout(), cmd.ErrOrStderr(), tables)
}

// fewRecordings are so few of the word that one part of them says little:
// cross-validation over fewRounds parts decides.
const (
	fewRecordings = 100
	fewRounds     = 3
)

// settleRounds chooses how many networks are trained where nobody says. Files
// that cannot be listed are an error when they are read.
func (f *trainKeywordFlags) settleRounds() {
	if f.rounds > 0 {
		return
	}
	f.rounds = 1
	if files, err := soundFiles(f.positives); err == nil && len(files) < fewRecordings {
		f.rounds = min(fewRounds, f.folds)
	}
}

// training is what the flags ask for, with all recordings read.
func (f *trainKeywordFlags) training(ctx context.Context, notes io.Writer, watch func(int, spotting.Round)) (*spotting.Training, error) {
	t := &spotting.Training{
		Recipe: spotting.NewDefaultRecipe(), Word: f.word, Model: f.out, FalseAlarms: f.falseAlarms, Threshold: f.threshold,
		Folds: f.folds, Rounds: f.rounds, Notes: notes, Watch: watch, Files: f.file, Resume: f.resume,
	}
	t.Keep = func(net *bptt.Network, tables []*hearing.Table) error { return f.keep(t, net, tables) }
	if err := applySets(&t.Recipe, f.sets); err != nil {
		return nil, err
	}
	if err := t.Settle(); err != nil {
		return nil, usage(err)
	}
	t.Training.Seed = f.seed
	if err := f.begin(t, notes); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		to   *[]hearing.Recording
		from []string
	}{{&t.Positives, f.positives}, {&t.Negatives, f.negatives}, {&t.Noise, f.noise}} {
		var err error
		if *s.to, err = readSounds(ctx, s.from, t.Rate, everything, notes); err != nil {
			return nil, err
		}
	}
	switch {
	case f.epochs > 0:
		t.Training.Epochs = f.epochs
	case t.Training.Epochs == spotting.NewDefaultRecipe().Training.Epochs: // no --set says otherwise
		t.Enough(len(t.Positives))
	}
	return t, nil
}

// What --from may be beside a file.
const (
	fromScratch = "scratch"
	fromDefault = "builtin:trunk"
)

// begin makes a training begin from the trunk that the flags name. The one that
// comes with the program is left out where it does not fit, which is noted.
func (f *trainKeywordFlags) begin(t *spotting.Training, notes io.Writer) error {
	if f.from == fromScratch {
		return nil
	}
	path := cmp.Or(f.from, fromDefault)
	err := t.Begin(path)
	if err != nil && f.from != "" {
		return usage(fmt.Errorf("train keyword: --from %w", err))
	}
	if f.from = path; err != nil {
		fmt.Fprintf(notes, "begun from scratch: %v\n", err)
		f.from = fromScratch
	}
	return nil
}

// file is where a round is saved.
func (f *trainKeywordFlags) file(round int) bptt.File {
	path := f.out + ".checkpoint"
	if round > 0 {
		path += fmt.Sprintf("-%d", round+1)
	}
	return bptt.NewFile(path, f.command())
}

// keep writes the model, and beside it a pipeline that runs it.
func (f *trainKeywordFlags) keep(t *spotting.Training, net *bptt.Network, tables []*hearing.Table) error {
	if err := nir.WriteFile(f.out, &nir.Model{Graph: t.Graph(net, tables, f.command(), f.credit)}); err != nil {
		return err
	}
	config, err := t.Pipeline(f.word, filepath.Base(f.out), net.Profile().Name, f.pipelineFile())
	if err != nil {
		return err
	}
	return outfile.Replace(f.pipelineFile(), func(w io.Writer) error {
		_, err := io.WriteString(w, config)
		return err
	})
}

func (f *trainKeywordFlags) pipelineFile() string { return strings.TrimSuffix(f.out, ".nir") + ".yaml" }

// report prints the curve.
func (f *trainKeywordFlags) report(out, notes io.Writer, tables []*hearing.Table) error {
	for _, table := range tables {
		var err error
		if f.asJSON {
			err = json.NewEncoder(out).Encode(table)
		} else {
			err = table.Write(out)
		}
		if err != nil {
			return err
		}
	}
	if !f.asJSON {
		fmt.Fprintf(out, "%s: threshold %.4f; %s hears the word on standard input\n", f.out, tables[0].Chosen.Threshold, f.pipelineFile())
	}
	f.expect(notes, tables[0].Chosen)
	return nil
}

// expect reports what the chosen threshold promises, what that was measured on, and
// what it cannot show.
func (f *trainKeywordFlags) expect(notes io.Writer, c score.WordResult) {
	heard := "which this network has not heard"
	if f.rounds > 1 {
		heard = fmt.Sprintf("by %d networks, none of which had heard what it was tested on", f.rounds)
	}
	fmt.Fprintf(notes, "expect %.1f %% false rejects (95 %%: %.1f to %.1f %%) and %.1f false accepts per hour (95 %%: %.1f to %.1f), "+
		"as measured on %d recordings of the word and %.2f h without it, %s; voices and rooms that are not among the recordings may do worse\n",
		100*c.FRR, 100*c.FRR95[0], 100*c.FRR95[1], c.FAPerHour, c.FAPerHour95[0], c.FAPerHour95[1], c.Said, c.Hours, heard)
	if float64(c.FAPerHour95[1]) > f.falseAlarms {
		need := "no amount shows none at all"
		if f.falseAlarms > 0 {
			need = fmt.Sprintf("that takes %.1f h without a false accept", float64(score.Rate(0, 1).High)/f.falseAlarms)
		}
		fmt.Fprintf(notes, "%.2f h without the word cannot show %g false accepts per hour: %s\n", c.Hours, f.falseAlarms, need)
	}
}
