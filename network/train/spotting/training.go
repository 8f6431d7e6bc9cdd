package spotting

import (
	"context"
	"fmt"
	"io"
	"slices"

	"ganglion/network/nir"
	"ganglion/network/score"
	"ganglion/network/sound/hearing"
	"ganglion/network/sound/keyword"
	"ganglion/network/train/bptt"
	"ganglion/network/train/words"
)

// Training is the training of one word, over one or several rounds.
type Training struct {
	Recipe
	Word        string
	Model       string  // file that will be written: its name stands in tables
	FalseAlarms float64 // per hour, wanted
	Threshold   float64 // taken whatever the tests say; 0: chosen
	Folds       int     // one recording in so many is held out
	Rounds      int     // networks, each with another part held out

	Positives, Negatives, Noise []hearing.Recording

	Notes io.Writer                                   // what people should know
	Watch func(round int, r Round)                    // after every batch
	Keep  func(*bptt.Network, []*hearing.Table) error // the first network, with better thresholds after each round

	// Files are where each round is saved after every epoch; with Resume the
	// training continues from there, as if it had never stopped.
	Files  func(round int) bptt.File
	Resume bool

	trunk   *trunk // begun from, or nil
	figures figures
}

// figures is what is kept of the training in the model.
type figures struct {
	clips, epochs, parameters int
	hours, loss, accuracy     float64
}

// trialSNR are the conditions that a new model is tested in where there is
// noise, dB.
var trialSNR = []float64{20, 10}

// Run trains a network for every round, tests each on what it has not heard,
// and keeps the first one, again after each round: the more was tested, the
// better the threshold. It returns a table for every condition over all rounds.
func (t *Training) Run(ctx context.Context) ([]*hearing.Table, error) {
	t.Positives = t.sift(t.Positives)
	tables := []*hearing.Table{{Model: t.Model, Word: t.Word}}
	if len(t.Noise) > 0 {
		for i := range trialSNR {
			tables = append(tables, &hearing.Table{Model: t.Model, Word: t.Word, SNR: &trialSNR[i]})
		}
	}
	counts := make([][]score.Words, len(tables))
	var first *bptt.Network
	for round := range t.Rounds {
		p := Part{round, t.Folds}
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
			err = t.Keep(first, tables)
		}
		if err != nil && round == t.Rounds-1 {
			return nil, err
		}
	}
	return tables, nil
}

// test plays to a network what it has not heard, in every condition.
func (t *Training) test(ctx context.Context, net *bptt.Network, p Part, tables []*hearing.Table, counts [][]score.Words) error {
	l, err := t.listener(net)
	if err != nil {
		return err
	}
	thresholds := keyword.ThresholdsWith(t.Threshold)
	for i, table := range tables {
		trial := hearing.Trial{Word: t.Word, Positives: choose(t.Positives, p.Test), Negatives: choose(t.Negatives, p.Test),
			Seed: t.Training.Seed}
		if table.SNR != nil {
			trial.Noise, trial.SNR = SecondHalf(t.Noise), *table.SNR
		}
		more, err := trial.Run(ctx, l, thresholds)
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
		table.Thresholds = hearing.Results(counts[i], thresholds)
	}
	return nil
}

// settle chooses the threshold by the clean trial. One that misses all that was
// held out is not a choice.
func (t *Training) settle(tables []*hearing.Table) error {
	clean := tables[0].Thresholds[0]
	if clean.Said == 0 || clean.Hours == 0 {
		return fmt.Errorf("of %d recordings of the word and %d without it, %d and %.2f h are held out: give more, or fewer --folds",
			len(t.Positives), len(t.Negatives), clean.Said, clean.Hours)
	}
	chosen, ok := score.AtMost(tables[0].Thresholds, t.FalseAlarms)
	switch {
	case t.Threshold > 0:
		chosen, _ = tables[0].At(t.Threshold)
	case !ok || chosen.Missed == chosen.Said:
		return fmt.Errorf("the network has not learned the word: no threshold hears any of the %d recordings that were held out "+
			"at no more than %g false accepts per hour (%s)", clean.Said, t.FalseAlarms, t.halfway(tables[0]))
	}
	for _, table := range tables {
		table.Chosen, _ = table.At(chosen.Threshold)
	}
	return nil
}

// halfway is the highest threshold that hears half of what was said, and what it
// costs, for those who want to know how far away a word is.
func (t *Training) halfway(table *hearing.Table) string {
	for _, r := range slices.Backward(table.Thresholds) {
		if 2*r.Missed <= r.Said {
			return fmt.Sprintf("at %.3f it hears %d, with %.1f false accepts per hour", r.Threshold, r.Said-r.Missed, r.FAPerHour)
		}
	}
	return "none hears half of them"
}

