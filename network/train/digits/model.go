package digits

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"ganglion/encoders/cochlea"
	"ganglion/internal/random"
	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/network/score"
	"ganglion/network/sound/hearing"
	"ganglion/network/train/bptt"
	"ganglion/network/train/words"
	"ganglion/pipeline"
)

// Model is a network of words and the ear it was trained with.
type Model struct {
	hearing.Ear
	Labels []string
	Window time.Duration
	Graph  *nir.Graph
	Pool   bptt.Pool
}

// ReadModel reads a model that `train digits` wrote.
func ReadModel(path string) (*Model, error) {
	file, err := nir.ReadFile(path, nir.Options{})
	if err != nil {
		return nil, err
	}
	md := file.Graph.Metadata
	m := &Model{Labels: md.Texts("labels"), Window: md.Seconds("window_s"), Graph: file.Graph, Pool: bptt.Pool(md.Text("decision"))}
	m.Ear, err = hearing.ReadEar(md)
	if err == nil && (len(m.Labels) == 0 || m.Window < m.Step) {
		err = errors.New("labels or window_s is missing: train digits did not write this")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: metadata: %w", path, err)
	}
	return m, nil
}

// Test runs words in noise, snr dB below them, through the encoder and the
// engine.
func (m *Model) Test(ctx context.Context, all []Word, snr float64, seed uint64) (*score.Classes, error) {
	lowered, err := nirnet.Lower(m.Graph, m.Profile, m.Step)
	if err != nil {
		return nil, err
	}
	c := score.NewClasses(m.Labels)
	for i, w := range all {
		label := slices.Index(m.Labels, w.Label)
		if label < 0 {
			return nil, fmt.Errorf("%s: the model does not know the label %q", w.Path, w.Label)
		}
		pcm := words.InNoise(w.PCM, int(m.Window.Seconds()*float64(m.Rate)), m.Rate, snr, random.New(seed).With(uint64(i)))
		s, steps, err := hear(m.Encoder, pcm, m.Rate)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Path, err)
		}
		decision := 0
		_, err = nirnet.Infer(ctx, lowered, 1, &s, 0, steps, func(layers []pipeline.Layer, a *pipeline.Activity) error {
			for i, l := range layers {
				if l.Name == lowered.Output {
					decision = m.Pool.Decide(a.Layers[i].Spikes.Values, len(m.Labels))
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Path, err)
		}
		c.Add(label, decision)
	}
	return c, nil
}

// hear is a sound as spikes, from the first whole step on, and how many steps
// it takes.
func hear(c cochlea.Config, pcm []float32, rate int) (s pipeline.Spikes, steps int, err error) {
	e, err := cochlea.New(c, pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: rate, Channels: 1})
	if err != nil {
		return s, 0, err
	}
	b := pipeline.Batch{PCM: pcm}
	b.End = math.MaxInt64
	if _, err := e.Encode(&b, &s); err != nil {
		return s, 0, err
	}
	return s, int(int64(len(pcm)) * 1_000_000 / int64(rate) / c.Mel.Hop.Microseconds()), nil
}

// Describe is what the file says about the model, for [ReadModel] and people:
// the command that makes it, the credit of its recordings, if any, and how its
// training went.
func (m *Model) Describe(command, credit string, t *Result) nir.Metadata {
	test := nir.Metadata{}
	for _, r := range t.Test {
		test = append(test, nir.Meta{Key: fmt.Sprintf("accuracy_%g_db", r.SNR), Value: nir.Number(r.Accuracy)})
	}
	if len(t.Test) > 0 {
		test = append(test, nir.Meta{Key: "words", Value: nir.Number(float64(t.Test[0].N))})
	}
	md := append(m.Ear.Metadata(), nir.Metadata{
		{Key: "command", Value: nir.String(command)},
		{Key: "decision", Value: nir.String(string(m.Pool))},
		{Key: "labels", Value: nir.Text{Shape: []int{len(m.Labels)}, Values: m.Labels}},
		{Key: "test", Value: test},
		{Key: "training", Value: nir.Metadata{
			{Key: "accuracy", Value: nir.Number(t.Accuracy)},
			{Key: "epochs", Value: nir.Number(float64(t.Epochs))},
			{Key: "loss", Value: nir.Number(t.Loss)},
			{Key: "parameters", Value: nir.Number(float64(t.Parameters))},
			{Key: "words", Value: nir.Number(float64(t.Examples))},
		}},
		{Key: "window_s", Value: nir.Number(m.Window.Seconds())},
	}...)
	if credit != "" {
		md = append(md, nir.Meta{Key: "data", Value: nir.String(credit)})
	}
	return md
}
