package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ganglion/encoders/cochlea"
	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/network/sound/keyword"
	"ganglion/pipeline"
)

// listener is a network of words and the ear that it was trained with.
type listener struct {
	trainedEar
	folds   int // of which fold 0 was held out of training; 0: nothing is known
	words   keyword.Model
	lowered *nirnet.Lowered
}

// readListener reads a model that train keyword wrote.
func readListener(path string) (*listener, error) {
	m, err := nir.ReadFile(path, nir.Options{})
	if err != nil {
		return nil, err
	}
	l := &listener{}
	if l.words, err = keyword.ReadModel(path); err != nil {
		return nil, err
	}
	if err := l.describe(m.Graph.Metadata); err != nil {
		return nil, fmt.Errorf("%s: metadata: %w", path, err)
	}
	l.folds = int(numberOf(m.Graph.Metadata, "folds"))
	if err := l.lower(m.Graph); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

func (l *listener) lower(g *nir.Graph) (err error) {
	l.lowered, err = nirnet.Lower(g, l.profile, l.step)
	return err
}

// batchSteps is how many steps a listener goes through at a time.
const batchSteps = 20

// listen plays sound as a pipeline would, with the tail of silence behind it, to
// readouts side by side, all of which hear the same network, and returns what
// each detects.
func (l *listener) listen(ctx context.Context, pcm []float32, configs []keyword.Config) (found [][]pipeline.Detection, err error) {
	enc, err := cochlea.New(l.encoder, pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: l.rate, Channels: 1})
	if err != nil {
		return nil, err
	}
	net, err := network.New(l.lowered.Spec, 1)
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
	stream := pipeline.StreamInfo{SampleRate: l.rate}
	end, frame, window := readouts[0].Tail(stream.FrameTime(int64(len(pcm)))), int64(0), batchSteps*l.step.Microseconds()
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

// configs are a readout for each threshold of one word.
func (l *listener) configs(word string, thresholds []float64) []keyword.Config {
	all := make([]keyword.Config, len(thresholds))
	for i, t := range thresholds {
		c := keyword.Default
		c.Labels, c.Smooth = l.words.Labels, l.words.Smooth
		c.Words = []keyword.Word{{Label: word, Threshold: t}}
		all[i] = c
	}
	return all
}
