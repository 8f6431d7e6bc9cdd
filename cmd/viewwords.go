package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"ganglion/cmd/labels"
	"ganglion/pipeline"
	"ganglion/pipeline/config"
	"ganglion/sinks/picture"
)

// soundWords is what a picture of sound shows of the words in it.
type soundWords struct {
	said []picture.Word
	from provenance // of the detections

	// The pipeline that decides for them, nil without --config.
	net      pipeline.Network
	readout  pipeline.Readout
	scored   pipeline.Scored
	activity pipeline.Activity
	found    []pipeline.Detection
	scores   []pipeline.Score // of the last window
	step     int64            // windows of the network are multiples of it, µs

	panel *picture.Words // nil where there is nothing to show
}

// newSoundWords reads the detections and builds what gives the scores.
func newSoundWords(p *config.Pipeline, info pipeline.StreamInfo, shape pipeline.Shape, f viewFlags) (w *soundWords, err error) {
	w = &soundWords{}
	if f.detections != "" {
		ds, err := labels.ReadDetections(f.detections)
		if err != nil {
			return nil, err
		}
		w.take(ds)
		w.from = provenanceOf(ds, pipeline.Recording(info.Content))
	}
	if f.sound.config == "" {
		return w, nil
	}
	if w.net, err = p.Network.Spec.NewNetwork(p.Network.Config, shape); err != nil {
		return nil, usage(err)
	}
	if w.readout, err = p.Readout.Spec.NewReadout(p.Readout.Config, info, w.net.Layers()); err != nil {
		return nil, errors.Join(usage(err), w.net.Close())
	}
	var decides bool
	if w.scored, decides = w.readout.(pipeline.Scored); !decides {
		return w, w.close()
	}
	w.step = 1
	if s, ok := w.net.(pipeline.Stepped); ok {
		w.step = s.WindowStep()
	}
	w.activity.Layers = make([]pipeline.LayerActivity, len(w.net.Layers()))
	w.open()
	return w, nil
}

// open begins the panel.
func (w *soundWords) open() {
	if w.panel == nil {
		w.panel = &picture.Words{Name: "words and their scores"}
	}
}

// take takes the words of a file of detections.
func (w *soundWords) take(ds []pipeline.Detection) {
	for i := range ds {
		if d := &ds[i]; d.Kind.OfSound() {
			w.open()
			w.said = append(w.said, picture.Word{Label: d.Label, From: d.TStart, To: d.TEnd, Score: d.Score})
		}
	}
}

// hear carries a window on to the scores. The rest of a step at the end of a sound
// has none.
func (w *soundWords) hear(ctx context.Context, window pipeline.Window, spikes *pipeline.Spikes) error {
	if w.scored == nil || window.End%w.step != 0 {
		return nil
	}
	w.activity.Window, w.activity.Input = window, spikes
	for i := range w.activity.Layers {
		l := &w.activity.Layers[i]
		l.Spikes.Reset()
		l.SynOps, l.Updates = 0, 0
	}
	if err := w.net.Step(ctx, window, spikes, &w.activity); err != nil {
		return err
	}
	w.found = w.readout.Read(&w.activity, w.found[:0])
	w.scores = w.scored.Scores(w.scores[:0])
	if len(w.panel.Curves) == 0 {
		for _, s := range w.scores {
			w.panel.Curves = append(w.panel.Curves, picture.Line{Name: s.Label})
			w.panel.Thresholds = append(w.panel.Thresholds, s.Threshold)
		}
	}
	w.panel.Times = append(w.panel.Times, window.End)
	for i := range w.panel.Curves {
		w.panel.Curves[i].Values = append(w.panel.Curves[i].Values, w.scores[i].Value)
	}
	return nil
}

// close ends the network.
func (w *soundWords) close() error {
	if w == nil || w.net == nil {
		return nil
	}
	return w.net.Close()
}

// note tells what a person may wonder about.
func (w *soundWords) note(notes io.Writer, file, detections string, from, to int64) {
	if detections == "" {
		return
	}
	w.from.note(notes, file, detections)
	shown := func(said picture.Word) bool { return said.To >= from && said.From < to }
	if !slices.ContainsFunc(w.said, shown) {
		fmt.Fprintf(notes, "%s: note: no detection lies in the time shown\n", detections)
	}
}
