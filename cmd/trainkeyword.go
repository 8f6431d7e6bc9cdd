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

	"ganglion/network/motion/score"
	"ganglion/network/nir"
	"ganglion/network/sound/keyword"
	"ganglion/network/train/bptt"
	recipe "ganglion/network/train/words"
)

// trainKeywordFlags are the flags of train keyword.
type trainKeywordFlags struct {
	word, out, credit, picture  string
	positives, negatives, noise []string
	falseAlarms, threshold      float64
	folds, rounds, epochs       int
	seed                        uint64
	asJSON                      bool
	sets                        []string
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
			"With little speech to hold out, that is a coarse measure. --rounds N trains N\n" +
			"networks, each without another part, and takes the threshold from all of what\n" +
			"they were tested on; the first network is written.\n\n" +
			"NAME.nir has all that is needed to run and to test it; NAME.yaml beside it is a\n" +
			"pipeline that hears the word on standard input.",
		Example: `  ganglion train keyword --word computer --positives computer --negatives speech --noise kitchen.wav
  arecord -q -f S16_LE -r 16000 -c 1 | ganglion run computer.yaml`,
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error { return trainKeyword(cmd, f) }),
	}
	cmd.Flags().StringVar(&f.word, "word", "", "the `NAME` of the word (required)")
	cmd.Flags().StringArrayVar(&f.positives, "positives", nil, "`DIR` of recordings of the word, once in each (required, repeatable)")
	cmd.Flags().StringArrayVar(&f.negatives, "negatives", nil, "`DIR` of speech without the word (required, repeatable)")
	cmd.Flags().StringArrayVar(&f.noise, "noise", nil, "`DIR` or file of noise (repeatable)")
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "`FILE.nir` to write (default: NAME.nir)")
	cmd.Flags().Float64Var(&f.falseAlarms, "false-alarms", 1, "wanted false alarms per hour")
	cmd.Flags().Float64Var(&f.threshold, "threshold", 0, "take this threshold, whatever the held-out recordings say")
	cmd.Flags().IntVar(&f.folds, "folds", 5, "one recording in `N` is held out")
	cmd.Flags().IntVar(&f.rounds, "rounds", 1, "networks to train, each with another part held out, at most as many as folds")
	cmd.Flags().IntVar(&f.epochs, "epochs", 0, "how often every recording of the word is heard (default: the recipe's)")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "varies the first weights, the order and the windows")
	cmd.Flags().StringVar(&f.credit, "credit", "", "`TEXT` about the data and its licence, kept in the model")
	cmd.Flags().StringVar(&f.picture, "picture", "", "draw the trade-off to `FILE.png`, .svg or .pdf")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON, an object on a line for each trial")
	cmd.Flags().StringArrayVar(&f.sets, "set", nil, "replace a value of the recipe, `KEY=VALUE`")
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
	case f.folds < 2 || f.folds > 100 || f.rounds < 1 || f.rounds > f.folds:
		return fmt.Errorf("train keyword: --folds %d, --rounds %d: want 2 to 100 folds and 1 to as many rounds", f.folds, f.rounds)
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
		fmt.Sprintf("--false-alarms %g --folds %d --rounds %d --seed %d", f.falseAlarms, f.folds, f.rounds, f.seed),
	}
	if f.epochs > 0 {
		words = append(words, fmt.Sprintf("--epochs %d", f.epochs))
	}
	if f.threshold > 0 {
		words = append(words, fmt.Sprintf("--threshold %g", f.threshold))
	}
	for _, s := range f.sets {
		words = append(words, "--set '"+s+"'")
	}
	return strings.Join(words, " ")
}

// keywordTraining is one run of train keyword.
type keywordTraining struct {
	*trainKeywordFlags
	recipe keywordRecipe
	log    io.Writer

	positives, negatives, noise []sound
	figures                     trainingFigures
}

// trainingFigures is what is kept of the training in the model.
type trainingFigures struct {
	clips, epochs, parameters int
	hours, loss, accuracy     float64
}

