package spotting

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"ganglion/network/nir"
	"ganglion/network/sound/hearing"
	"ganglion/network/sound/keyword"
	"ganglion/network/train/bptt"
	"ganglion/network/train/words"
)

// Trunk is the training of a network that tells many words apart, from whose
// neurons the training of another word begins.
type Trunk struct {
	Recipe
	Words []Said // each with an output of its own

	Negatives, Noise []hearing.Recording

	Notes  io.Writer   // what people should know
	Watch  func(Round) // after every batch
	File   bptt.File   // saved after every epoch
	Resume bool
}

// trunkFolds is the usual number of folds: the speech without the words that
// the first network of a word's training is tested on, the trunk has not heard.
const trunkFolds = 5

// Said is recordings of one word.
type Said struct {
	Word       string
	Recordings []hearing.Recording
}

// NewDefaultTrunkRecipe is the recipe of a trunk: that of a word, with shorter
// windows, of which fewer are without a word, for each word is what the others
// are not.
func NewDefaultTrunkRecipe() Recipe {
	r := NewDefaultRecipe()
	r.Training.Epochs, r.Windows.Frames, r.Windows.PreRoll, r.Windows.Others = 24, 200, 100, .3
	r.Windows.Listen = 20_000
	return r
}

// Settle derives what follows from the rest of the recipe and from the words.
func (t *Trunk) Settle() error {
	err := t.Recipe.Settle()
	t.Training.Classes = wordClass + len(t.Words)
	return err
}

// Run trains the network on all the recordings of the words, and on the speech
// without them that a word's training does not hold out. It returns the network
// and how the last epoch went.
func (t *Trunk) Run(ctx context.Context) (*bptt.Network, bptt.Progress, error) {
	var last bptt.Progress
	ear, err := words.NewEar(t.Encoder, t.Rate)
	if err != nil {
		return nil, last, err
	}
	m, unfit := t.material(ear, nil, choose(t.Negatives, Part{0, trunkFolds}.Train), firstHalf(t.Noise))
	for i, w := range t.Words {
		of, bad := t.material(ear, w.Recordings, nil, nil)
		for k := range of.Clips {
			of.Clips[k].Word = i
		}
		m.Clips, unfit = append(m.Clips, of.Clips...), append(unfit, bad...)
		if len(of.Clips) == 0 {
			return nil, last, fmt.Errorf("%q: no recording is left to learn from", w.Word)
		}
	}
	for _, path := range unfit {
		fmt.Fprintf(t.Notes, "%s: left out: too short, or the word too long for a window\n", path)
	}
	task, err := newTask(newComposer(t.Windows, m, ear, t.Training.Seed), t.Aim, func() front { return ear.NewFront() },
		t.Encoder.Mel.Hop.Microseconds())
	if err != nil {
		return nil, last, err
	}
	trainer, err := bptt.New(t.Training)
	if err != nil {
		return nil, last, err
	}
	if t.Resume {
		if err := t.File.Restore(trainer, task); err != nil {
			return nil, last, err
		}
	}
	net, err := train(ctx, trainer, t.Training.Epochs, task, t.Watch, t.File.Save)
	return net, trainer.Last(), err
}

// normKey is the section of a trunk's metadata that has what batch norm had.
const normKey = "norm"

// Graph is the network with what its file says beside it: what a training needs
// to begin from it, the command that makes it, and the credit of its recordings,
// if any.
func (t *Trunk) Graph(net *bptt.Network, last bptt.Progress, command, credit string) *nir.Graph {
	g := net.Graph()
	ear := hearing.Ear{Encoder: t.Encoder, Rate: t.Rate, Step: t.Encoder.Mel.Hop, Profile: net.Profile()}
	labels := labelsOf("")[:wordClass]
	clips := 0
	for _, w := range t.Words {
		labels, clips = append(labels, w.Word), clips+len(w.Recordings)
	}
	g.Metadata = append(ear.Metadata(), nir.Metadata{
		{Key: "command", Value: nir.String(command)},
		{Key: "labels", Value: nir.Text{Shape: []int{len(labels)}, Values: labels}},
		{Key: normKey, Value: net.Norms()},
		{Key: "smooth_s", Value: nir.Number(t.Smooth.Seconds())},
		{Key: "training", Value: nir.Metadata{
			{Key: "accuracy", Value: nir.Number(last.Accuracy)},
			{Key: "clips", Value: nir.Number(float64(clips))},
			{Key: "epochs", Value: nir.Number(float64(t.Training.Epochs))},
			{Key: "loss", Value: nir.Number(last.Loss)},
			{Key: "parameters", Value: nir.Number(float64(net.Parameters()))},
		}},
	}...)
	if credit != "" {
		g.Metadata = append(g.Metadata, nir.Meta{Key: "data", Value: nir.String(credit)})
	}
	return g
}

// trunk is a network that a training begins from.
type trunk struct {
	graph      *nir.Graph
	name, hash string
}

// Begin makes a training, whose recipe is settled, begin from the trunk of a
// file. It is an error where that hears otherwise than the recipe or has layers
// of other sizes; the training then begins from scratch.
func (t *Training) Begin(path string) error {
	file, err := nir.ReadFile(path, nir.Options{})
	if err != nil {
		return err
	}
	m, err := keyword.ReadModel(path)
	if err != nil {
		return err
	}
	if err := t.fits(file.Graph); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	t.trunk = &trunk{file.Graph, filepath.Base(path), m.Hash}
	return nil
}

// fits reports why a training cannot begin from a network.
func (t *Training) fits(g *nir.Graph) error {
	ear, err := hearing.ReadEar(g.Metadata)
	if err != nil {
		return err
	}
	if mine := (hearing.Ear{Encoder: t.Encoder, Rate: t.Rate, Step: t.Encoder.Mel.Hop, Profile: ear.Profile}); ear != mine {
		return errors.New("it was trained behind another ear: encoder, rate or step differ")
	}
	trainer, err := bptt.New(t.Training)
	if err != nil {
		return err
	}
	return trainer.Begin(g, g.Metadata.Section(normKey))
}
