package hearing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ganglion/encoders/cochlea"
	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/network/sound/keyword"
	"ganglion/pipeline"
)

// Listener is a network that hears words in a stream, with its ear.
type Listener struct {
	Ear
	Folds   int // of which fold 0 was held out of training; 0: nothing is known
	Words   keyword.Model
	Lowered *nirnet.Lowered
}

// ReadListener reads a model that `train keyword` wrote.
func ReadListener(path string) (*Listener, error) {
	m, err := nir.ReadFile(path, nir.Options{})
	if err != nil {
		return nil, err
	}
	ear, err := ReadEar(m.Graph.Metadata)
	if err != nil {
		return nil, fmt.Errorf("%s: metadata: %w", path, err)
	}
	words, err := keyword.ReadModel(path)
	if err != nil {
		return nil, err
	}
	l, err := NewListener(ear, words, m.Graph)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	l.Folds = int(m.Graph.Metadata.Number("folds"))
	return l, nil
}

// NewListener makes the listener of a network.
func NewListener(ear Ear, words keyword.Model, g *nir.Graph) (*Listener, error) {
	lowered, err := nirnet.Lower(g, ear.Profile, ear.Step)
	return &Listener{Ear: ear, Words: words, Lowered: lowered}, err
}

// Word is the word that is meant by a name: itself, or the only one for "".
func (l *Listener) Word(name string) (string, error) {
	var words []string
	for _, label := range l.Words.Labels {
		if keyword.IsWord(label) {
			words = append(words, label)
		}
	}
	switch {
	case name != "" && !slices.Contains(words, name):
		return "", fmt.Errorf("--word %s: the model hears %s", name, strings.Join(words, ", "))
	case name == "" && len(words) != 1:
		return "", fmt.Errorf("--word is required: the model hears %s", strings.Join(words, ", "))
	case name == "":
		return words[0], nil
	}
	return name, nil
}

// batchSteps is how many steps a Listener goes through at a time.
const batchSteps = 20

// Listen plays sound as a pipeline would, with the tail of silence behind it, to
// readouts side by side, all of which hear the same network, and returns what
// each detects.
func (l *Listener) Listen(ctx context.Context, pcm []float32, configs []keyword.Config) (found [][]pipeline.Detection, err error) {
	enc, err := cochlea.New(l.Encoder, pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: l.Rate, Channels: 1})
	if err != nil {
		return nil, err
	}
	net, err := network.New(l.Lowered.Spec, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	layers := net.Layers()
	var readouts []*keyword.Readout
	for _, c := range configs {
		r, err := keyword.New(c, layers)
		if err != nil {
			return nil, err
		}
		readouts = append(readouts, r)
	}
	found = make([][]pipeline.Detection, len(readouts))
	var spikes pipeline.Spikes
	act := pipeline.Activity{Input: &spikes, Layers: make([]pipeline.LayerActivity, len(layers))}
	stream := pipeline.StreamInfo{SampleRate: l.Rate}
	end, frame, window := readouts[0].Tail(stream.FrameTime(int64(len(pcm)))), int64(0), batchSteps*l.Step.Microseconds()
	pcm = append(slices.Clip(pcm), make([]float32, stream.FrameAt(end)-int64(len(pcm)))...)
	for start := int64(0); len(pcm) > 0; start += window {
		b := pipeline.Batch{Window: pipeline.Window{Start: start, End: min(start+window, end)}, FrameIndex: frame}
		n := stream.FrameAt(b.End) - frame
		b.PCM, pcm, frame = pcm[:n], pcm[n:], frame+n
		spikes.Reset()
		if _, err := enc.Encode(&b, &spikes); err != nil {
			return nil, err
		}
		act.Window = b.Window
		for i := range act.Layers {
			act.Layers[i].Spikes.Reset()
		}
		if err := net.Step(ctx, b.Window, &spikes, &act); err != nil {
			return nil, err
		}
		for i, r := range readouts {
			found[i] = r.Read(&act, found[i])
		}
	}
	for i, r := range readouts {
		found[i] = r.Flush(found[i])
	}
	return found, nil
}

// Configs are a readout for each threshold of one word.
func (l *Listener) Configs(word string, thresholds []float64) []keyword.Config {
	all := make([]keyword.Config, len(thresholds))
	for i, t := range thresholds {
		c := keyword.NewDefaultConfig()
		c.Labels, c.Smooth = l.Words.Labels, l.Words.Smooth
		c.Words = []keyword.Word{{Label: word, Threshold: t}}
		all[i] = c
	}
	return all
}