func trainKeyword(cmd *cobra.Command, f trainKeywordFlags) error {
	if err := f.check(); err != nil {
		return usage(err)
	}
	r, err := newKeywordRecipe(f.sets)
	if err != nil {
		return err
	}
	r.Training.Seed = f.seed
	if f.epochs > 0 {
		r.Training.Epochs = f.epochs
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	t := keywordTraining{trainKeywordFlags: &f, recipe: r, log: cmd.ErrOrStderr()}
	if err := t.read(ctx); err != nil {
		return err
	}
	tables, err := t.run(ctx)
	if err != nil {
		return err
	}
	if f.picture != "" {
		if err := drawTables(f.picture, tables); err != nil {
			return err
		}
	}
	return t.report(cmd.OutOrStdout(), tables)
}

// read reads all recordings.
func (t *keywordTraining) read(ctx context.Context) error {
	for _, s := range []struct {
		to   *[]sound
		from []string
	}{{&t.positives, t.trainKeywordFlags.positives}, {&t.negatives, t.trainKeywordFlags.negatives}, {&t.noise, t.trainKeywordFlags.noise}} {
		var err error
		if *s.to, err = readSounds(ctx, s.from, t.recipe.Rate, everything, t.log); err != nil {
			return err
		}
	}
	return nil
}

// choose is the recordings that a function wants.
func choose(all []sound, want func(string) bool) (some []sound) {
	for _, s := range all {
		if want(s.path) {
			some = append(some, s)
		}
	}
	return some
}

// trialSNR are the conditions that a new model is tested in where there is
// noise, dB.
var trialSNR = []float64{20, 10}

// run trains a network for every round, tests each on what it has not heard,
// and writes the first one, anew after each round: the more was tested, the
// better the threshold. It returns a table for every condition over all rounds.
func (t *keywordTraining) run(ctx context.Context) ([]*wordTable, error) {
	tables := []*wordTable{{Model: t.out, Word: t.word}}
	if len(t.noise) > 0 {
		for i := range trialSNR {
			tables = append(tables, &wordTable{Model: t.out, Word: t.word, SNR: &trialSNR[i]})
		}
	}
	counts := make([][]score.Words, len(tables))
	var first *bptt.Network
	for round := range t.rounds {
		p := part{round, t.folds}
		net, err := t.train(ctx, p)
		if err != nil {
			return nil, err
		}
		if round == 0 {
			first = net
		}
		if err := t.test(ctx, net, p, tables, counts); err != nil {
			return nil, err
		}
		err = t.settle(tables)
		if err == nil {
			err = t.write(first, tables)
		}
		if err != nil && round == t.rounds-1 {
			return nil, err
		}
	}
	return tables, nil
}

// test plays to a network what it has not heard, in every condition.
func (t *keywordTraining) test(ctx context.Context, net *bptt.Network, p part, tables []*wordTable, counts [][]score.Words) error {
	l, err := t.listener(net)
	if err != nil {
		return err
	}
	thresholds := thresholdsWith(t.threshold)
	for i, table := range tables {
		trial := wordTrial{word: t.word, positives: choose(t.positives, p.test), negatives: choose(t.negatives, p.test), seed: t.seed}
		if table.SNR != nil {
			trial.noise, trial.snr = secondHalf(t.noise), *table.SNR
		}
		more, err := trial.count(ctx, l, thresholds)
		if err != nil {
			return err
		}
		if counts[i] == nil {
			counts[i] = more
		} else {
			for k := range more {
				counts[i][k].Merge(&more[k])
			}
		}
		table.Thresholds = wordResults(counts[i], thresholds)
	}
	return nil
}

// leastThreshold is the lowest that is chosen: the word is likelier than not.
const leastThreshold = .5

// settle chooses the threshold by the clean trial.
func (t *keywordTraining) settle(tables []*wordTable) error {
	clean := tables[0].Thresholds[0]
	if clean.Said == 0 || clean.Hours == 0 {
		return fmt.Errorf("of %d recordings of the word and %d without it, %d and %.2f h are held out: give more, or fewer --folds",
			len(t.positives), len(t.negatives), clean.Said, clean.Hours)
	}
	_, least := tables[0].at(leastThreshold)
	chosen, ok := score.AtMost(tables[0].Thresholds[least:], t.falseAlarms)
	if t.threshold > 0 {
		chosen, _ = tables[0].at(t.threshold)
	} else if !ok {
		return fmt.Errorf("no threshold has at most %g false alarms per hour: the network has not learned the word", t.falseAlarms)
	}
	for _, table := range tables {
		table.Chosen, _ = table.at(chosen.Threshold)
	}
	return nil
}

// train trains one network without what is held out.
func (t *keywordTraining) train(ctx context.Context, p part) (*bptt.Network, error) {
	m, unfit := t.recipe.material(choose(t.positives, p.train), choose(t.negatives, p.train), firstHalf(t.noise))
	for _, path := range unfit {
		fmt.Fprintf(t.log, "%s: left out: too short, or the word too long for a window\n", path)
	}
	hop := t.recipe.Encoder.Mel.Hop.Microseconds()
	task, err := recipe.NewTask(recipe.NewComposer(t.recipe.Windows, m, t.seed), t.recipe.Aim, t.recipe.newEar, hop)
	if err != nil {
		return nil, err
	}
	trainer, err := bptt.New(t.recipe.Training)
	if err != nil {
		return nil, err
	}
	epochs := t.recipe.Training.Epochs
	bar, began := newProgress(os.Stderr), time.Now()
	defer bar.finish()
	var last recipe.Round
	net, err := recipe.Train(ctx, trainer, epochs, task, func(r recipe.Round) {
		bar.set(int64(r.Epoch*r.Total+r.Done), int64(epochs*r.Total), fmt.Sprintf("loss %.3f", r.Loss))
		if last = r; r.Done == r.Total && (r.Epoch+1)%10 == 0 {
			left := time.Duration(float64(time.Since(began)) * (1/r.Fraction() - 1))
			fmt.Fprintf(t.log, "round %d of %d, epoch %d of %d: loss %.3f, %.1f %% of windows right, %.0f false/h in its own speech, %v left\n",
				p.fold+1, t.rounds, r.Epoch+1, epochs, r.Loss, 100*r.Accuracy, max(r.Alarms, 0), left.Round(time.Second))
		}
	})
	if err == nil && p.fold == 0 {
		t.figures = trainingFigures{
			clips: len(m.Clips), hours: task.Hours(), epochs: epochs, parameters: net.Parameters(), loss: last.Loss, accuracy: last.Accuracy,
		}
	}
	return net, err
}

// listener is a network as it will be read from its file.
func (t *keywordTraining) listener(net *bptt.Network) (*listener, error) {
	l := &listener{
		trainedEar: trainedEar{t.recipe.Encoder, t.recipe.Rate, t.recipe.Encoder.Mel.Hop, net.Profile()}, folds: t.folds,
		words: keyword.Model{Labels: keywordLabels(t.word), Smooth: t.recipe.Smooth},
	}
	return l, l.lower(net.Graph())
}

// report prints the curve.
func (t *keywordTraining) report(out io.Writer, tables []*wordTable) error {
	for _, table := range tables {
		var err error
		if t.asJSON {
			err = json.NewEncoder(out).Encode(table)
		} else {
			err = table.write(out)
		}
		if err != nil {
			return err
		}
	}
	c := tables[0].Chosen
	if !t.asJSON {
		fmt.Fprintf(out, "%s: threshold %.4f; %s hears the word on standard input\n", t.out, c.Threshold, t.pipelineFile())
	}
	if high := float64(c.FAPerHour95[1]); high > 3*max(t.falseAlarms, 1e-9) {
		fmt.Fprintf(t.log, "note: %.2f h without the word are little to tell %g false alarms per hour: with 95 %% they are below %.1f\n", c.Hours, t.falseAlarms, high)
	}
	return nil
}

// metadata is what the model file says beside the network.
func (t *keywordTraining) metadata(profile string, tables []*wordTable) nir.Metadata {
	labels := keywordLabels(t.word)
	thresholds := make([]float64, len(labels))
	thresholds[recipe.Word] = tables[0].Chosen.Threshold
	tests := nir.Metadata{}
	for _, table := range tables {
		c := table.Chosen
		tests = append(tests, nir.Meta{Key: table.condition(), Value: nir.Metadata{
			{Key: "false_per_hour", Value: number(float64(c.FAPerHour))},
			{Key: "hours", Value: number(c.Hours)},
			{Key: "latency_ms_p90", Value: number(float64(c.Latency.P90))},
			{Key: "missed", Value: number(float64(c.Missed))},
			{Key: "said", Value: number(float64(c.Said))},
		}})
	}
	md := nir.Metadata{
		{Key: "command", Value: text(t.command())},
		{Key: "encoder", Value: settings(&t.recipe.Encoder)},
		{Key: "folds", Value: number(float64(t.folds))},
		{Key: "labels", Value: nir.Text{Shape: []int{len(labels)}, Values: labels}},
		{Key: "profile", Value: text(profile)},
		{Key: "rate_hz", Value: number(float64(t.recipe.Rate))},
		{Key: "smooth_s", Value: number(t.recipe.Smooth.Seconds())},
		{Key: "step_s", Value: number(t.recipe.Training.Step.Seconds())},
		{Key: "test", Value: tests},
		{Key: "thresholds", Value: nir.Float64([]int{len(labels)}, thresholds)},
		{Key: "training", Value: nir.Metadata{
			{Key: "accuracy", Value: number(t.figures.accuracy)},
			{Key: "clips", Value: number(float64(t.figures.clips))},
			{Key: "epochs", Value: number(float64(t.figures.epochs))},
			{Key: "hours_without", Value: number(t.figures.hours)},
			{Key: "loss", Value: number(t.figures.loss)},
			{Key: "parameters", Value: number(float64(t.figures.parameters))},
		}},
	}
	if t.credit != "" {
		md = append(md, nir.Meta{Key: "data", Value: text(t.credit)})
	}
	return slices.Clip(md)
}