// train trains one network without what is held out.
func (t *Training) train(ctx context.Context, p Part) (*bptt.Network, error) {
	ear, err := words.NewEar(t.Encoder, t.Rate)
	if err != nil {
		return nil, err
	}
	m, unfit := t.material(ear, choose(t.Positives, p.Train), choose(t.Negatives, p.Train), firstHalf(t.Noise))
	for _, path := range unfit {
		fmt.Fprintf(t.Notes, "%s: left out: too short, or the word too long for a window\n", path)
	}
	hop := t.Encoder.Mel.Hop.Microseconds()
	task, err := newTask(newComposer(t.Windows, m, ear, t.Training.Seed), t.Aim, func() front { return ear.NewFront() }, hop)
	if err != nil {
		return nil, err
	}
	trainer, err := bptt.New(t.Training)
	if err != nil {
		return nil, err
	}
	if t.trunk != nil {
		if err := trainer.Begin(t.trunk.graph, t.trunk.graph.Metadata.Section(normKey)); err != nil {
			return nil, err
		}
	}
	file := t.Files(p.Fold)
	if t.Resume && (p.Fold == 0 || file.Exists()) {
		if err := file.Restore(trainer, task); err != nil {
			return nil, err
		}
	}
	net, err := train(ctx, trainer, t.Training.Epochs, task, func(r Round) { t.Watch(p.Fold, r) }, file.Save)
	if err == nil && p.Fold == 0 {
		t.figures = figures{
			clips: len(m.Clips), hours: task.hours(), epochs: t.Training.Epochs, parameters: net.Parameters(), loss: trainer.Last().Loss,
			accuracy: trainer.Last().Accuracy,
		}
	}
	return net, err
}

// listener is a network as it will be read from its file.
func (t *Training) listener(net *bptt.Network) (*hearing.Listener, error) {
	return hearing.NewListener(t.ear(net), keyword.Model{Labels: labelsOf(t.Word), Smooth: t.Smooth}, net.Graph())
}

func (t *Training) ear(net *bptt.Network) hearing.Ear {
	return hearing.Ear{Encoder: t.Encoder, Rate: t.Rate, Step: t.Encoder.Mel.Hop, Profile: net.Profile()}
}

// Graph is the network with what its file says beside it: the command that makes
// it, and the credit of its recordings, if any.
func (t *Training) Graph(net *bptt.Network, tables []*hearing.Table, command, credit string) *nir.Graph {
	g, ear := net.Graph(), t.ear(net)
	labels := labelsOf(t.Word)
	thresholds := make([]float64, len(labels))
	thresholds[wordClass] = tables[0].Chosen.Threshold
	tests := nir.Metadata{}
	for _, table := range tables {
		c := table.Chosen
		tests = append(tests, nir.Meta{Key: table.Condition(), Value: nir.Metadata{
			{Key: "false_per_hour", Value: nir.Number(float64(c.FAPerHour))},
			{Key: "hours", Value: nir.Number(c.Hours)},
			{Key: "latency_ms_p90", Value: nir.Number(float64(c.Latency.P90))},
			{Key: "missed", Value: nir.Number(float64(c.Missed))},
			{Key: "said", Value: nir.Number(float64(c.Said))},
		}})
	}
	g.Metadata = append(ear.Metadata(), nir.Metadata{
		{Key: "command", Value: nir.String(command)},
		{Key: "folds", Value: nir.Number(float64(t.Folds))},
		{Key: "labels", Value: nir.Text{Shape: []int{len(labels)}, Values: labels}},
		{Key: "smooth_s", Value: nir.Number(t.Smooth.Seconds())},
		{Key: "test", Value: tests},
		{Key: "thresholds", Value: nir.Float64([]int{len(labels)}, thresholds)},
		{Key: "training", Value: nir.Metadata{
			{Key: "accuracy", Value: nir.Number(t.figures.accuracy)},
			{Key: "clips", Value: nir.Number(float64(t.figures.clips))},
			{Key: "epochs", Value: nir.Number(float64(t.figures.epochs))},
			{Key: "hours_without", Value: nir.Number(t.figures.hours)},
			{Key: "loss", Value: nir.Number(t.figures.loss)},
			{Key: "parameters", Value: nir.Number(float64(t.figures.parameters))},
		}},
	}...)
	if t.trunk != nil {
		g.Metadata = append(g.Metadata, nir.Meta{Key: "trunk", Value: nir.Metadata{
			{Key: "hash", Value: nir.String(t.trunk.hash)}, {Key: "name", Value: nir.String(t.trunk.name)},
		}})
	}
	if credit != "" {
		g.Metadata = append(g.Metadata, nir.Meta{Key: "data", Value: nir.String(credit)})
	}
	return g
}
